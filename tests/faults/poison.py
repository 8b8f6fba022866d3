"""Poison in the broker: malformed messages in its lists and in what is unacknowledged, while workers run under load."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from random import Random

from redis import Redis

from tests.faults.broker_load import STORE, Load, requesting, settled
from tests.faults.outcome import Row, Run, judged
from tests.faults.poison_shapes import (
    BAD_BODY,
    BAD_CALL,
    BAD_ENVELOPE,
    NO_MESSAGE,
    PUT_BACK,
    UNACKNOWLEDGED,
    Shape,
    bent,
)
from tests.faults.scenarios import Scenario
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.entrypoints.broker.aside import ASIDE

_PART = "Poison in the broker"
_QUEUES = ("inbox", "pickups", "upkeep")
_WORKERS = ("worker-1", "worker-2")
_LATENCY_MS = 100
_MOST_KEPT = 100_000
_SETTLED_SECONDS = 90.0
_BENT, _BENT_SHORT = 400, 40
_Make = Callable[[Sale], bytes]


@dataclass(frozen=True, slots=True)
class _Dose:
    """Poisons that were given together, each with the order whose number it carries."""

    name: str
    how: str
    given: list[tuple[Sale, bytes]]
    requesting: int
    seconds: float


class _Poisoned(RunningService):
    """Two workers and beat, state and messages on servers of their own."""

    def open(self) -> None:
        """Start every process."""
        super().open()
        self.sandbox.settings(strict=False)  # whatever is sent is accepted and counted
        with ThreadPoolExecutor() as pool:
            started = [pool.submit(self.start_worker, name) for name in _WORKERS]
            self.beat = self.start_beat()
            self.workers = [each.result() for each in started]

    @cached_property
    def lists(self) -> "Redis":
        """A client of the broker's database that takes its bytes as they are."""
        client = Redis.from_url(str(self.service.settings.broker_url))
        self._clients.callback(client.close)
        return client

    def give(self, name: str, shapes: Sequence[Shape]) -> _Dose:
        """Push each shape into each list, and wait until every one is accounted for."""
        return self.give_all(name, _how(shapes), [(queue, shape.make) for queue in _QUEUES for shape in shapes])

    def give_all(self, name: str, how: str, makes: Sequence[tuple[str, _Make]], *, stateless: bool = False) -> _Dose:
        """Push what is made of a new order each; `stateless`: while the state's server does not answer."""
        given = [(sale, make(sale)) for sale, (_, make) in zip(self.sold(STORE, len(makes)), makes, strict=True)]
        met = self._some_requesting()
        away = [self.beat, self.redis] if stateless else []
        for part in away:
            part.pause()
        for (_, poison), (queue, _) in zip(given, makes, strict=True):
            self.lists.lpush(queue, poison)
        left = {poison for _, poison in given}
        self.until(lambda: not any(left & set(self.lists.lrange(queue, 0, -1)) for queue in _QUEUES), f"taken: {name}")
        for part in reversed(away):
            part.resume()
        return self._accounted(name, how, given, met)

    def unacknowledge(self, shapes: Sequence[Shape]) -> _Dose:
        """Put each shape among what is unacknowledged, as old as the visibility timeout lets it be."""
        given = [(sale, shape.make(sale)) for sale, shape in zip(self.sold(STORE, len(shapes)), shapes, strict=True)]
        met = self._some_requesting()
        tags = [f"poison-{index}" for index in range(len(given))]
        for tag, (_, poison) in zip(tags, given, strict=True):
            self.lists.hset("unacked", tag, poison)
            self.lists.zadd("unacked_index", {tag: 1.0})
        self.until(lambda: not any(self.lists.hmget("unacked", tags)), "none of it is unacknowledged")
        return self._accounted("what is unacknowledged cannot be put back", _how(shapes), given, met)

    def _some_requesting(self) -> int:
        """Wait until orders are being requested; returns how many."""
        seen = [0]

        def some() -> bool:
            seen[0] = requesting(self)
            return seen[0] > 0

        self.until(some, "some are being requested")
        return seen[0]

    def _accounted(self, name: str, how: str, given: list[tuple[Sale, bytes]], met: int) -> _Dose:
        """Wait until each is kept as rejected, or was an event after all and is recorded."""
        begun = time.monotonic()
        missing: list[bytes] = []

        def look() -> bool:
            ledgers = self.ledger(STORE), self.service.fleet.ledger("_")
            text = "\n".join(each.body for ledger in ledgers for each in ledger.rejected(_MOST_KEPT))
            known, _ = self.ledger(STORE).load([sale.order_id for sale, _ in given])
            recorded = {order_id for order_id, stored in known.items() if stored.order.invoices}
            missing[:] = [it for sale, it in given if str(sale.number) not in text and sale.order_id not in recorded]
            return not missing

        try:
            self.until(look, f"accounted for: {name}")
        except AssertionError as error:
            shown = "\n".join(poison[:1000].decode(errors="backslashreplace") for poison in missing)
            raise AssertionError(f"{error}\n--- not accounted for:\n{shown}") from None
        return _Dose(name, how, given, met, time.monotonic() - begun)


