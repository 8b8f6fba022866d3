"""The deployment that a row measures: the service as it is shipped, with default settings, and its own orders."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.bench.figures import BrokenPromiseError
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, all_events, sales
from worker.adapters.native_event import read
from worker.domain.events import Event
from worker.domain.order import Status
from worker.entrypoints.hints import send
from worker.ports import Drain

# What a run is granted; a bench that hangs says so.
PATIENCE_SECONDS = 300.0
REPEATS = 0.1
# Often enough for runs of seconds, and seldom enough to take nothing from what is measured.
_POLL_SECONDS = 0.01
_CHUNK = 1_000


@contextmanager
def stage(
    folder: Path, stores: Sequence[str] = ("acme",), settings: Mapping[str, str] | None = None, **more: object
) -> Iterator[RunningService]:
    """Run Redis and the simulated SkyHub for a row, in a new folder of their own."""
    folder.mkdir()
    service = RunningService(folder, stores, settings or {}, **{"engine": "redis", **more})  # type: ignore[arg-type]
    try:
        service.open()
        yield service
    finally:
        service.close()


def events_of(sold: Sequence[Sale], draw: Random, repeats: float = REPEATS) -> list[Event]:
    """Return every invoice of these orders, some of them twice, in any order."""
    told = all_events(sold)
    told += draw.sample(told, round(len(told) * repeats))
    draw.shuffle(told)
    return [read(event).event for event in told]


def fill(service: RunningService, store: str, events: Sequence[Event]) -> None:
    """Put events into a store's inbox, as the doors do."""
    ledger = service.ledger(store)
    for begin in range(0, len(events), _CHUNK):
        ledger.append(events[begin : begin + _CHUNK])


def hold(service: RunningService, *stores: str) -> None:
    """Let an operator pause these stores: their events are recorded, and nothing is requested meanwhile."""
    for store in stores:
        ledger = service.ledger(store)
        assert ledger.pause(ledger.standing(Drain.PICKUPS).pause, "bench", "measuring", 0, 0)


def wake(service: RunningService, *stores: str) -> None:
    """Hint at these stores' inboxes."""
    for store in stores:
        send(service.app, store, Drain.INBOX)


def waiting(service: RunningService, *stores: str) -> int:
    """Return how many events the inboxes of these stores hold."""
    with service.service.redis.pipeline(transaction=False) as pipe:
        for store in stores:
            pipe.xlen(f"coleta:{{{store}}}:inbox")
        return sum(pipe.execute())


def timed(
    check: Callable[[], object],
    what: str,
    parts: Callable[[], Sequence[Part]] = tuple,
    every: float = _POLL_SECONDS,
) -> float:
    """Return the seconds until `check` is true, looked at every so many seconds; fails with `what` at the deadline."""
    begun = time.perf_counter()
    while not check():
        if time.perf_counter() - begun > PATIENCE_SECONDS:
            told = "\n".join(part.last_lines() for part in parts())
            raise AssertionError(f"not within {PATIENCE_SECONDS:g} s: {what}\n{told}")
        time.sleep(every)
    return time.perf_counter() - begun


def twice(check: Callable[[], object]) -> Callable[[], bool]:
    """Return whether `check` was true twice in a row: what is on its way between two places is seen in one of them."""
    before = False

    def again() -> bool:
        nonlocal before
        earlier, before = before, bool(check())
        return earlier and before

    return again


def drained(service: RunningService, *stores: str) -> float:
    """Return the seconds from the hints until these inboxes are empty."""
    wake(service, *stores)
    return timed(lambda: not waiting(service, *stores), "the inboxes are empty", lambda: service.parts)


def check_recorded(service: RunningService, sold: Sequence[Sale]) -> None:
    """Every complete order waits for its request, none has one; raises `BrokenPromiseError`."""
    by_store: dict[str, list[Sale]] = {}
    for sale in sold:
        by_store.setdefault(sale.store, []).append(sale)
    for store, its in by_store.items():
        ledger = service.ledger(store)
        for begin in range(0, len(its), _CHUNK):
            known, _ = ledger.load([sale.order_id for sale in its[begin : begin + _CHUNK]])
            wrong = [
                s
                for s in its[begin : begin + _CHUNK]
                if s.order_id not in known or known[s.order_id].order.status is not Status.DUE
            ]
            if wrong:
                raise BrokenPromiseError(
                    f"{len(wrong)} complete orders are not due, {wrong[0].order_id} of {store} for one"
                )


def memory_mib(part: Part) -> float:
    """Return the memory that a process holds, in MiB."""
    status = Path(f"/proc/{part.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 2**10


def new_orders(store: str, count: int = 1) -> list[Sale]:
    """Return orders of two items, by Direct."""
    return sales(store, count)
