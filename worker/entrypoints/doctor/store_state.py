"""How a store stands in Redis: whether its orders move, and what needs somebody."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.settings import Settings
from config.stores import Store
from worker.domain.order import Status
from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.store_views import overdue
from worker.entrypoints.views import iso, paused
from worker.entrypoints.words import counted
from worker.ports import AUTOMATIC, STORES_FILE, Drain, Overview
from worker.usecases.liveness import seconds
from worker.wiring import milliseconds

_LATE_MS = 600_000
_INBOX_LATE_MS = 120_000
_NEARLY_FULL = 0.9
_TURNS_MISSED = 3
_AT_SKYHUB = (Drain.PICKUPS, Drain.LEARN, Drain.RECONCILE)
_AT_VTEX = (Drain.REREAD, Drain.FEED)


@dataclass(frozen=True, slots=True)
class StoreLook:
    """A store as Redis has it; `first_event` is when the oldest event of its inbox came, None: there is none.

    Without `stores_known` the stores file cannot be read, so that a store may be in it or not.
    """

    overview: Overview
    first_event: int | None = None
    stores_known: bool = True


def judge(seen: StoreLook, store: Store | None, settings: Settings) -> list[Finding]:
    """Say what holds a store's orders up, what needs somebody, or that they move; `store` is None if it is gone."""
    overview = seen.overview
    name = overview.backlog.store
    if store is None and seen.stores_known:
        kept = counted(sum(overview.counts.values()), "order")
        return [Finding(Check.STORE_TAKEN_OUT, f"{kept} kept", name)]
    held = [*_stopped(overview, settings), *_troubled(overview)]
    late = [] if held else [*_late(overview)]
    found = [*held, *late, *_inbox(seen, settings), *_reconciled(overview, settings), *_somebody(overview)]
    if not found:
        waits = counted(overview.counts[Status.WAITING], "order")
        last = f", last reconcile {_ago(overview, overview.reconciled.at)}" if overview.reconciled else ""
        found = [(Check.STORE_OK, f"{waits} waiting for invoices, {overview.counts[Status.DUE]:,} due{last}")]
    return [*(Finding(check, said, name) for check, said in found), *_told(store)]


def _stopped(overview: Overview, settings: Settings) -> Iterator[tuple[Check, str]]:
    pause = overview.backlog.pause
    if pause.active and pause.by != STORES_FILE:
        yield Check.STORE_REFUSED if pause.by == AUTOMATIC else Check.STORE_PAUSED, paused(pause)
    until = overview.held_until(milliseconds(settings.quarantine_seconds))
    if until > overview.now:
        yield Check.STORE_HELD, f"nothing is requested until {iso(until)}"


def _troubled(overview: Overview) -> Iterator[tuple[Check, str]]:
    for drains, check in ((_AT_SKYHUB, Check.STORE_SKYHUB_TROUBLE), (_AT_VTEX, Check.STORE_VTEX_TROUBLE)):
        for drain in drains:
            if overview.backlog.rests(drain, overview.now):
                rest = overview.backlog.backoffs[drain]
                yield check, f"{drain} rests until {iso(rest.until)}: {rest.reason}"


def _late(overview: Overview) -> Iterator[tuple[Check, str]]:
    if overview.oldest_due is not None and overview.now - overview.oldest_due > _LATE_MS:
        due = counted(overview.backlog.due, "order")
        yield Check.STORE_DUE_LATE, f"{due} due, the oldest for {overdue(overview)}"


def _inbox(seen: StoreLook, settings: Settings) -> Iterator[tuple[Check, str]]:
    waits, now = seen.overview.backlog.inbox, seen.overview.now
    if waits > _NEARLY_FULL * settings.inbox_limit:
        yield Check.STORE_INBOX_FULL, f"{waits:,} events of {settings.inbox_limit:,}"
    if seen.first_event is not None and now - seen.first_event > _INBOX_LATE_MS:
        yield Check.STORE_INBOX_LATE, f"{counted(waits, 'event')}, the oldest for {seconds(now - seen.first_event)}"


def _reconciled(overview: Overview, settings: Settings) -> Iterator[tuple[Check, str]]:
    last = overview.reconciled
    patience = _TURNS_MISSED * milliseconds(settings.reconcile_seconds)
    resting = overview.backlog.pause.active or overview.backlog.rests(Drain.RECONCILE, overview.now)
    if last is not None and overview.now - last.at > patience and not resting:
        yield Check.STORE_RECONCILE_LATE, f"the last one was {_ago(overview, last.at)}"


def _somebody(overview: Overview) -> Iterator[tuple[Check, str]]:
    for check, count, thing in (
        (Check.STORE_FAILED, overview.counts[Status.FAILED], "failed order"),
        (Check.STORE_REJECTED, overview.rejected, "rejected event"),
        (Check.STORE_ATTENTION, overview.attention, "order"),
    ):
        if count:
            yield check, counted(count, thing) + (" with attention" if check is Check.STORE_ATTENTION else "")


def _told(store: Store | None) -> Iterator[Finding]:
    if store is None:
        return
    if not store.coleta:
        yield Finding(Check.STORE_NOT_CONTRACTED, "coleta = false", store.name)
    if store.ingress is None and not (store.vtex is not None and store.vtex.feed):
        yield Finding(Check.STORE_NO_TELLER, "it has neither an ingress nor a feed", store.name)


def _ago(overview: Overview, at: int) -> str:
    return f"{seconds(overview.now - at)} ago"
