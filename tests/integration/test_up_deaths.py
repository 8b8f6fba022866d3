"""Under load every process of `coleta up` is killed, and `up` itself: all works again soon, and no promise broke."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random

import pytest
from redis.exceptions import RedisError

from tests.fixtures.running_parts import until
from tests.fixtures.running_up import START_SECONDS, Up, ending, living_below
from tests.fixtures.sales import Sale, sales
from tests.fixtures.up_world import UpWorld, up_world
from worker.domain.order import Status

STORES = ("acme", "brava")
CARRIERS = ("direct", "direct", "direct", "correios")
# The promise: from a kill until the web answers and what is told then is recorded.
RECOVERY_SECONDS = 15.0
# Orders that are told a second, two events each.
PACE = 8.0


class Load:
    """Sells in a thread, and tells every invoice until it is acknowledged, as a producer does."""

    def __init__(self, world: UpWorld) -> None:
        self.sold: list[Sale] = []
        self._world = world
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="load")
        self._draw = Random(7)  # noqa: S311 - the same orders in every run

    @contextmanager
    def running(self) -> Iterator[None]:
        """Sell as long as the block lasts."""
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def _go_on(self) -> None:
        while not self._ended.wait(1 / PACE):
            carrier = self._draw.choice(CARRIERS)
            (sale,) = sales(self._draw.choice(STORES), carrier=carrier, says_carrier=self._draw.random() < 0.5)  # type: ignore[arg-type]
            self._world.register([sale])
            tell(self._world, sale)
            self.sold.append(sale)


def tell(world: UpWorld, sale: Sale) -> None:
    """Tell each invoice of an order until it is acknowledged; SkyHub is told of the last one first."""
    for event in sale.events:
        if event == sale.events[-1]:
            world.skyhub.complete([sale.code])
        hand_in = partial(world.hand_in, event)
        until(partial(_acknowledged, hand_in), "the event is acknowledged", seconds=START_SECONDS)


def _acknowledged(hand_in: Callable[[], object]) -> bool:
    try:
        hand_in()
    except (RedisError, ConnectionError):
        return False
    return True


def _recorded(world: UpWorld, sale: Sale) -> bool:
    """Whether all that was told of an order is in the ledger, and nothing waits in an inbox."""
    try:
        return world.statuses([sale]).isdisjoint({None, Status.WAITING}) and world.inboxes() == 0
    except (RedisError, ConnectionError):
        return False


def _recovery(world: UpWorld, up: Up, killed_at: float) -> tuple[float, float]:
    """Return the seconds from the kill until the web was ready, and until a new order was recorded."""
    (sale,) = sales("acme")
    world.register([sale])
    up.until(lambda: up.probe("/readyz") == 200, "the web is ready")
    ready = time.monotonic() - killed_at
    tell(world, sale)
    up.until(lambda: _recorded(world, sale), "what is told then is recorded")
    return ready, time.monotonic() - killed_at


def _kill(up: Up, *names: str) -> None:
    """SIGKILL these processes, and wait until each of them was started again."""
    before = {name: len(up.starts(name)) for name in names}
    for name in names:
        with suppress(ProcessLookupError):  # a worker can end by itself when Redis dies, and is started again, too
            os.kill(up.starts(name)[-1], signal.SIGKILL)
    up.until(lambda: all(len(up.starts(name)) > count for name, count in before.items()), f"{names} run again")


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_whatever_dies_is_back_within_seconds_and_no_promise_breaks(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Server, workers, beat, web, and `up` itself: every Direct order ends with one request, and no other has any."""
    with up_world(tmp_path, STORES) as world:
        load = Load(world)
        recoveries: list[tuple[str, float, float]] = []
        up = world.up("--workers", "2")
        with ending(up):
            up.await_ready()
            with load.running():
                for victims in (["server"], ["worker-1"], ["worker-1", "worker-2"], ["beat"], ["web"], ["server"]):
                    killed_at = time.monotonic()
                    _kill(up, *victims)
                    recoveries.append((" and ".join(victims), *_recovery(world, up, killed_at)))
                before = living_below(world.folder).keys()
                killed_at = time.monotonic()
                up.kill()
                up.start()
                recoveries.append(("up", *_recovery(world, up, killed_at)))
                up.await_ready(starts=2)
                # No worker and no beat goes on unsupervised beside the next one's.
                assert before.isdisjoint(living_below(world.folder))

            direct = [sale for sale in load.sold if sale.carrier == "direct"]
            up.until(lambda: world.statuses(direct) == {Status.REQUESTED}, "every Direct order is requested")
            report = world.skyhub.report()
            assert {code: len(report.accepted.get(code, ())) for code in {sale.code for sale in direct}} == {
                sale.code: 1 for sale in direct
            }
            assert report.violations == {}
            assert up.interrupt() == 0
            assert living_below(world.folder) == {}
            record_property("orders", len(load.sold))
            record_property("recoveries", recoveries)
            assert max(recorded for _, _, recorded in recoveries) < RECOVERY_SECONDS, recoveries
