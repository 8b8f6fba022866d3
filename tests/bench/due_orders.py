"""Orders that wait for their requests at once, among some that must not be requested, and the verdict on both."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from tests.bench.figures import BrokenPromiseError
from tests.bench.stage import fill, timed, wake
from tests.fixtures.deployment import account
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, all_events, sales
from worker.adapters.native_event import read
from worker.adapters.redis_ledger.keys import Keys
from worker.domain.order import Status
from worker.entrypoints.hints import send
from worker.ports import Drain
from worker.sandbox.report import Report

_SELDOM_SECONDS = 0.1

_ACCEPTED = {"200", "201"}


@dataclass(slots=True)
class DueOrders:
    """Complete orders by Direct (`due`), orders that lack an invoice though SkyHub lists them, and ones by Correios."""

    due: list[Sale] = field(default_factory=list)
    incomplete: list[Sale] = field(default_factory=list)
    correios: list[Sale] = field(default_factory=list)

    @classmethod
    def of(cls, store: str, count: int, others: int) -> Self:
        """Return so many due orders of a store, and `others` of each other kind."""
        return cls(sales(store, count), sales(store, others), sales(store, others, carrier="correios"))

    def enter(self, service: RunningService, store: str) -> None:
        """Make the orders known to SkyHub, and their invoices to the store, which must be held.

        Nothing can be requested before the last invoice is in the inbox: so the complete ones are registered as such.
        """
        complete = [replace(sale.at_skyhub(), complete=True) for sale in [*self.due, *self.correios]]
        lacking = [sale.at_skyhub() for sale in self.incomplete]
        service.sandbox.register_orders(account(store), [*complete, *lacking])
        told = [*all_events([*self.due, *self.correios]), *(sale.event(0) for sale in self.incomplete)]
        fill(service, store, [read(event).event for event in told])
        wake(service, store)

    def judge(self, report: Report) -> None:
        """Check the promises by what SkyHub saw; raises `BrokenPromiseError`."""
        if report.violations:
            raise BrokenPromiseError({name: codes[:3] for name, codes in report.violations.items()})
        wrong = [sale.code for sale in self.due if len(report.accepted.get(sale.code, ())) != 1]
        if wrong:
            raise BrokenPromiseError(f"{len(wrong)} due orders are not requested once, {wrong[0]} for one")
        guilty = [sale.code for sale in [*self.incomplete, *self.correios] if sale.code in report.accepted]
        # A request by the wrong carrier is refused, so that only its answer shows it.
        refused = report.calls.get("confirm", {}).keys() - _ACCEPTED - {"429"}
        if guilty or refused:
            raise BrokenPromiseError(f"requested though they must not be: {guilty[:3]}; answers {sorted(refused)}")


def count(service: RunningService, stores: Sequence[str], status: Status) -> int:
    """Return how many orders of these stores stand in a status."""
    with service.service.redis.pipeline(transaction=False) as pipe:
        for store in stores:
            pipe.zcard(Keys(store).orders(status))
        return sum(pipe.execute())


def await_count(service: RunningService, stores: Sequence[str], status: Status, expected: int) -> None:
    """Wait until so many orders stand in a status. Looks seldom: SkyHub's report knows the times better."""
    what = f"{expected} orders are {status}"
    timed(lambda: count(service, stores, status) >= expected, what, lambda: service.parts, _SELDOM_SECONDS)


def release(service: RunningService, stores: Sequence[str]) -> float:
    """End the pause of these stores and hint at their due orders; returns the Unix time just before the first."""
    held, _ = service.service.fleet.backlogs(stores)
    begun = time.time()
    for backlog in held:
        assert service.ledger(backlog.store).resume(backlog.pause, growth=0)
        send(service.app, backlog.store, Drain.PICKUPS)
    return begun
