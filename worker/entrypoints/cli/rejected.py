"""`coleta rejected list`: events that were kept because they could not be recorded."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import typer

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import Service
from worker.entrypoints.cli.connected import connected
from worker.entrypoints.cli.each_store import EachStore
from worker.entrypoints.cli.tables import print_json_list, show_fields
from worker.entrypoints.cli.terminal import complain
from worker.entrypoints.native_events import Origin, origin_of
from worker.entrypoints.process import leave
from worker.entrypoints.views import iso
from worker.ports import Ledger, Rejected
from worker.usecases.find_orders import says

# Bodies have up to 64 KiB each.
_A_PAGE = 100

Ids = Mapping[str, Sequence[str]]
"""Ids of rejected events by the store that keeps them, `NO_STORE` for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rejected events are meant: these ids, or all whose reason or body says `like`; store None = anywhere."""

    ids: Sequence[str] = ()
    store: str | None = None
    like: str = ""


def list_rejected(wanted: Wanted, limit: int, *, as_json: bool) -> None:
    """List the newest rejected events of a store, or of all stores and of none; `limit` of each."""
    with connected() as service:
        reading = keepers(service, wanted)
        kept = reading.each(lambda ledger: _newest(ledger, wanted.like, limit))
        found = (_document(store, event) for store, event in kept)
        if as_json:
            print_json_list(found)
            reading.end()
            return
        empty = True
        for shown in found:
            if not empty:
                typer.echo("")
            empty = False
            show_fields([(name, value or "none that is known") for name, value in shown.items()])
        if empty:
            complain("no such rejected events" if wanted.like else "nothing was rejected")
        reading.end()


def keepers(service: Service, wanted: Wanted) -> EachStore:
    """Return the stores that keep such events to be read, `NO_STORE` last; raises `UnknownStoreError`."""
    if wanted.store == NO_STORE:
        return EachStore(service, [NO_STORE])
    if wanted.store is not None:
        return EachStore(service, [service.seen(wanted.store).store])
    names = [*service.names(), NO_STORE]
    overviews = {each.backlog.store: each for each in service.fleet.overview(names)}
    unread = [name for name in names if name not in overviews]
    return EachStore(service, [name for name, each in overviews.items() if each.rejected], unread)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The events that are meant, the oldest first; the ids that name none; by store and id, what is no native event.

    `unread`: there are stores that could not be read, which was said.
    """

    ids: Ids
    unknown: Sequence[str]
    origins: Mapping[tuple[str, str], Origin]
    unread: bool


def chosen(service: Service, wanted: Wanted) -> Chosen:
    """Return the events that are meant."""
    ids: dict[str, list[str]] = {}
    origins: dict[tuple[str, str], Origin] = {}
    reading = keepers(service, wanted)

    def told(ledger: Ledger) -> list[tuple[str, Origin | None]]:
        events = _named(ledger, wanted.ids) if wanted.ids else _all(ledger, wanted.like)
        return [(event.rejected_id, origin_of(event.reason)) for event in events]

    for store, (rejected_id, origin) in reading.each(told):
        ids.setdefault(store, []).append(rejected_id)
        if origin is not None:
            origins[store, rejected_id] = origin
    known = {each for found in ids.values() for each in found}
    unknown = [each for each in dict.fromkeys(wanted.ids) if each not in known]
    return Chosen(ids, unknown, origins, reading.tell())


def _named(ledger: Ledger, ids: Sequence[str]) -> list[Rejected]:
    try:
        return ledger.rejected_by_id(list(dict.fromkeys(ids)))
    except ValueError as error:
        leave(f"{error}: ids look like 1795176000000-0; coleta rejected list shows them")


def _newest(ledger: Ledger, like: str, limit: int) -> Iterable[Rejected]:
    return reversed(deque(_all(ledger, like), limit)) if like else ledger.rejected(limit)


def _all(ledger: Ledger, like: str) -> Iterator[Rejected]:
    after = ""
    while page := ledger.rejected_after(after, _A_PAGE):
        yield from (event for event in page if says(like, event.reason, event.body))
        after = page[-1].rejected_id


def _document(store: str, event: Rejected) -> dict[str, str | None]:
    return {
        "store": None if store == NO_STORE else store,
        "id": event.rejected_id,
        "at": iso(event.at),
        "reason": event.reason,
        "body": event.body,
    }
