"""Redis dies under load, again and again: no worker dies with it, and the inbox is back soon after it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tests.faults.broker_load import STORE, Load, hand_in, requesting, settled
from tests.faults.outcome import Row, Run, judged
from tests.faults.scenarios import Scenario
from tests.fixtures.deployment import SHORT
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.sandbox.report import Report

_WORKERS = ("worker-1", "worker-2")
_LATENCY_MS = 100
_KILLS, _KILLS_SHORT = 10, 1
# What was promised; a call to SkyHub ends within 1 s, and none that began before a kill may end after the return.
_BACK_SECONDS = 15.0
_AWAY_SECONDS = (1.5, 3.0)
_UNDER_WAY_SECONDS = 20.0
_SETTLED_SECONDS = 90.0
_QUARANTINE_SECONDS = float(SHORT["CLAIM_SECONDS"]) + float(SHORT["SETTLING_SECONDS"])


class _World(RunningService):
    """Two workers and beat on one server, and a supervisor that counts what it has to start again."""

    def open(self) -> None:
        """Start every process."""
        super().open()
        self.sandbox.settings(strict=False)  # whatever is sent is accepted and counted
        with ThreadPoolExecutor() as pool:
            started = [pool.submit(self.start_worker, name) for name in _WORKERS]
            self.start_beat()
            self.workers: list[Part] = [each.result() for each in started]
        self.deaths: list[str] = []

    def supervise(self) -> None:
        """Start again what died but Redis, whose time has not come."""
        for part in self.parts:
            if not part.runs and part is not self.redis:
                self.deaths += [part.last_lines()]
                part.start()

    def supervised_until(self, check: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait for something, supervising; a server that is away says nothing."""

        def checked() -> bool:
            self.supervise()
            try:
                return check()
            except (RedisError, OperationalError):
                return False

        self.until(checked, what, seconds)

    def kill(self, away_seconds: float) -> int:
        """Kill Redis while orders are being requested, and bring it back; returns how many were."""
        seen = [0]

        def some() -> bool:
            seen[0] = requesting(self)
            return seen[0] > 0

        self.supervised_until(some, "some are being requested", _UNDER_WAY_SECONDS)
        self.redis.kill()
        back_at = time.monotonic() + away_seconds
        self.supervised_until(lambda: time.monotonic() >= back_at, "it is time", _BACK_SECONDS)
        self.redis.start()
        return seen[0]

    def until_recorded(self) -> tuple[list[Sale], float]:
        """Hand in an order as a door does, and one as a producer does; returns how long both took to be recorded."""
        saved, sent = self.sold(STORE, 2)
        returned = time.monotonic()
        self.sandbox.complete([saved.code, sent.code])
        hand_in(self, saved)
        for event in sent.events:
            self.supervised_until(partial(self._sends, event), "the broker takes a message", _BACK_SECONDS)
        both = [saved, sent]
        self.supervised_until(lambda: all(map(self._is_recorded, both)), "both are recorded", 4 * _BACK_SECONDS)
        return both, time.monotonic() - returned

    def _is_recorded(self, sale: Sale) -> bool:
        """Whether every event of an order is recorded; before that, the next kill may lose what a producer sent."""
        order = self.order(sale)
        return order is not None and len(order.invoices) == len(sale.skus)

    def _sends(self, event: object) -> bool:
        self.app.send_task("coleta.order_invoiced", args=[event], retry=False)
        return True


def _deaths(run: Run) -> list[Row]:
    draw = Random(run.seed)  # noqa: S311 - the same times for the same seed
    met, back, returns, probes = 0, [0.0], [], []
    with running(_World(run.folder, engine="redis", latency_ms=_LATENCY_MS)) as world:
        with Load(world) as load:
            for _ in range(_KILLS_SHORT if run.short else _KILLS):
                met += world.kill(draw.uniform(*_AWAY_SECONDS))
                returns.append(time.time())
                new, seconds = world.until_recorded()
                probes += new
                back.append(seconds)
        everything = [*load.sold, *probes]
        world.supervised_until(lambda: settled(world, everything), "all is requested", _SETTLED_SECONDS)
        report = world.sandbox.report()
    assert max(back) <= _BACK_SECONDS, f"an event was recorded {max(back):.1f} s after Redis was back"
    assert _in_quarantine(report, returns) == []
    deaths = len(world.deaths)
    return [
        Row(
            part="Redis",
            failure="Redis dies under two workers",
            how="SIGKILL of the server of state and messages, back after 1.5 to 3 s; then an event through either door",
            orders=len(everything),
            landed=len(returns),
            requesting=met,
            broken=judged(report, everything),
            recovery=max(back),
            note=(
                f"{deaths} processes died with it. Recovery is until both events were recorded, {_BACK_SECONDS:g} s at"
                " most. No pickup was requested in the quarantine after a return."
            ),
        )
    ]


def _in_quarantine(report: Report, returns: Sequence[float]) -> list[float]:
    """Return the confirmations that came too soon after Redis was back."""
    accepted = [at for times in report.accepted.values() for at in times]
    return [at for at in accepted for back in returns if 0 <= at - back < _QUARANTINE_SECONDS]


SCENARIOS = (Scenario(name="redis-deaths", perform=_deaths, seconds=95),)
