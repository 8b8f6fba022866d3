"""Which processes `coleta up` runs."""

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A process: the module that it runs, and a pattern found in one of its log events once it does its work.

    Those of a higher `turn` are stopped when all of the lower ones are gone; one that names another in `after` is not
    started before that has done its work.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    ready: str
    turn: int = 0
    after: str | None = None


SELLER = "seller"
"""The name of the process that registers the stores in the simulated world: before it did, all calls are refused."""

WEB = "web"
"""The name of the process that serves the doors and the pages."""

_CELERY = ("--quiet", "-A", "worker")  # quiet: no banner


def service_plans(workers: int, *, after: str | None = None) -> list[Plan]:
    """Return the processes of the service itself; its workers start after the process of this name."""
    return [
        *(_worker(f"worker-{number}", after) for number in range(1, workers + 1)),
        Plan(name="beat", module="celery", arguments=[*_CELERY, "beat"], ready=r"^beat: Starting"),
        Plan(name=WEB, module="worker.entrypoints.web", ready=r"^web\.started$"),
    ]


def outside_plans(sandbox_port: int, orders_per_minute: float) -> list[Plan]:
    """Return the simulated outside world, and a seller whose orders keep arriving through every door."""
    pace = ["--orders-per-minute", str(orders_per_minute)]
    return [
        sandbox_plan(sandbox_port),
        Plan(name=SELLER, module="worker.entrypoints.up.seller", arguments=pace, ready=r"^seller\.started$"),
    ]


def sandbox_plan(port: int) -> Plan:
    """Return the simulated outside world."""
    arguments = ["--port", str(port)]
    # Workers that are stopped may still settle what they asked of it: it ends in a later turn than they.
    return Plan(name="sandbox", module="worker.sandbox", arguments=arguments, ready=r"listening on http", turn=1)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _worker(name: str, after: str | None) -> Plan:
    arguments = [*_CELERY, "worker", "-n", f"{name}@%h"]
    return Plan(name=name, module="celery", arguments=arguments, ready=r" ready\.$", after=after)
