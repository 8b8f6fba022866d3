"""Producers that hand a load in while a storm goes on: over HTTP, and as Celery tasks."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from threading import Event as ThreadEvent
from threading import Semaphore
from typing import Any, Protocol

import httpx

from tests.fixtures.door_calls import ORDER_INVOICED
from tests.fixtures.loads import Load, chunks
from tests.fixtures.running_parts import until
from tests.fixtures.running_service import RunningService
from worker.sandbox.skyhub.orders import OrderChange

Event = Mapping[str, Any]
# A producer's patience with one answer, with a door that does not open, and until it tries again.
_ANSWER_SECONDS = 5.0
_DOOR_SECONDS = 240.0
_AGAIN_SECONDS = 0.1
# Celery says so before it acknowledges the message.
_ENDED = re.compile(rb"Task coleta\.order_invoiced\[([0-9a-f-]+)\] succeeded")
# Events handed in together.
CHUNK = 40


class Door(Protocol):
    """A way in, for events of any store; `again` counts what had to be sent once more."""

    again: int

    def hand_in(self, events: Iterable[Event]) -> None:
        """Return when all of them are acknowledged."""

    def close(self) -> None:
        """Close its connections."""


class HttpDoor:
    """Posts lists of events, again and again until the door has answered 202."""

    def __init__(self, service: RunningService) -> None:
        self.again = 0
        self._service = service
        self._pause = ThreadEvent()
        self._client = httpx.Client(base_url=service.web, trust_env=False, timeout=_ANSWER_SECONDS)

    def hand_in(self, events: Iterable[Event]) -> None:
        """Return when all of them are acknowledged."""
        by_store: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_store[event["store"]].append(event)
        for store, new in by_store.items():
            until(partial(self._taken, store, new), "the door answers 202", seconds=_DOOR_SECONDS)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _taken(self, store: str, events: list[Event]) -> bool:
        headers = {"Authorization": f"Bearer {self._service.token(store)}"}
        try:
            answer = self._client.post(ORDER_INVOICED.path(store, ""), json=events, headers=headers)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == ORDER_INVOICED.success:
            assert answer.json() == {"accepted": len(events), "rejected": []}
            return True
        assert answer is None or answer.is_server_error, f"{answer.status_code}: {answer.text}"
        self.again += 1
        self._pause.wait(_AGAIN_SECONDS)
        return False


class CeleryDoor:
    """Sends a task for each event; the broker has it then."""

    def __init__(self, service: RunningService) -> None:
        self.again = 0
        self._service = service
        self._app = service.app
        self._open: set[str] = set()
        self._read: defaultdict[str, int] = defaultdict(int)

    def hand_in(self, events: Iterable[Event]) -> None:
        """Return when the broker has all of them."""
        self._open |= {str(self._app.send_task("coleta.order_invoiced", args=[event]).id) for event in events}

    def close(self) -> None:
        """Leave its connections to the service's app, which closes them."""

    def unrun(self) -> set[str]:
        """Return the messages whose task ran to its end in no worker yet, by what the workers' logs say."""
        for part in self._service.parts:
            if part.name.startswith("worker"):
                with part.log.open("rb") as log:
                    log.seek(self._read[part.name])
                    new = log.read()
                whole = new.rpartition(b"\n")[0]
                self._read[part.name] += len(whole)
                self._open -= {found.decode() for found in _ENDED.findall(whole)}
        return set(self._open)


class Handing:
    """Hands a load in at a door, a share of it for each strike."""

    def __init__(self, service: RunningService, work: Load, door: Door, strikes: int) -> None:
        self._service = service
        self._chunks = list(chunks(work, CHUNK))
        self._door = door
        self._strikes = strikes
        self._let = 0
        self._allowed = Semaphore(0)
        self._given_up = False

    def let(self, strikes: int) -> None:
        """Allow as much as belongs to so many strikes."""
        share = len(self._chunks) * min(strikes, self._strikes) // self._strikes
        for _ in range(share - self._let):
            self._allowed.release()
        self._let = max(share, self._let)

    def give_up(self) -> None:
        """Hand no more of it in."""
        self._given_up = True
        self._allowed.release()

    def run(self) -> None:
        """Hand all of it in; SkyHub knows of an order's last invoice, and lists the order, before a door does."""
        for chunk in self._chunks:
            self._allowed.acquire()
            if self._given_up:
                return
            if chunk.completed:
                codes = [sale.code for sale in chunk.completed]
                self._service.sandbox.change(codes, OrderChange(complete=True, collectable=True))
            self._door.hand_in(chunk.events)
