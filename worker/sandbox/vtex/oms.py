"""The simulated OMS: its accounts and their orders, and who is told of what happens to them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from worker.sandbox.deliveries import Deliveries
from worker.sandbox.moments import stamp, ticks
from worker.sandbox.refusals import ConflictError, UnknownError, require_new
from worker.sandbox.settings import Settings
from worker.sandbox.vtex import messages, orders
from worker.sandbox.vtex.bodies import (
    ConnectorConfig,
    HookConfig,
    ItemsChange,
    NewOmsOrder,
    NewPackage,
    Tracking,
    VtexKeys,
)
from worker.sandbox.vtex.feed import Change, Feed, stateless
from worker.sandbox.vtex.orders import OmsOrder
from worker.sandbox.vtex.packages import Package

Follower = Callable[[str, OmsOrder], None]
"""Called with account and order after each change, before anybody is told."""


@dataclass
class VtexAccount:
    """A VTEX account: its keys, its orders, and whom it tells."""

    keys: VtexKeys
    orders: dict[str, OmsOrder] = field(default_factory=dict)
    feed: Feed | None = None
    hook: HookConfig | None = None
    connector: ConnectorConfig | None = None


class Oms:
    """Every change of an order goes through here, so that feed, hook and connector learn of it."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        clock: Callable[[], float],
        deliveries: Deliveries,
        follow: Follower,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._deliveries = deliveries
        self._follow = follow
        self._unix_zero = time.time() - clock()
        self.reset()

    def reset(self) -> None:
        """Forget all accounts."""
        self.accounts: dict[str, VtexAccount] = {}
        self._last_moment = 0
        self._events = 0

    def register_account(self, keys: VtexKeys) -> int:
        """Add an account, or give a known one new keys; return how many there are."""
        self.accounts.setdefault(keys.account, VtexAccount(keys)).keys = keys
        return len(self.accounts)

    def account(self, name: str) -> VtexAccount:
        """Return a registered account.

        Raises `UnknownError`.
        """
        if name not in self.accounts:
            raise UnknownError(f"no VTEX account {name}")
        return self.accounts[name]

    def order(self, name: str, order_id: str) -> OmsOrder:
        """Return an order of an account.

        Raises `UnknownError`.
        """
        if order_id not in self.account(name).orders:
            raise UnknownError(f"no order {order_id} in VTEX account {name}")
        return self.accounts[name].orders[order_id]

    def register(self, name: str, new_orders: Sequence[NewOmsOrder]) -> None:
        """Add orders, all or none; each is announced.

        Raises `ConflictError` and `UnknownError`.
        """
        account = self.account(name)
        self.require_new(name, new_orders)
        for new in new_orders:
            order = orders.new_order(new, len(account.orders), self._moment())
            account.orders[order.order_id] = order
            self._announce(account, order, None)

    def require_new(self, name: str, new_orders: Sequence[NewOmsOrder]) -> None:
        """Raise `ConflictError` if one of these orders is known, or comes twice."""
        require_new(self.account(name).orders, [new.order_id for new in new_orders])

    def invoice(self, name: str, order_id: str, new: NewPackage) -> None:
        """Register an invoice, and push it to the connector."""
        account, order, before = self._found(name, order_id)
        package = orders.add_package(order, new, stamp(self._moment(), "+00:00"))
        if not new.silent:
            self._push(account, order, package)
        self._changed(account, order, before, silent=new.silent)

    def track(self, name: str, order_id: str, tracking: Tracking) -> None:
        """Fill in an invoice's tracking, and push the same invoice with it."""
        account, order, before = self._found(name, order_id)
        self._push(account, order, orders.track(order, tracking))
        self._changed(account, order, before)

    def push_again(self, name: str, order_id: str, number: str) -> None:
        """Push an invoice as it is once more; nothing changes."""
        account, order, _ = self._found(name, order_id)
        self._push(account, order, order.package(number))
        self._follow(name, order)

    def cancel(self, name: str, order_id: str, reason: str) -> None:
        """Cancel an order, and push the cancel; announced again if it was canceled before."""
        account, order, before = self._found(name, order_id)
        orders.cancel(order, reason, self._moment())
        if account.connector:
            self._deliveries.send(messages.cancel_push(name, account.connector, order, reason))
        self._changed(account, order, before)

    def change_items(self, name: str, order_id: str, change: ItemsChange) -> None:
        """Change an order's items."""
        account, order, before = self._found(name, order_id)
        orders.change_items(order, change, self._moment())
        self._changed(account, order, before)

    def force_status(self, name: str, order_id: str, status: str) -> None:
        """Give an order a status, whatever its items say; announced even if it is the one it has."""
        account, order, before = self._found(name, order_id)
        order.status = status
        self._changed(account, order, before)

    def configure_feed(self, name: str, *, configured: bool) -> None:
        """Give an account a feed, or take it away with all that waits; a feed that it has stays as it is."""
        account = self.account(name)
        account.feed = (account.feed or Feed()) if configured else None

    def configure_connector(self, name: str, connector: ConnectorConfig | None) -> None:
        """Say where an account's invoices and cancels are pushed; none: nowhere."""
        self.account(name).connector = connector

    async def configure_hook(self, name: str, hook: HookConfig | None) -> None:
        """Try a hook with a ping, and configure it if it answered 200; none takes the hook away.

        Raises `ConflictError`.
        """
        account = self.account(name)
        if hook is not None:
            timeout = self._deliveries.rules["hook"].timeout_seconds
            ping = await self._deliveries.attempt(messages.ping(account.keys, hook), timeout)
            if not ping.accepted:
                raise ConflictError(f"the ping must get 200, but got: {ping.answer}")
        account.hook = hook

    def _found(self, name: str, order_id: str) -> tuple[VtexAccount, OmsOrder, str]:
        order = self.order(name, order_id)
        return self.accounts[name], order, order.status

    def _changed(self, account: VtexAccount, order: OmsOrder, before: str, *, silent: bool = False) -> None:
        self._follow(account.keys.account, order)
        if silent:
            order.changed_at = self._moment()
        else:
            self._announce(account, order, before)

    def _announce(self, account: VtexAccount, order: OmsOrder, before: str | None) -> None:
        self._events += 1
        last_change, order.changed_at = order.changed_at, self._moment()
        change = Change(
            event_id=f"{self._events:032X}",
            order_id=order.order_id,
            state=order.status,
            last_state=before,
            last_change=last_change,
            current_change=order.changed_at,
        )
        settings = self._settings()
        if account.feed and not settings.feed_lost:
            account.feed.put(change, twice=settings.feed_twice)
        if account.hook:
            shown = stateless(change) if settings.null_states else change
            self._deliveries.send(messages.hook_call(account.keys, account.hook, shown))

    def _push(self, account: VtexAccount, order: OmsOrder, package: Package) -> None:
        if account.connector:
            package.pushed = package.pushed or not self._deliveries.rules["connector"].lost
            name = account.keys.account
            self._deliveries.send(messages.invoice_push(name, account.connector, order, package))

    def _moment(self) -> int:
        """Return now in ticks; no two moments are the same."""
        now = ticks(self._unix_zero + self._clock())
        self._last_moment = max(now, self._last_moment + 1)
        return self._last_moment
