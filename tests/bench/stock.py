"""A store as it is after two months: orders in every status, with what an operator meets among them.

Each order goes through the domain's own steps, at times that lie behind, and is saved once, as a drain saves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any

from redis import Redis

from worker.adapters.redis_ledger.keys import Keys
from worker.domain.activity import HOUR, HOURS_KEPT, invoices_received
from worker.domain.confirmation import Accepted, Unclear
from worker.domain.events import OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.invoices import Invoice
from worker.domain.order import At, In, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import claim, failed_alone, listed, not_collectable_yet, record, settle
from worker.domain.reconciling import waiting_long
from worker.ports import Change, Ledger, Saved, TakeKey, Unreadable
from worker.usecases.confirm_batch import change_to

_CHUNK = 500
_FIRST = 285_300_000_001
_SITES = ("Lojas_Americanas", "Submarino", "Shoptime", "Americanas_Empresas")
_MINUTE, _DAY = 60_000, 24 * HOUR
_OLDEST_DAYS, _OPEN_DAYS = 60, 6
_REJECTED_SHARE = 100
_BODY = '{"order_id": "", "items": [' + '{"sku": "345117", "quantity": "two"}, ' * 40 + "]}"


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes orders of a store at this moment, the same ones whenever it is asked."""

    policy: Policy
    now: int
    draw: Random

    def waiting(self, number: int) -> Order:
        """Lack the last invoice; after days that needs attention."""
        then = self._ago(_OPEN_DAYS)
        return waiting_long(self._invoiced(number, then, short=1), self.policy, self.now)

    def due(self, number: int) -> Order:
        """Be complete, some of them not listed by SkyHub yet."""
        then = self._ago(1)
        order = self._invoiced(number, then)
        if self.draw.random() < 1 / 2:
            order = not_collectable_yet(_fixed(order, then), self.policy, then + _MINUTE, listed=False)
        return replace(order, at=At(self.now + self.draw.randrange(-_MINUTE, 30 * _MINUTE)))

    def uncertain(self, number: int) -> Order:
        """Have an outcome that nobody knows."""
        then = self.now - _MINUTE
        claimed = self._claimed(number, then)
        return settle(claimed, "token", Unclear("timeout"), self.policy, then + 20_000, 0.5)

    def requesting(self, number: int) -> Order:
        """Be claimed just now."""
        return _fixed(self._claimed(number, self.now), self.now + HOUR)

    def requested(self, number: int) -> Order:
        """Be accepted within minutes; SkyHub lists one of many again."""
        then = self._ago(_OLDEST_DAYS)
        done = then + self.draw.randrange(1_000, 30 * _MINUTE)
        order = _fixed(settle(self._claimed(number, then), "token", Accepted(), self.policy, done, 0.5), done)
        return listed(order, self.policy, self.now) if self.draw.random() < 1 / 100 else order

    def skipped(self, number: int) -> Order:
        """Ship by Correios."""
        return self._invoiced(number, self._ago(_OLDEST_DAYS), Carrier.CORREIOS)

    def canceled(self, number: int) -> Order:
        """Be canceled between two invoices."""
        then = self._ago(_OLDEST_DAYS)
        order = self._invoiced(number, then, short=1)
        gone = OrderCanceled(order_id=order.order_id, occurred_at=then + HOUR, reason="no stock")
        return _fixed(record(order, gone, self.policy, then + HOUR), then + HOUR)

    def failed(self, number: int) -> Order:
        """Be refused alone."""
        then = self._ago(_OLDEST_DAYS)
        refused = replace(self._invoiced(number, then), refusal="Pedido sem contrato", last_error="Pedido sem contrato")
        return _fixed(failed_alone(refused, then + HOUR), then + HOUR)

    def _claimed(self, number: int, then: int) -> Order:
        order = _fixed(self._invoiced(number, then - _MINUTE), then)
        return claim(order, order.codes[0], "token", 25, self.policy, then)

    def _invoiced(self, number: int, then: int, carrier: Carrier = Carrier.DIRECT, *, short: int = 0) -> Order:
        """Have one unit of one SKU to four, each invoiced apart, but for the last `short`; some with one too much."""
        skus = [str(self.draw.randrange(10_000, 99_999)) for _ in range(self.draw.randint(1 + short, 4))]
        items = dict.fromkeys(skus, 1)
        told = [*items][: len(items) - short] + (["0"] if self.draw.random() < 1 / 100 else [])
        order: Order | None = None
        for count, sku in enumerate(told or ["0"]):
            invoice = Invoice(number=f"{number % 10**6}-{count}", key=f"{number:044}", items={sku: 1})
            event = OrderInvoiced(
                order_id=f"{_SITES[number % len(_SITES)]}-{number}",
                occurred_at=then + count,
                invoice=replace(invoice, key=f"{number}{count:031}"),
                items=items,
                carrier=carrier,
            )
            order = record(order, event, self.policy, then + count * _MINUTE // 10)
        assert order is not None
        return _fixed(order, then)

    def _ago(self, days: int) -> int:
        return self.now - self.draw.randrange(2 * HOUR, days * _DAY)


def stock(ledger: Ledger, redis: Redis, policy: Policy, count: int) -> None:
    """Fill a store with so many orders, a hundredth as many rejected events, and the hours of a week."""
    draw = Random(9)  # noqa: S311 - the same store whenever it is filled
    maker = _Maker(policy, ledger.now(), draw)
    shares: dict[Callable[[int], Order], float] = {
        maker.requested: 72,
        maker.skipped: 12,
        maker.waiting: 8,
        maker.canceled: 4,
        maker.due: 2.5,
        maker.failed: 1,
        maker.requesting: 0.3,
        maker.uncertain: 0.2,
    }
    kinds = draw.choices([*shares], [*shares.values()], k=count)
    changes = (_change(make(_FIRST + number)) for number, make in enumerate(kinds))
    while chunk := list(islice(changes, _CHUNK)):
        assert {type(result) for result in ledger.save(chunk)} == {Saved}
    rejected = [Unreadable(_BODY, "order_id: expected a text that is not empty, found ''")] * (count // _REJECTED_SHARE)
    for begin in range(0, len(rejected), _CHUNK):
        ledger.reject(rejected[begin : begin + _CHUNK])
    running = ledger.now() // HOUR
    hours: Any = dict(_week(running, draw))
    redis.hset(Keys(ledger.store)("hours"), mapping=hours)


def _change(order: Order) -> Change:
    if order.status is Status.REQUESTING:
        return Change(order=order, version=0, key=TakeKey(order.remote_code, order.round, "token"))
    return replace(change_to(order, 0), invoices=invoices_received(None, order))


def _week(running: int, draw: Random) -> Iterator[tuple[str, int]]:
    """Give what the hours count: little at night, and as much as a store of 1,500 orders a day."""
    for hour in range(running - HOURS_KEPT + 1, running + 1):
        busy = 10 if (hour - 3) % 24 < 8 else 100
        yield f"{hour}:invoices", draw.randrange(busy)
        yield f"{hour}:requested", draw.randrange(busy // 2)


def _fixed(order: Order, then: int) -> Order:
    """Fix the time by which an order is indexed, which a save at that time would have fixed."""
    return replace(order, at=At(then + order.at.ms)) if isinstance(order.at, In) else order
