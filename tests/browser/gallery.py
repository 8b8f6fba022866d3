"""The stores that are looked at: what stands in Redis for them, the same at each start but for the hour."""

from collections.abc import Iterator
from dataclasses import replace

from tests.browser.service import PERSON, PagesService
from tests.browser.strange import strange_orders, strange_rejected, strange_unknown
from tests.browser.tales import DAY, HOUR, MINUTE, Tale
from worker.adapters.native_event import NativeEventError, read
from worker.adapters.redis_ledger.keys import Keys
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Order
from worker.ports import Change, Unreadable
from worker.usecases.pause_store import pause_by_operator

RICH, PAUSED, STRANGE = STORES = ("aurora", "brisa", "cobalto")
"""One with orders of every kind, one that an operator paused, one in which all that comes from outside is hostile."""

WAITING = "Lojas_Americanas-285264640101"
FOREIGN = "Lojas_Americanas-285264640102"
FAILED = "Shoptime-285264640301"
REQUESTED = "Lojas_Americanas-285264640401"
SKIPPED = "Submarino-285264640501"
KEY = "35261112345678000190550010000040211000040217"
REFUSAL = "Pedido sem contrato de coleta Direct"
PAUSE_REASON = "carrier strike until Friday"
FOREIGN_SKU = "Größe-42/Ü-🧦-sehr-langer-Artikelcode-0001"
_CHANNELS = ("Lojas_Americanas", "Submarino", "Shoptime")
_MANY = 57


def hang(service: PagesService) -> None:
    """Put everything up."""
    now = service.ledger(RICH).now()
    _save(service, RICH, [*_waiting(now), *_on_their_way(now), *_failed(now), *_ended(now), *_flagged(now)])
    _save(service, PAUSED, list(_of_paused(now)))
    _save(service, STRANGE, strange_orders(now))
    service.ledger(RICH).reject(list(_rejected()))
    service.ledger(STRANGE).reject(strange_rejected())
    service.service.fleet.reject_unknown(strange_unknown())
    pause_by_operator(service.ledger(PAUSED), PAUSE_REASON)
    _hours(service, now)


def _save(service: PagesService, store: str, orders: list[Order]) -> None:
    results = service.ledger(store).save([Change(order=order, version=0) for order in orders])
    assert len(results) == len(orders), results


def _waiting(now: int) -> Iterator[Order]:
    parts = Tale(WAITING, now, {"345117": 2, "88": 1, "90210": 3})
    yield parts.invoiced(5 * HOUR, "4021-1", {"345117": 1}, KEY).invoiced(2 * HOUR, "4022-1", {"90210": 2}).order
    foreign = Tale(FOREIGN, now, {FOREIGN_SKU: 2, "7002": 1})
    yield foreign.invoiced(HOUR, "NF ção/Ü 77", {FOREIGN_SKU: 1}).order
    for number in range(5):
        tale = Tale(f"{_CHANNELS[number % 3]}-2852646401{number + 11}", now, {"7001": 2, "7002": 1})
        yield tale.invoiced((number + 1) * 7 * HOUR, f"40{number + 31}-1", {"7001": 1}).order


def _on_their_way(now: int) -> Iterator[Order]:
    for number in range(2):
        yield (
            _whole(f"Lojas_Americanas-28526464020{number + 1}", now, (40 + 25 * number) * MINUTE)
            .not_yet((9 + number) * MINUTE, (6 + number) * MINUTE)
            .order
        )
    yield _whole("Submarino-285264640203", now, 50 * MINUTE).in_doubt(MINUTE, "no answer within 20 s", MINUTE).order
    yield _whole("Submarino-285264640204", now, 3 * MINUTE).requesting(1_000).order


def _failed(now: int) -> Iterator[Order]:
    yield _whole(FAILED, now, 26 * HOUR).refused(25 * HOUR, REFUSAL).order
    for number in range(3):
        tale = _whole(f"{_CHANNELS[number]}-28526464030{number + 2}", now, (30 + number) * HOUR)
        yield tale.refused((3 + number) * HOUR, "Etiqueta vencida").order


def _ended(now: int) -> Iterator[Order]:
    yield _whole(REQUESTED, now, 95 * MINUTE).requested(90 * MINUTE).order
    for number in range(_MANY):
        tale = _whole(f"{_CHANNELS[number % 3]}-2852646404{number + 11}", now, (number + 2) * HOUR)
        yield tale.requested((number + 2) * HOUR - 4 * MINUTE).order
    yield _whole(SKIPPED, now, 4 * HOUR, Carrier.CORREIOS).order
    for number in range(4):
        yield _whole(f"Shoptime-28526464051{number}", now, (6 + number) * HOUR, Carrier.CORREIOS).order
    yield _whole("Shoptime-285264640601", now, 28 * HOUR).canceled(27 * HOUR, "customer gave up").order
    given_up = _whole("Submarino-285264640602", now, 2 * DAY).refused(45 * HOUR, REFUSAL)
    yield given_up.discarded(44 * HOUR, f"sent by another carrier ({PERSON}, pages)").order


def _flagged(now: int) -> Iterator[Order]:
    strange_item = Tale("Submarino-285264640701", now, {"7001": 1, "7002": 1})
    yield strange_item.invoiced(9 * HOUR, "4101-1", {"7001": 1, "7009": 1}).order
    late = _whole("Lojas_Americanas-285264640702", now, 20 * HOUR).requested(19 * HOUR)
    yield late.canceled(18 * HOUR, "customer gave up").order
    again = _whole("Lojas_Americanas-285264640703", now, 22 * HOUR).requested(21 * HOUR).order
    yield replace(again, flags=frozenset({Attention.LISTED_AFTER_REQUEST}))


def _of_paused(now: int) -> Iterator[Order]:
    for number in range(3):
        yield _whole(f"Lojas_Americanas-28526464080{number}", now, (number + 1) * HOUR).order


def _whole(order_id: str, now: int, ago: int, carrier: Carrier = Carrier.DIRECT) -> Tale:
    """Return an order whose two invoices came, the last one so long ago."""
    number = int(order_id[-4:])
    tale = Tale(order_id, now, {"345117": 1, "88": 2}, carrier)
    return tale.invoiced(ago + 35 * MINUTE, f"{number}-1", {"345117": 1}).invoiced(ago, f"{number}-2", {"88": 2})


def _rejected() -> Iterator[Unreadable]:
    """Yield events that cannot be read, each with what its reader says of it."""
    for body in ('{"store": "aurora", "order_id": ""}', "order=285264640999&invoice=4021"):
        try:
            read(body)
        except NativeEventError as error:
            yield Unreadable(body, str(error))


def _hours(service: PagesService, now: int) -> None:
    """Write the counts by hour anew: those of the saves above all stand in this hour."""
    redis, hour = service.service.redis, now // HOUR
    for store in STORES:
        redis.delete(Keys(store)("hours"))
    counts: dict[str, int] = {}
    for ago in range(7 * 24):
        busy = max(0, 14 - abs((hour - ago - 3) % 24 - 12) * 2)
        invoices = busy * (3 + ago * 7 % 5) // 2
        counts |= {f"{hour - ago}:invoices": invoices, f"{hour - ago}:requested": invoices * (4 + ago % 3) // 10}
    redis.hset(Keys(RICH)("hours"), mapping={name: count for name, count in counts.items() if count})
