"""Plays the demo: starts the world, tells the stories, judges what came of them."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from worker.entrypoints.demo import outside
from worker.entrypoints.demo.children import DemoError
from worker.entrypoints.demo.judge import judge
from worker.entrypoints.demo.screen import Screen
from worker.entrypoints.demo.stories import Story
from worker.entrypoints.demo.telling import Telling, tell
from worker.entrypoints.demo.world import World, running_world
from worker.entrypoints.embedded import EmbeddedServerError
from worker.entrypoints.up.seller.handing_in import NotTakenError
from worker.entrypoints.words import counted
from worker.sandbox.control import SandboxError

_POLL_SECONDS = 0.1
# How long nothing more may happen after the last order is where it should be: as long as SkyHub's lists may lag here,
# and several sweeps, so that a second request would be seen.
_QUIET_SECONDS = 2.0


def run_demo(
    stories: Sequence[Story],
    screen: Screen,
    *,
    seconds: float = 45.0,
    before_judging: Callable[[World], None] = lambda _world: None,
) -> int:
    """Play the stories, each within so many seconds, and return the exit code: 0 if all went as promised.

    `before_judging` is called when the stories have ended: a test uses it to do what the service never does.
    """
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="coleta-demo-"))
    kept = False
    try:
        stores = sorted({story.store for story in stories})
        with running_world(folder, stores, screen.say) as world, _explaining(world):
            untold = _tell(world, stories, screen, seconds)
            before_judging(world)
            not_taken = outside.not_taken(world.control, stores)
            verdicts = judge(stories, world.control.report(), world.orders(stories), untold, not_taken)
            screen.show_verdicts(verdicts)
        kept = any(verdict.faults for verdict in verdicts)
    except (DemoError, EmbeddedServerError, SandboxError) as error:
        kept = True
        screen.say(f"failed: {error}")
    finally:
        if not kept:
            shutil.rmtree(folder)
    took = f"{time.monotonic() - started:.1f} s"
    screen.say(
        f"failed after {took}; logs: {folder}" if kept else f"{counted(len(stories), 'order')} as promised, in {took}"
    )
    return int(kept)


@contextmanager
def _explaining(world: World) -> Iterator[None]:
    """Turn a call that failed into a `DemoError`, which names the process that has ended, if one has."""
    try:
        yield
    except (RedisError, OperationalError, httpx.HTTPError, NotTakenError, SandboxError) as error:
        world.check()
        raise DemoError(str(error)) from error


def _tell(world: World, stories: Sequence[Story], screen: Screen, seconds: float) -> dict[str, int]:
    """Tell the stories until all have ended and stayed so, or the time is over.

    Returns how many steps are left, by SkyHub code: their moment did not come.
    """
    outside.sell(world.control, stories)
    tellings = [Telling(story, list(story.steps)) for story in stories]
    deadline = time.monotonic() + seconds
    quiet_since = None
    with screen.watching(stories) as watch:
        while (now := time.monotonic()) < deadline:
            world.check()
            orders = world.orders(stories)
            tell(world, tellings, orders, now)
            report = world.control.report()
            watch(orders, {code: len(times) for code, times in report.accepted.items()})
            ended = all(telling.has_ended(orders.get(telling.story.code)) for telling in tellings)
            if not ended or report.under_way or report.feed_waiting:
                quiet_since = None
            elif quiet_since is None:
                quiet_since = now
            elif now - quiet_since > _QUIET_SECONDS:
                break
            time.sleep(_POLL_SECONDS)
    return {telling.story.code: len(telling.untold) for telling in tellings}
