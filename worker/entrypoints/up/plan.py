"""Which processes `coleta up` runs."""

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A process: the module that it runs, and a pattern found in one of its log events once it does its work.

    Those of a higher `turn` are stopped when all of the lower ones are gone.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    ready: str
    turn: int = 0


_CELERY = ("--quiet", "-A", "worker")  # quiet: no banner


def service_plans(workers: int) -> list[Plan]:
    """Return the processes of the service itself."""
    return [
        *(_worker(f"worker-{number}") for number in range(1, workers + 1)),
        Plan(name="beat", module="celery", arguments=[*_CELERY, "beat"], ready=r"^beat: Starting"),
        Plan(name="web", module="worker.entrypoints.web", ready=r"^web\.started$"),
    ]


def outside_plans(sandbox_port: int, orders_per_minute: float) -> list[Plan]:
    """Return the simulated outside world: SkyHub, and a seller whose orders keep arriving."""
    pace = ["--orders-per-minute", str(orders_per_minute)]
    return [
        # Workers that are stopped may still settle what they asked of it.
        Plan(
            name="sandbox",
            module="worker.sandbox",
            arguments=["--port", str(sandbox_port)],
            ready=r"listening on http",
            turn=1,
        ),
        Plan(name="seller", module="worker.entrypoints.up.seller", arguments=pace, ready=r"^seller\.started$"),
    ]


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _worker(name: str) -> Plan:
    flags = (
        # Asking the other workers at the start what they revoked takes a second; nothing is ever revoked here. And a
        # worker that asks so again after Redis was away can stop taking messages (celery #7276, #8030).
        "--without-mingle",
        # Listening to the other workers' events serves elections and logs; both go unused, and cost a subscription.
        "--without-gossip",
    )
    return Plan(
        name=name, module="celery", arguments=[*_CELERY, "worker", "-n", f"{name}@%h", *flags], ready=r" ready\.$"
    )
