"""Everything the simulated outside world holds in memory, shared by its services' calls and the control API."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from itertools import chain
from typing import Any

from worker.sandbox.answers import Sleep
from worker.sandbox.deliveries import Deliveries
from worker.sandbox.faults import FaultBook
from worker.sandbox.forms import build
from worker.sandbox.limits import RateLimiter
from worker.sandbox.pick_and_pack.service import PickAndPack
from worker.sandbox.refusals import UnknownError
from worker.sandbox.report import Calls, Report, make_report, with_deliveries
from worker.sandbox.sales import Sales
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub.account import Credentials, Seller
from worker.sandbox.skyhub.orders import Order, OrderChange
from worker.sandbox.vtex.oms import Oms

Clock = Callable[[], float]


class Sandbox:
    """The accounts with their orders, the settings, the planned faults and the counts."""

    def __init__(self, settings: Settings, clock: Clock, sleep: Sleep) -> None:
        """Start empty; `clock` counts monotonic seconds, and `settings` are what a reset returns to."""
        self.clock = clock
        self.sleep = sleep
        self.deliveries = Deliveries(sleep)
        self.sales = Sales(clock)
        self.oms = Oms(lambda: self.settings, clock, self.deliveries, self.sales.follow)
        self.pick_and_pack = PickAndPack(clock, self.deliveries)
        self._initial_settings = settings
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.settings = self._initial_settings
        self.sellers: dict[str, Seller] = {}
        self._own_settings: dict[str, dict[str, Any]] = {}
        self.faults = FaultBook()
        self.limiter = RateLimiter()
        self.calls: Calls = Calls()
        for part in (self.deliveries, self.sales, self.oms, self.pick_and_pack):
            part.reset()

    def register_account(self, credentials: Credentials) -> int:
        """Add an account, or give a known one new keys; return how many there are."""
        self.sellers.setdefault(credentials.user_email, Seller(credentials)).credentials = credentials
        return len(self.sellers)

    def seller(self, account: str) -> Seller:
        """Return a registered account.

        Raises `UnknownError`.
        """
        if account not in self.sellers:
            raise UnknownError(f"no account {account}")
        return self.sellers[account]

    def settings_of(self, account: str) -> Settings:
        """Return the settings with those that this account has of its own."""
        own = self._own_settings.get(account)
        return replace(self.settings, **own) if own else self.settings

    def change_settings(self, changes: dict[str, object], account: str | None = None) -> None:
        """Change settings for all, or for one account of SkyHub's alone.

        Raises `FormError` and `UnknownError`.
        """
        known = self.settings if account is None else self.settings_of(self.seller(account).credentials.user_email)
        changed = build(Settings, asdict(known) | changes)
        if account is None:
            self.settings = changed
        else:
            own = self._own_settings.setdefault(account, {})
            own |= {name: getattr(changed, name) for name in changes}

    def change_orders(self, codes: Iterable[str], change: OrderChange, account: str | None) -> int:
        """Change orders, all or none, in one account or wherever a code is known; return how many.

        Raises `UnknownError`.
        """
        sellers = self._chosen(account)
        found: list[tuple[Seller, Order]] = []
        for code in codes:
            matches = [(seller, order) for seller in sellers if (order := seller.find(code))]
            if not matches:
                raise UnknownError(f"no order {code}")
            found += matches
        for seller, order in found:
            seller.change(order, change, self.clock())
        return len(found)

    def report(self, account: str | None) -> Report:
        """Judge one account, or all; an account of any of the three services.

        Raises `UnknownError`.
        """
        sellers = [] if self._is_elsewhere(account) else self._chosen(account)
        orders = chain.from_iterable(seller.orders.values() for seller in sellers)
        calls = {key: count for key, count in self.calls.items() if account in (None, key[0])}
        report = with_deliveries(make_report(orders, calls, time.time() - self.clock()), self.deliveries.books, account)
        feeds = [known.feed for name, known in self.oms.accounts.items() if account in (None, name)]
        picking = [known for name, known in self.pick_and_pack.accounts.items() if account in (None, name)]
        return replace(
            report,
            feed_waiting=sum(feed.waiting for feed in feeds if feed),
            tokens_issued=sum(len(known.tokens) for known in picking),
        )

    def _is_elsewhere(self, account: str | None) -> bool:
        """Tell whether the account is none of SkyHub's, but the OMS's or Pick and Pack's."""
        elsewhere = self.oms.accounts.keys() | self.pick_and_pack.accounts.keys()
        return account in elsewhere and account not in self.sellers

    def _chosen(self, account: str | None) -> list[Seller]:
        return list(self.sellers.values()) if account is None else [self.seller(account)]
