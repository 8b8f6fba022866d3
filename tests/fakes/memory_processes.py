"""The traces of processes, in memory."""

from collections.abc import Mapping
from dataclasses import replace

from worker.ports.processes import Kind, Trace

NOW = 1_800_000_000_000


class MemoryProcesses:
    """Keeps what is noted, on a clock that stands still; raises `trouble` if it has one."""

    def __init__(self, *known: Trace) -> None:
        self.known = {(trace.kind, trace.name): trace for trace in known}
        self.trouble: Exception | None = None
        self.noted = 0

    def note(self, trace: Trace, ages: Mapping[str, float | None]) -> None:
        self.noted += 1
        if self.trouble is not None:
            raise self.trouble
        moments = {name: NOW - round(age * 1000) for name, age in ages.items() if age is not None}
        self.known[trace.kind, trace.name] = replace(trace, seen_at=NOW, moments=moments)

    def leave(self, trace: Trace) -> None:
        self.known.pop((trace.kind, trace.name), None)

    def seen(self) -> tuple[list[Trace], int]:
        return sorted(self.known.values(), key=lambda trace: (trace.kind, trace.name)), NOW


def a_trace(
    kind: Kind = Kind.WORKER,
    name: str = "",
    *,
    seen_ago: float = 0.0,
    did: Mapping[str, float] | None = None,
    **ago: float,
) -> Trace:
    """Describe a process of this machine; its moments are so many seconds ago, the tasks that it `did` among them."""
    moments = {**ago, **{f"did:{task}": at for task, at in (did or {}).items()}}
    return Trace(
        kind=kind,
        name=name or f"{kind}@here",
        host="here",
        pid=1,
        version="1.0",
        seen_at=NOW - round(seen_ago * 1000),
        moments={moment: NOW - round(at * 1000) for moment, at in moments.items()},
        numbers={"threads": 8},
    )
