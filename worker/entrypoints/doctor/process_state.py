"""Workers, beat and web: alive, and making progress."""

from collections.abc import Iterator, Sequence

from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.words import counted
from worker.ports.processes import Kind, Trace
from worker.usecases.liveness import is_silent, seconds, stuck, waits_for_broker

_ABSENT = {Kind.WORKER: Check.WORKER_ABSENT, Kind.BEAT: Check.BEAT_ABSENT, Kind.WEB: Check.WEB_ABSENT}
_WELL = {Kind.WORKER: Check.WORKER_OK, Kind.BEAT: Check.BEAT_OK, Kind.WEB: Check.WEB_OK}
_SWEEPS_MISSED = 6
_LEAST_SWEEP_MS = 120_000


def judge(traces: Sequence[Trace], now: int, *, sweep_ms: int, doors: bool) -> list[Finding]:
    """Judge what processes said of themselves; `doors`: some store has a door over HTTP."""
    living = [trace for trace in traces if not is_silent(trace, now)]
    found = [
        Finding(Check.PROCESS_GONE, f"{trace.name} was last seen {seconds(now - trace.seen_at)} ago")
        for trace in traces
        if is_silent(trace, now)
    ]
    for kind in Kind:
        found += _kind(kind, [trace for trace in living if trace.kind is kind], now, doors=doors)
    return [*found, *_sweeping(living, now, sweep_ms), *_versions(living)]


def _kind(kind: Kind, living: Sequence[Trace], now: int, *, doors: bool) -> Iterator[Finding]:
    if not living:
        if kind is not Kind.WEB or doors:
            yield Finding(_ABSENT[kind], f"no {kind} has said anything within a minute")
        return
    reasons = {trace.name: stuck(trace, now) for trace in living}
    yield from (Finding(Check.PROCESS_STUCK, f"{name} {reason}") for name, reason in reasons.items() if reason)
    waiting = [trace.name for trace in living if waits_for_broker(trace, now)]
    yield from (Finding(Check.PROCESS_WAITS, f"{name} found it away within two minutes") for name in waiting)
    if not waiting and not any(reasons.values()):
        yield Finding(_WELL[kind], _said(kind, living, now))


def _said(kind: Kind, living: Sequence[Trace], now: int) -> str:
    """Say what the processes of a kind did last."""
    moments = ("did:sweep", "did:drain_inbox", "did:request_pickups") if kind is Kind.WORKER else ("sent", "saved")
    words = [
        f"{moment.removeprefix('did:')} {seconds(now - last)} ago"
        for moment in moments
        if (last := max(trace.moments.get(moment, 0) for trace in living))
    ]
    busy = sum(trace.numbers.get("busy", 0) for trace in living)
    threads = sum(trace.numbers.get("threads", 0) for trace in living)
    load = [f"{busy} of {counted(threads, 'thread')} busy"] if kind is Kind.WORKER else []
    names = ", ".join(trace.name for trace in living[:4]) + (", …" if len(living) > 4 else "")  # noqa: PLR2004 - a line
    return f"{len(living)}: {names}; {', '.join([*load, *words])}".rstrip("; ")


def _sweeping(living: Sequence[Trace], now: int, sweep_ms: int) -> Iterator[Finding]:
    """Whether what beat sends arrives; a worker that has just begun may not have had its turn."""
    kinds = {trace.kind for trace in living}
    workers = [trace for trace in living if trace.kind is Kind.WORKER]
    last = max((trace.moments.get("did:sweep", trace.moments.get("began", now)) for trace in workers), default=now)
    if {Kind.BEAT, Kind.WORKER} <= kinds and now - last > max(_LEAST_SWEEP_MS, _SWEEPS_MISSED * sweep_ms):
        yield Finding(Check.SWEEP_OVERDUE, f"the last sweep began {seconds(now - last)} ago")


def _versions(living: Sequence[Trace]) -> Iterator[Finding]:
    versions = {trace.version: trace.name for trace in living}
    if len(versions) > 1:
        yield Finding(Check.PROCESS_VERSIONS, ", ".join(f"{name} {version}" for version, name in versions.items()))
