"""What Redis may do to the service: die, forget, stop, be full; and what a broker of its own may lose.

Each failure strikes while waves of orders are handed in through the doors and requested at SkyHub.
"""

from collections.abc import Callable, Sequence

from tests.fakes.proxy import CuttingProxy
from tests.faults.outcome import Row, Run
from tests.faults.redis_losses import cut, failed_over, killed
from tests.faults.redis_outages import broker_flushed, broker_killed, full, paused
from tests.faults.redis_strikes import Phase
from tests.faults.redis_world import RedisWorld
from tests.faults.scenarios import Scenario
from tests.fixtures.running_service import running

# Long enough for the lists to lag still when what was forgotten comes up again: what is not doubted is requested twice.
_LONG_SETTLING_SECONDS = 6.0


def _scenario(
    phases: Sequence[Phase], *, engine: str, broker_apart: bool = False, forgets: bool = False
) -> Callable[[Run], list[Row]]:
    def perform(run: Run) -> list[Row]:
        settling = _LONG_SETTLING_SECONDS if forgets and not run.short else 1.0
        with CuttingProxy() as proxy:
            through = proxy if failed_over in phases else None
            world = RedisWorld(
                run.folder, engine=engine, broker_apart=broker_apart, proxy=through, settling_seconds=settling
            )
            with running(world):
                struck = [phase(world, run) for phase in phases]
                world.look_again()
                for strikes in struck:
                    world.settle(strikes.waves[-1])
                return [strikes.row() for strikes in struck]

    return perform


# What `make test` runs, in one world; a server that only dies has its own test among those of the workers.
shortly = _scenario((cut, paused, full), engine="valkey")

SCENARIOS = (
    Scenario(name="redis-killed", perform=_scenario((killed,), engine="redis"), seconds=50),
    Scenario(name="redis-forgets", perform=_scenario((cut,), engine="redis", forgets=True), seconds=75),
    Scenario(name="redis-failover", perform=_scenario((failed_over,), engine="redis", forgets=True), seconds=60),
    Scenario(name="redis-stopped", perform=_scenario((paused, full), engine="valkey"), seconds=65),
    Scenario(
        name="redis-broker",
        perform=_scenario((full, broker_killed, broker_flushed), engine="valkey", broker_apart=True),
        seconds=65,
    ),
)
