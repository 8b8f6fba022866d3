"""A client of the control API of the simulated Pick and Pack; `SandboxControl.pick_and_pack` is one."""

from collections.abc import Iterable
from dataclasses import asdict

from worker.sandbox.control_calls import ControlCalls
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, PickAndPackKeys, PickingChange, WebhookConfig


class PickAndPackControl:
    """Steers Pick and Pack.

    Every method raises `SandboxError` if the sandbox refuses.
    """

    def __init__(self, call: ControlCalls) -> None:
        self._call = call

    def register_account(self, account: str, api_key: str) -> None:
        """Add an account, or give a known one a new API key."""
        keys = PickAndPackKeys(account=account, api_key=api_key)
        self._call("POST", "/pick-and-pack/accounts", asdict(keys))

    def register_orders(self, account: str, orders: Iterable[NewPickingOrder]) -> None:
        """Add orders, all or none; nobody is told."""
        body = {"account": account, "orders": [asdict(order) for order in orders]}
        self._call("POST", "/pick-and-pack/orders", body)

    def change(self, account: str, order_ids: Iterable[str], change: PickingChange) -> None:
        """Change orders, all or none."""
        body = {"account": account, "order_ids": list(order_ids), "change": asdict(change)}
        self._call("PATCH", "/pick-and-pack/orders", body)

    def set_status(self, account: str, order_id: str, status: str, *, notify: bool = True) -> None:
        """Give an order a status, listed or not, and tell the webhook."""
        self.change(account, [order_id], PickingChange(status=status, notify=notify))

    def expire_tokens(self, account: str) -> None:
        """Let all tokens of an account expire now."""
        self._call("POST", "/pick-and-pack/expiries", {"account": account})

    def configure_webhook(self, account: str, webhook: WebhookConfig | None) -> None:
        """Have statuses sent to a URL; none: nowhere."""
        self._call("PUT", "/pick-and-pack/webhook", {"account": account, "webhook": webhook and asdict(webhook)})
