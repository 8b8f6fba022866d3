"""A client of the control API of the simulated OMS; `SandboxControl.vtex` is one."""

from collections.abc import Iterable
from dataclasses import asdict

from worker.sandbox.control_calls import ControlCalls
from worker.sandbox.vtex.bodies import (
    ConnectorConfig,
    HookConfig,
    ItemsChange,
    NewOmsOrder,
    NewPackage,
    Tracking,
    VtexKeys,
)


class VtexControl:
    """Steers the OMS. What changes an order returns its status.

    Every method raises `SandboxError` if the sandbox refuses.
    """

    def __init__(self, call: ControlCalls) -> None:
        self._call = call

    def register_account(self, account: str, app_key: str, app_token: str) -> None:
        """Add an account, or give a known one new keys."""
        keys = VtexKeys(account=account, app_key=app_key, app_token=app_token)
        self._call("POST", "/vtex/accounts", asdict(keys))

    def register_orders(self, account: str, orders: Iterable[NewOmsOrder]) -> None:
        """Add orders to an account, all or none; each is announced."""
        self._call("POST", "/vtex/orders", {"account": account, "orders": [asdict(order) for order in orders]})

    def invoice(self, account: str, order_id: str, package: NewPackage) -> str:
        """Add an invoice, or replace the one of its number."""
        return self._change("packages", account, order_id, package=asdict(package))

    def track(self, account: str, order_id: str, tracking: Tracking) -> str:
        """Fill in an invoice's tracking: the same invoice is pushed again with it."""
        return self._change("tracking", account, order_id, tracking=asdict(tracking))

    def push_again(self, account: str, order_id: str, number: str) -> str:
        """Push an invoice as it is once more."""
        return self._change("pushes", account, order_id, number=number)

    def cancel(self, account: str, order_id: str, reason: str = "Sem estoque") -> str:
        """Cancel an order; once more if it is canceled."""
        return self._change("cancels", account, order_id, reason=reason)

    def change_items(self, account: str, order_id: str, change: ItemsChange) -> str:
        """Add lines to an order and remove units from it."""
        return self._change("changes", account, order_id, change=asdict(change))

    def force_status(self, account: str, order_id: str, status: str) -> str:
        """Give an order a status whatever its items say, such as `invoiced`."""
        return self._change("statuses", account, order_id, status=status)

    def configure_feed(self, account: str, *, configured: bool = True) -> None:
        """Give an account a feed, or take it away with all that waits in it."""
        self._call("PUT", "/vtex/feed", {"account": account, "configured": configured})

    def configure_hook(self, account: str, hook: HookConfig | None) -> None:
        """Have changes sent to a hook that answers the ping with 200; none: nowhere."""
        self._call("PUT", "/vtex/hook", {"account": account, "hook": hook and asdict(hook)})

    def configure_connector(self, account: str, connector: ConnectorConfig | None) -> None:
        """Have invoices and cancels pushed to a connector; none: nowhere."""
        self._call("PUT", "/vtex/connector", {"account": account, "connector": connector and asdict(connector)})

    def _change(self, kind: str, account: str, order_id: str, **rest: object) -> str:
        body = {"account": account, "order_id": order_id, **rest}
        status: str = self._call("POST", f"/vtex/{kind}", body)["status"]
        return status
