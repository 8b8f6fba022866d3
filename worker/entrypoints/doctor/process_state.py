"""Workers, beat and web: alive, and making progress."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace

from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.words import counted
from worker.ports.processes import Kind, Trace
from worker.usecases.liveness import SILENT_MS, is_silent, no_sweep_ms, seconds, stuck, waits_for_broker

_ABSENT = {Kind.WORKER: Check.WORKER_ABSENT, Kind.BEAT: Check.BEAT_ABSENT, Kind.WEB: Check.WEB_ABSENT}
_WELL = {Kind.WORKER: Check.WORKER_OK, Kind.BEAT: Check.BEAT_OK, Kind.WEB: Check.WEB_OK}


_UP = "`coleta up` runs here (a second one is refused) and starts what is missing: if this stays, its log says why not"


def judge(
    traces: Sequence[Trace],
    now: int,
    *,
    swept_at: int | None,
    sweep_ms: int,
    doors: bool,
    up: bool = False,
    host: str = socket.gethostname(),
) -> list[Finding]:
    """Judge what processes said of themselves; `swept_at` is when a sweep last came to its end, None: never.

    `doors`: some store has a door over HTTP; `up`: a `coleta up` keeps the processes of this host running.
    """
    found = _judge(traces, now, swept_at, sweep_ms, doors=doors)
    return [_with_up(finding, traces, host) for finding in found] if up else found


def _judge(traces: Sequence[Trace], now: int, swept_at: int | None, sweep_ms: int, *, doors: bool) -> list[Finding]:
    living = [trace for trace in traces if not is_silent(trace, now)]
    found = [
        Finding(Check.PROCESS_GONE, f"{_named(trace)} was last seen {seconds(now - trace.seen_at)} ago")
        for trace in traces
        if is_silent(trace, now)
    ]
    for kind in Kind:
        found += _kind(kind, [trace for trace in living if trace.kind is kind], now, doors=doors)
    return [*found, *_sweeping(living, now, swept_at, sweep_ms), *_versions(living)]


def _kind(kind: Kind, living: Sequence[Trace], now: int, *, doors: bool) -> Iterator[Finding]:
    if not living:
        if kind is not Kind.WEB or doors:
            yield Finding(_ABSENT[kind], f"no {kind} has said anything for {SILENT_MS // 1000} s")
        return
    reasons = {_named(trace): stuck(trace, now) for trace in living}
    yield from (Finding(Check.PROCESS_STUCK, f"{name} {reason}") for name, reason in reasons.items() if reason)
    closed = [trace.name for trace in living if trace.numbers.get("closed")]
    yield from (Finding(Check.PAGES_CLOSED, f"{name} knows none") for name in closed)
    waiting = [trace.name for trace in living if waits_for_broker(trace, now)]
    yield from (Finding(Check.PROCESS_WAITS, f"{name} found it away within two minutes") for name in waiting)
    if not waiting and not any(reasons.values()):
        yield Finding(_WELL[kind], _said(kind, living, now))


def _named(trace: Trace) -> str:
    return f"{trace.name} (process {trace.pid} on {trace.host})"


def _with_up(finding: Finding, traces: Sequence[Trace], host: str) -> Finding:
    """Return the finding with what is to be done where `coleta up` starts again whatever ends."""
    if finding.check in _ABSENT.values():
        return replace(finding, own_advice=_UP)
    ours = [trace for trace in traces if trace.host == host and finding.found.startswith(_named(trace))]
    if not ours or finding.check not in (Check.PROCESS_GONE, Check.PROCESS_STUCK):
        return finding
    still = "if it still runs it is frozen: " if finding.check is Check.PROCESS_GONE else ""
    return replace(finding, own_advice=f"{still}`kill -9 {ours[0].pid}` there, and `coleta up` starts it again")


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


def _sweeping(living: Sequence[Trace], now: int, swept_at: int | None, sweep_ms: int) -> Iterator[Finding]:
    """Whether what beat sends is done; workers that have all just begun may not have had their turn."""
    workers = [trace for trace in living if trace.kind is Kind.WORKER]
    if not workers or not any(trace.kind is Kind.BEAT for trace in living):
        return
    began = min(trace.moments.get("began", now) for trace in workers)
    if now - max(swept_at or 0, began) > no_sweep_ms(sweep_ms):
        said = (
            f"the last one came to its end {seconds(now - swept_at)} ago" if swept_at else "none ever came to its end"
        )
        yield Finding(Check.SWEEP_OVERDUE, said)


def _versions(living: Sequence[Trace]) -> Iterator[Finding]:
    versions = {trace.version: trace.name for trace in living}
    if len(versions) > 1:
        yield Finding(Check.PROCESS_VERSIONS, ", ".join(f"{name} {version}" for version, name in versions.items()))
