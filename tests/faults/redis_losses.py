"""A Redis that dies, and one that forgets what it acknowledged."""

import time
from itertools import count

from tests.faults.outcome import Run
from tests.faults.redis_memory import AofWatch, Memory, Name
from tests.faults.redis_strikes import Strikes
from tests.faults.redis_world import RedisWorld
from tests.faults.waves import Wave, ledger_id
from worker.domain.order import Status

# What `appendfsync everysec` may lose.
_FORGOTTEN_SECONDS = 1.0
_PARTED_SECONDS = 1.5
_NUMBERS = count(1)
_CLAIMS = "landed counts orders and events; {} claims of requests that SkyHub had accepted were among them"


def killed(world: RedisWorld, run: Run) -> Strikes:
    """SIGKILL the state's Redis and start it again on what is on its disk."""
    strikes = Strikes(world, "Redis dies", "SIGKILL of the server in mid-run, restart; appendfsync always")
    for _ in range(1 if run.short else 4):
        with strikes.producing(run) as producers:
            world.in_the_middle(producers.wave, 5)
            world.redis.kill()
            found = world.kept()
            world.redis.start()
            since = time.monotonic()
        assert found.wrong == (), found.wrong
        strikes.landed += 1
        strikes.requesting += len(found.standing(Status.REQUESTING))
        strikes.settle(since)
    return strikes


def cut(world: RedisWorld, run: Run) -> Strikes:
    """Let the server forget its last second, as `everysec` can."""
    how = "SIGKILL, what was appended in the last second cut off the append-only file, restart"
    strikes = Strikes(world, "Redis forgets a second", how)
    claims = sum(_cut_once(strikes, run) for _ in range(1 if run.short else 3))
    strikes.notes.append(_CLAIMS.format(claims))
    return strikes


def failed_over(world: RedisWorld, run: Run) -> Strikes:
    """Promote a replica that lags behind; clients find it under the address of the one that died."""
    how = f"the replica's link breaks, the primary goes on for {_PARTED_SECONDS} s and is killed, the replica promoted"
    strikes = Strikes(world, "A stale replica takes over", how)
    claims = sum(_fail_over_once(strikes, run) for _ in range(1 if run.short else 2))
    strikes.notes.append(_CLAIMS.format(claims))
    return strikes


def _cut_once(strikes: Strikes, run: Run) -> int:
    world = strikes.world
    with AofWatch(world.redis) as watch, strikes.producing(run) as producers:
        world.in_the_middle(producers.wave, 8)
        world.redis.kill()
        watch.stop()
        before, accepted = world.kept(), _accepted(world, producers.wave)
        watch.cut(_FORGOTTEN_SECONDS)
        after = world.kept()
        world.redis.start()
        since = time.monotonic()
    claims = _forgot(strikes, before, after, accepted)
    strikes.settle(since)
    return claims


def _fail_over_once(strikes: Strikes, run: Run) -> int:
    world = strikes.world
    follower = world.replica(f"replica-{next(_NUMBERS)}")
    with strikes.producing(run) as producers:
        world.in_the_middle(producers.wave, 5)
        world.part_from_primary(follower)
        parted = time.monotonic()
        world.until(lambda: time.monotonic() > parted + _PARTED_SECONDS, "the primary goes on", supervised=True)
        world.until(world.requesting, "some are being requested", supervised=True)
        world.redis.kill()
        before, accepted = world.kept(), _accepted(world, producers.wave)
        after = world.promote(follower)
        since = time.monotonic()
    claims = _forgot(strikes, before, after, accepted)
    strikes.settle(since)
    return claims


def _accepted(world: RedisWorld, wave: Wave) -> set[Name]:
    """Return the orders of a wave that SkyHub accepted by now."""
    accepted = world.sandbox.report().accepted
    return {(sale.store, ledger_id(sale)) for sale in wave.direct if sale.code in accepted}


def _forgot(strikes: Strikes, before: Memory, after: Memory, accepted: set[Name]) -> int:
    """Note what was forgotten; returns how many claims of accepted requests were among it."""
    assert before.wrong + after.wrong == (), before.wrong + after.wrong
    strikes.landed += len(before.forgotten(after))
    strikes.requesting += len(before.standing(Status.REQUESTING))
    return len(accepted - after.standing(Status.REQUESTING) - after.standing(Status.REQUESTED))
