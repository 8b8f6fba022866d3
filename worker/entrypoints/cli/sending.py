"""Hands events in: into the inbox of their store, hundreds at a time, and a hint that they are there."""

from collections import defaultdict
from dataclasses import dataclass, field

from celery import Celery

from worker.bootstrap import Service, UnknownStoreError
from worker.domain.events import Event
from worker.entrypoints.hints import hint
from worker.entrypoints.native_events import Unread, kept, read_or_keep
from worker.metrics import AT_DOORS, AtDoor, Door, field_of
from worker.ports import Drain, Unreadable
from worker.usecases.append_all import append_all

# Events, and bytes of what was handed in, that wait for one round trip.
_MOST_EVENTS = 500
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Sender:
    """Collects events and appends them; `store` is that of events which name none. Flush it at the end."""

    service: Service
    app: Celery
    store: str = ""
    accepted: int = 0
    _events: defaultdict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    _refused: defaultdict[str, list[Unreadable]] = field(default_factory=lambda: defaultdict(list))
    _held: int = 0
    _bytes: int = 0

    def take(self, content: object) -> str | None:
        """Take one native event, as JSON in bytes or as its value; returns why it was rejected, if it was.

        What was rejected is kept under its store, if it names one that is known. Raises `InboxFullError`.
        """
        read = read_or_keep(content, self.store)
        unread = read if isinstance(read, Unread) else None
        if not isinstance(read, Unread):
            try:
                self.service.store(read.store)
                self._events[read.store].append(read.event)
            except UnknownStoreError as error:
                unread = Unread("", kept(content, str(error)))
        if unread is not None:
            self._refused[unread.store].append(unread.kept)
        self._held += 1
        self._bytes += len(content) if isinstance(content, bytes) else 0
        if self._held >= _MOST_EVENTS or self._bytes >= _MOST_BYTES:
            self.flush()
        return unread.kept.reason if unread is not None else None

    def flush(self) -> None:
        """Append what was taken; raises `InboxFullError` when not all of it fits, and what fits was appended."""
        self._held = self._bytes = 0
        while self._refused:
            store, refused = self._refused.popitem()
            self.service.reject(store, refused)
            known = store if store in self.service.stores else ""
            self.service.tally.add(known, field_of(AT_DOORS, Door.SEND, AtDoor.REJECTED), len(refused))
        while self._events:
            store, events = self._events.popitem()
            ledger = self.service.ledger(store)
            try:
                for appended in append_all(ledger, events):
                    self.accepted += appended
                    self.service.tally.add(store, field_of(AT_DOORS, Door.SEND, AtDoor.ACCEPTED), appended)
            finally:
                hint(self.app, ledger, Drain.INBOX)
