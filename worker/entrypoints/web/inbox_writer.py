"""Writes what came through the doors, many requests at once, and says for each of them whether it is safe."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from redis.exceptions import ClusterError, OutOfMemoryError, ReadOnlyError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from worker.domain.events import Event
from worker.entrypoints.tracing.context import Trace
from worker.entrypoints.web.refusals import SparingLog
from worker.ports import Fleet, Unreadable, Untaken
from worker.telemetry import Log

# Trouble of the server, which has nothing to do with what is written.
_SERVER_TROUBLE = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError, ReadOnlyError, ClusterError)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request brought for its store, and in which trace."""

    store: str
    events: Sequence[Event] = ()
    unreadable: Sequence[Unreadable] = ()
    trace: Trace | None = None

    @property
    def count(self) -> int:
        """How many things are to be saved."""
        return len(self.events) + len(self.unreadable)


class InboxWriter:
    """Saves deliveries in one round trip where all goes well."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._lines = SparingLog()

    def write(self, deliveries: Sequence[Delivery]) -> list[str]:
        """Save deliveries; returns for each why it is not saved, "" if it is. Never raises.

        One that breaks the write is found by halves, so that it takes no other one with it.
        """
        answers: list[str] = []
        try:
            self._by_halves(deliveries, answers)
        except _SERVER_TROUBLE as error:
            unsaved = len(deliveries) - len(answers)
            self._lines.warning(Log.DOOR_NOT_SAVED, type(error).__name__, deliveries=unsaved, reason=str(error))
            answers += [Untaken.AWAY] * unsaved
        return answers

    def _by_halves(self, deliveries: Sequence[Delivery], answers: list[str]) -> None:
        try:
            answers += self._together(deliveries)
        except _SERVER_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not take other requests with it
            if len(deliveries) > 1:
                middle = len(deliveries) // 2
                self._by_halves(deliveries[:middle], answers)
                self._by_halves(deliveries[middle:], answers)
                return
            store = deliveries[0].store
            self._lines.warning(Log.DOOR_NOT_SAVED, store, store=store, deliveries=1, reason=repr(error))
            answers.append("it could not be saved")

    def _together(self, deliveries: Sequence[Delivery]) -> list[str]:
        events: defaultdict[str, list[Event]] = defaultdict(list)
        for delivery in deliveries:
            if delivery.events:
                events[delivery.store] += delivery.events
        untaken = self._fleet.append(events) if events else {}
        if Untaken.AWAY in untaken.values():
            away = sorted(store for store, why in untaken.items() if why is Untaken.AWAY)
            self._lines.warning(Log.DOOR_NOT_SAVED, Untaken.AWAY, stores=away, reason=Untaken.AWAY.value)
        answers = [untaken.get(delivery.store, "") if delivery.events else "" for delivery in deliveries]
        unreadable: defaultdict[str, list[Unreadable]] = defaultdict(list)
        for delivery, answer in zip(deliveries, answers, strict=True):
            if not answer and delivery.unreadable:
                unreadable[delivery.store] += delivery.unreadable
        for store, rejected in unreadable.items():
            self._fleet.ledger(store).reject(rejected)
        return answers
