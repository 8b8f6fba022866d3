"""Every scenario of the fault suite: given a `Run`, it makes its failures happen to real parts and returns its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from tests.faults.outcome import Row, Run

# A module a line of the suite, in the order of docs/reliability.md; each has a tuple `SCENARIOS`.
_MODULES: tuple[str, ...] = (
    "crash_points",
    "poison",
    "redis_deaths",
    "redis_trouble",
    "secrecy",
    "storms",
    "skyhub_faults",
    "clocks",
    "rabbitmq",
    "model",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario under its name; `seconds` is about what the whole of it takes: the longest are started first."""

    name: str
    perform: Callable[[Run], list[Row]]
    seconds: int


def scenarios() -> list[Scenario]:
    """Return all of them, in the order of the report."""
    return [each for name in _MODULES for each in import_module(f"tests.faults.{name}").SCENARIOS]
