"""Stores as they are shown, on the command line and on the pages: how each one stands, as JSON and in a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from worker.domain.order import Status
from worker.entrypoints.views import iso, paused
from worker.entrypoints.words import counted, of_store
from worker.ports import STORES_FILE, Backoff, Drain, Overview, Reconciled
from worker.ports.processes import Kind, Trace
from worker.usecases.liveness import is_silent, no_sweep_ms, seconds

_AT_SKYHUB = (Drain.PICKUPS, Drain.LEARN, Drain.RECONCILE)
_ELSEWHERE = {Drain.REREAD: "the VTEX OMS", Drain.FEED: "the VTEX feed"}


def needs_somebody(overview: Overview) -> bool:
    """Whether an operator should look at a store: it is paused, or something in it failed or has attention."""
    failed = overview.counts[Status.FAILED]
    return bool(overview.backlog.pause.active or failed or overview.attention or overview.rejected)


def state(overview: Overview, *, served: bool, quarantine_ms: int) -> str:
    """Say whether a store's pickups move, and what ends it if not; `served`: it is in the stores file.

    `quarantine_ms` is how long nothing is requested after a restart of Redis or a step of its clock.
    """
    pause = overview.backlog.pause
    trouble = max(overview.backlog.backoffs.get(drain, Backoff()).until for drain in _AT_SKYHUB)
    if not served:
        return f"taken out of the stores file: paused, {counted(sum(overview.counts.values()), 'order')} kept"
    if pause.active and pause.by == STORES_FILE:
        return "back in the stores file: resumes within seconds"
    if pause.active:
        return of_store(overview.backlog.store, paused(pause))
    if trouble > overview.now:
        return f"SkyHub is in trouble, next try at {iso(trouble)}"
    until = overview.held_until(quarantine_ms)
    if until > overview.now:
        since = iso(overview.changed_at)
        return f"Redis was restarted or its clock set forward at {since}: nothing is requested until {iso(until)}"
    return "; ".join(["working", *(f"{who} is in trouble, {said}" for who, said in _elsewhere(overview))])


def standstill(traces: Sequence[Trace], now: int, swept_at: int | None, sweep_ms: int) -> str:
    """Say that nobody moves any store, however well each stands, "" if somebody does; as the doctor judges it.

    `swept_at` is when a sweep last came to its end, None: never; one is to come every `sweep_ms`.
    """
    workers = [trace for trace in traces if trace.kind is Kind.WORKER and not is_silent(trace, now)]
    began = min((trace.moments.get("began", now) for trace in workers), default=0)
    ago = now - max(swept_at or 0, began)
    if workers and ago <= no_sweep_ms(sweep_ms):
        return ""
    since = f"no sweep for {seconds(ago)}" if swept_at or workers else "no sweep ever"
    return f"{'' if workers else 'no worker runs, '}{since}: run `coleta doctor`"


def store_document(overview: Overview, *, served: bool, quarantine_ms: int) -> dict[str, Any]:
    """Return the JSON of a store: orders by status, what waits, and the pause, null if there is none."""
    pause = overview.backlog.pause
    return {
        "store": overview.backlog.store,
        "served": served,
        "state": state(overview, served=served, quarantine_ms=quarantine_ms),
        "pause": {
            "by": pause.by,
            "reason": pause.reason,
            "since": iso(pause.since),
            "probe_at": iso(pause.probe_at) if pause.probe_at > pause.since else None,
        }
        if pause.active
        else None,
        "orders": {status.value: overview.counts[status] for status in Status},
        "oldest_due_at": iso(overview.oldest_due),
        "attention": overview.attention,
        "inbox": overview.backlog.inbox,
        "rejected": overview.rejected,
        "reconciled": _reconciled(overview.reconciled),
        "troubles": [
            {"drain": drain.value, "reason": rest.reason or None, "until": iso(rest.until)}
            for drain, rest in sorted(overview.backlog.backoffs.items())
            if rest.until > overview.now
        ],
    }


def _elsewhere(overview: Overview) -> Iterator[tuple[str, str]]:
    """Yield who else than SkyHub rests, and what it said last."""
    for drain, who in _ELSEWHERE.items():
        if overview.backlog.rests(drain, overview.now):
            rest = overview.backlog.backoffs[drain]
            yield who, of_store(overview.backlog.store, f"next try at {iso(rest.until)}: {rest.reason}")


def _reconciled(found: Reconciled | None) -> dict[str, Any] | None:
    return {**asdict(found), "at": iso(found.at)} if found is not None else None


def overdue(overview: Overview) -> str:
    """Say for how long the order that was due first is due, "" if none is yet: `40 s`, `12 min`, `3 h`, `2 d`."""
    if overview.oldest_due is None or overview.oldest_due > overview.now:
        return ""
    seconds = (overview.now - overview.oldest_due) // 1000
    for unit, length, up_to in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if seconds < up_to:
            return f"{seconds // length} {unit}"
    return f"{seconds // 86_400} d"