def _poison(run: Run) -> list[Row]:
    """Give every shape under load; no worker may die of any, and nothing behind it may wait."""
    draw = Random(run.seed)  # noqa: S311 - the same poisons for the same seed
    with running(_Poisoned(run.folder, latency_ms=_LATENCY_MS, broker_apart=True)) as service:
        with Load(service) as load:
            doses = _few(service, draw) if run.short else _all(service, draw)
        service.until(lambda: settled(service, load.sold), "all is requested", _SETTLED_SECONDS)
        service.until(lambda: not service.lists.exists(ASIDE, "unacked"), "nothing is left aside or unacknowledged")
        died = [worker.last_lines() for worker in service.workers if not worker.runs]
        assert died == [], "\n".join(died)
        poisoned = [sale for dose in doses for sale, _ in dose.given]
        broken = judged(service.sandbox.report(), load.sold, incomplete=poisoned)
    return [
        Row(
            part=_PART,
            failure=dose.name,
            how=dose.how,
            orders=len(load.sold),
            landed=len(dose.given),
            requesting=dose.requesting,
            broken=broken,
            recovery=dose.seconds,
        )
        for dose in doses
    ]


def _all(service: _Poisoned, draw: Random) -> list[_Dose]:
    inbox = [("inbox", shape.make) for shape in (*NO_MESSAGE, *BAD_CALL)]
    return [
        service.give("a list holds no message", NO_MESSAGE),
        service.give("a message lacks what kombu reads", BAD_ENVELOPE),
        service.give("a message's body cannot be read", BAD_BODY),
        service.give("a message calls for what cannot be run", BAD_CALL),
        service.unacknowledge((*UNACKNOWLEDGED, *PUT_BACK)),
        _bend(service, draw, _BENT),
        service.give_all(
            "poison while the state is away", "the state's server is stopped (SIGSTOP)", inbox, stateless=True
        ),
    ]


def _few(service: _Poisoned, draw: Random) -> list[_Dose]:
    """Give all shapes in one go."""
    return [
        service.give("a list holds no message of ours", (*NO_MESSAGE, *BAD_ENVELOPE, *BAD_BODY, *BAD_CALL)),
        service.unacknowledge((*UNACKNOWLEDGED, *PUT_BACK)),
        _bend(service, draw, _BENT_SHORT),
    ]


def _bend(service: _Poisoned, draw: Random, number: int) -> _Dose:
    makes = [(draw.choice(_QUEUES), lambda sale: bent(sale, draw)) for _ in range(number)]
    return service.give_all("messages bent at random", "up to three parts replaced, left out or added", makes)


def _how(shapes: Sequence[Shape]) -> str:
    return "; ".join(shape.name for shape in shapes)


SCENARIOS = (Scenario(name="poison", perform=_poison, seconds=45),)
