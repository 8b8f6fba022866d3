"""Whether a process makes progress, by its own trace; and whether starting it again would help.

A process that waits for Redis or for its broker makes no progress and is not stuck: another one would wait as well.
The times are generous. Who is restarted without need drops what it does; who stays stuck for some minutes loses
nothing, since the sweep hints again.

| moment | of | when it last… |
|---|---|---|
| `began` | worker, beat, web | was started |
| `turned` | worker, beat, web | went through its main loop |
| `ended` | worker | ended a task, or was idle |
| `busy_since` | worker | began the oldest of its running tasks |
| `deaf_since` | worker | began to take nothing although messages wait |
| `broker_away` | worker, beat | found its broker away |
| `sent` | beat | sent a message |
| `saved` | web | saved what came through a door |
| `did:<task>` | worker | began a task of that name |

Its numbers: `busy` and `threads` of a worker, `every_ms` of beat: how often it is to send, `closed` of web: 1 where no
password opens its pages.
"""

from collections.abc import Iterator

from worker.ports.processes import Kind, Trace

NOTE_SECONDS = 5.0
"""How often a process says what it does."""

SILENT_MS = 60_000
"""Who says nothing for that long is dead or frozen: Redis may have been slow for some of its notes."""
LOOP_MS = 120_000
"""After Redis was away Celery waits up to 30 s between two tries to reach it."""
STUCK_MS = 900_000
"""SkyHub's lists are read to their end: ten minutes for 100,000 orders."""
_SWEEP_MS = 120_000
_SWEEPS_MISSED = 6
DEAF_MS = 120_000
BROKER_MS = 120_000
"""A broker that was away so lately explains what is not done."""


def no_sweep_ms(sweep_ms: int) -> int:
    """Return after how long without a sweep something is wrong, where one is to come every `sweep_ms`.

    The probe of beat, the doctor and the metric that the alert goes by mean the same.
    """
    return max(_SWEEP_MS, _SWEEPS_MISSED * sweep_ms)


def is_silent(trace: Trace, now: int) -> bool:
    """Whether it said nothing for so long that it is dead or frozen; `now` in server milliseconds."""
    return now - trace.seen_at > SILENT_MS


def broker_was_away(trace: Trace, now: int) -> bool:
    """Whether it found its broker away just now."""
    return now - trace.moments.get("broker_away", 0) <= BROKER_MS


def waits_for_broker(trace: Trace, now: int) -> bool:
    """Whether it found its broker away just now, and has not gone on since."""
    goes_on = trace.moments.get("sent" if trace.kind is Kind.BEAT else "turned", 0)
    return broker_was_away(trace, now) and goes_on < trace.moments["broker_away"]


def stuck(trace: Trace, now: int) -> str | None:
    """Return why a process that lives makes no progress, as the end of a sentence; None where it does, or waits."""
    if is_silent(trace, now):
        return f"has said nothing for {seconds(now - trace.seen_at)}: it is dead, or frozen"
    return next(_reasons(trace, now), None)


def _reasons(trace: Trace, now: int) -> Iterator[str]:
    at = trace.moments
    patience = max(LOOP_MS, no_sweep_ms(trace.numbers.get("every_ms", 0)))
    if _older(trace, "turned", now, patience) and not broker_was_away(trace, now):
        yield f"has not gone through its main loop for {seconds(now - at['turned'])}"
    if _older(trace, "sent", now, patience) and not broker_was_away(trace, now):
        yield f"has sent nothing for {seconds(now - at['sent'])}"
    if trace.kind is Kind.WORKER:
        full = trace.numbers.get("busy", 0) >= trace.numbers.get("threads", 1) > 0
        if full and _older(trace, "ended", now, STUCK_MS) and _older(trace, "busy_since", now, STUCK_MS):
            yield f"has all its threads busy, and no task ended for {seconds(now - at['ended'])}"
        if _older(trace, "deaf_since", now, DEAF_MS) and not broker_was_away(trace, now):
            yield f"has taken no message for {seconds(now - at['deaf_since'])}, although some wait for it"


def _older(trace: Trace, moment: str, now: int, most_ms: int) -> bool:
    """Whether a moment is known and longer ago; by what a trace said, not by when it is looked at."""
    at = trace.moments.get(moment)
    return at is not None and now - at > most_ms


def seconds(milliseconds: int) -> str:
    """Return a time in words: `40 s`, `12 min`, `3 h`."""
    whole = max(milliseconds, 0) // 1000
    for unit, length, up_to in (("s", 1, 120), ("min", 60, 7200)):
        if whole < up_to:
            return f"{whole // length} {unit}"
    return f"{whole // 3600} h"
