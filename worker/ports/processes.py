"""The processes of the service, by what each of them said of itself last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """The kinds of processes that serve."""

    WORKER = "worker"
    BEAT = "beat"
    WEB = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one process said of itself; every time on the server's clock, in milliseconds.

    `moments` say when it last did what, `numbers` what it counts; `worker.usecases.liveness` knows their names.
    """

    kind: Kind
    name: str
    host: str
    pid: int
    version: str
    seen_at: int = 0
    moments: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


class Processes(Protocol):
    """The traces of all processes; of one that is silent for an hour nothing is left."""

    def note(self, trace: Trace, ages: Mapping[str, float | None]) -> None:
        """Keep a trace, seen now; its moments are so many seconds ago, None: never, or not any more.

        A moment or number that is not given stays as it was: a process gives all of its own each time.
        """

    def leave(self, trace: Trace) -> None:
        """Forget a process that ends in order."""

    def seen(self) -> tuple[list[Trace], int]:
        """Return what is known, by kind and name, and the server's time."""
