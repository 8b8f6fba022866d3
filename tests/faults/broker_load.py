"""Load while a broker is in trouble: orders that are invoiced one after another, saved as a door saves them."""

from collections.abc import Sequence
from threading import Event, Thread
from typing import Self

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.adapters.native_event import read
from worker.adapters.redis_ledger.keys import Keys
from worker.domain.order import Status
from worker.entrypoints.hints import hint
from worker.ports import Drain

STORE = "acme"
_PAUSE_SECONDS = 0.25
_WAVE = 5


class Load:
    """Hands in waves of new orders until it is stopped; an event that is not taken is handed in again."""

    def __init__(self, service: RunningService) -> None:
        self.sold: list[Sale] = []
        self._service = service
        self._over = Event()
        self._thread = Thread(target=self._go_on, daemon=True)
        service.app, service.service  # noqa: B018 - made before two threads share them

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop after the wave that is under way."""
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._over.is_set():
            new = self._service.sold(STORE, _WAVE)
            self._service.sandbox.complete([sale.code for sale in new])
            for sale in new:
                hand_in(self._service, sale)
            self.sold += new
            self._over.wait(_PAUSE_SECONDS)


def hand_in(service: RunningService, sale: Sale) -> None:
    """Save all events of an order, however long the server is away; then hint."""
    ledger, events = service.ledger(STORE), [read(event).event for event in sale.events]
    pause = Event()
    while True:
        try:
            ledger.append(events)
            hint(service.app, ledger, Drain.INBOX)
        except (RedisError, OperationalError):
            pause.wait(_PAUSE_SECONDS)
        else:
            return


def requesting(service: RunningService) -> int:
    """Return how many orders are being requested now."""
    return int(service.service.redis.zcard(Keys(STORE).orders(Status.REQUESTING)))


def settled(service: RunningService, sold: Sequence[Sale]) -> bool:
    """Whether every order is requested; a server that is away says nothing."""
    try:
        return service.statuses(sold) == {Status.REQUESTED}
    except RedisError:
        return False
