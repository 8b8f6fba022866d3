"""Rejected events, handed in again or forgotten. One leaves only when it is in its store's inbox.

Who dies between the two leaves it in both: resending it again is harmless, since an event counts once.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from worker.domain.events import Addressed, Event
from worker.ports import Fleet, Ledger, Rejected, Unreadable
from worker.usecases.append_all import append_all

# Bodies have up to 64 KiB: so many are read in one go.
_CHUNK = 100


Reader = Callable[[str, str], Addressed | Unreadable]
"""Reads a body that was kept, given the store that is meant where it names none."""


@dataclass(frozen=True, slots=True)
class Resent:
    """It is in the inbox of `store` and not kept any more; in a dry run it would be."""

    rejected_id: str
    store: str
    order_id: str


@dataclass(frozen=True, slots=True)
class StillRejected:
    """It is still no event of a store that is served, and stays kept."""

    rejected_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """It is not kept any more; in a dry run it would not be."""

    rejected_id: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """It is not kept: somebody resent or discarded it before."""

    rejected_id: str


@dataclass(frozen=True, slots=True)
class _Found:
    rejected_id: str
    addressed: Addressed


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendRejected:
    """What an operator may do to the rejected events that are kept under `store`; with `dry_run` nothing is changed.

    Every method yields one answer an event, and takes the next ids only when those before are answered. `away` is what
    is raised where another store's inbox cannot be reached while this one's events can: those of that store stay kept.
    """

    fleet: Fleet
    store: str
    served: Collection[str]
    read: Reader
    dry_run: bool = False
    away: tuple[type[Exception], ...] = ()

    def resend(self, rejected_ids: Iterable[str]) -> Iterator[Resent | StillRejected | NotKept]:
        """Read each again and put it into its store's inbox; raises `InboxFullError` when no more fits."""
        for ids, known in self._chunks(rejected_ids):
            found: list[_Found] = []
            for rejected_id in ids:
                read = self._addressed(known[rejected_id]) if rejected_id in known else NotKept(rejected_id)
                if isinstance(read, _Found):
                    found.append(read)
                else:
                    yield read
            for store in dict.fromkeys(each.addressed.store for each in found):
                yield from self._hand_in(store, [each for each in found if each.addressed.store == store])

    def discard(self, rejected_ids: Iterable[str]) -> Iterator[Forgotten | NotKept]:
        """Forget them."""
        for ids, known in self._chunks(rejected_ids):
            if not self.dry_run:
                self._kept.forget_rejected(list(known))
            yield from (Forgotten(each) if each in known else NotKept(each) for each in ids)

    @property
    def _kept(self) -> Ledger:
        return self.fleet.ledger(self.store)

    def _chunks(self, rejected_ids: Iterable[str]) -> Iterator[tuple[list[str], dict[str, Rejected]]]:
        ids = iter(rejected_ids)
        while chunk := list(islice(ids, _CHUNK)):
            yield chunk, {rejected.rejected_id: rejected for rejected in self._kept.rejected_by_id(chunk)}

    def _addressed(self, rejected: Rejected) -> _Found | StillRejected:
        # What an inbox held, and only its recording failed, is an event already; its store is the one that kept it.
        read = self.read(rejected.body, self.store) if rejected.event is None else Addressed(self.store, rejected.event)
        if isinstance(read, Unreadable):
            return StillRejected(rejected.rejected_id, read.reason)
        if self.store in self.served and read.store != self.store:
            # It came through this store's doors, whose token opens no other store's.
            why = f"it names store {read.store!r}; hand it in there, or discard this event"
            return StillRejected(rejected.rejected_id, why)
        if read.store not in self.served:
            why = f"store {read.store!r} is not in the stores file; put it in, or discard this event"
            return StillRejected(rejected.rejected_id, why)
        return _Found(rejected.rejected_id, read)

    def _hand_in(self, store: str, found: Sequence[_Found]) -> Iterator[Resent | StillRejected]:
        left = iter(found)
        events = [each.addressed.event for each in found]
        for number in [len(found)] if self.dry_run else self._appended(store, events):
            appended = list(islice(left, number))
            if not self.dry_run:
                self._kept.forget_rejected([each.rejected_id for each in appended])
            yield from (Resent(each.rejected_id, store, each.addressed.event.order_id) for each in appended)
        why = f"the inbox of store {store} cannot be reached now; resend it later"
        yield from (StillRejected(each.rejected_id, why) for each in left)

    def _appended(self, store: str, events: Sequence[Event]) -> Iterator[int]:
        appended = append_all(self.fleet.ledger(store), events)
        try:
            yield from appended
        except self.away:
            if store == self.store:
                raise
