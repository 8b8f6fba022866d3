"""A failure that strikes waves of orders while they are handed in and requested, and the row that it comes to."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.outcome import Broken, Row, Run, judged
from tests.faults.producers import Producers, hand_in_again
from tests.faults.redis_world import RedisWorld
from tests.faults.waves import Wave

_PART = "Redis"
# How many orders each producer sells at least, and all of them a second; by whether it is the short cut.
_LOADS = {True: (5, 10.0), False: (25, 20.0)}


@dataclass
class Strikes:
    """What one kind of failure did to its waves of orders; judged when all of them are over."""

    world: RedisWorld
    failure: str
    how: str
    waves: list[Wave] = field(default_factory=list)
    landed: int = 0
    requesting: int = 0
    recovery: float = 0.0
    named: int = 0
    notes: list[str] = field(default_factory=list)

    def producing(self, run: Run) -> Producers:
        """Let producers sell the next wave: a fault finds it under way, whenever it strikes."""
        self.waves.append(Wave())
        seed = run.seed * 100 + len(self.waves)
        return Producers(self.world, self.waves[-1], seed, *_LOADS[run.short])

    def settle(self, since: float) -> None:
        """Wait until the last wave is settled; what is shown as lost is handed in again, which repairs it."""
        wave = self.waves[-1]
        settled, shown = self.world.settle(wave)
        self.recovery = max(self.recovery, settled - since)
        if shown:
            self.named += len(shown)
            hand_in_again(self.world, shown)
            self.world.until(lambda: all(self.world.accepted(shown)), "what was shown is repaired", supervised=True)
            self.world.settle(wave)

    def row(self) -> Row:
        """Return the row; ask when all is over."""
        report, broken = self.world.sandbox.report(), Broken()
        for wave in self.waves:
            broken += judged(report, wave.sold, incomplete=wave.incomplete)
        return Row(
            part=_PART,
            failure=self.failure,
            how=self.how,
            orders=sum(len(wave.all) for wave in self.waves),
            landed=self.landed,
            requesting=self.requesting,
            broken=broken,
            recovery=self.recovery,
            named=self.named,
            note="; ".join(self.notes),
        )


Phase = Callable[[RedisWorld, Run], Strikes]
