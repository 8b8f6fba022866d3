"""A Redis that stops or is full, and a broker that is lost: what was recorded stays, and nothing is half-written."""

import time

from tests.faults.outcome import Run
from tests.faults.producers import Producers
from tests.faults.redis_strikes import Strikes
from tests.faults.redis_world import RedisWorld
from worker.domain.order import Status

_QUEUES = ("inbox", "pickups", "upkeep")


def paused(world: RedisWorld, run: Run) -> Strikes:
    """SIGSTOP the server: connections stand, nothing answers."""
    seconds = 8 if run.short else 30
    strikes = Strikes(world, "Redis stops", f"SIGSTOP of the server in mid-run, SIGCONT after {seconds} s")
    with strikes.producing(run) as producers:
        world.in_the_middle(producers.wave, 5)
        world.redis.pause()
        stopped = time.monotonic()
        try:
            strikes.requesting = len(world.kept().standing(Status.REQUESTING))
            world.until(lambda: time.monotonic() > stopped + seconds, "its time is over", supervised=True)
            strikes.landed = int(producers.refused[503] > 0)
        finally:
            world.redis.resume()
        since = time.monotonic()
    strikes.settle(since)
    strikes.notes.append(f"{_answers(producers)}, the slowest answer after {producers.slowest:.1f} s")
    return strikes


def full(world: RedisWorld, run: Run) -> Strikes:
    """Let every write be refused for want of memory."""
    where = "" if world.broker is not world.redis else ", which is the broker, too"
    strikes = Strikes(world, f"Redis is full{where}", "maxmemory reached in mid-run with noeviction, then raised")
    seconds = 1 if run.short else 5
    with strikes.producing(run) as producers, world.direct() as client:
        client.config_resetstat()
        world.in_the_middle(producers.wave, 5)
        client.config_set("maxmemory", "1")
        began = time.monotonic()
        world.until(lambda: producers.refused[503] >= 3, "the door refuses", supervised=True)
        world.until(lambda: time.monotonic() > began + seconds, "its time is over", supervised=True)
        found = world.kept()
        strikes.requesting = len(found.standing(Status.REQUESTING))
        strikes.landed = int(client.info("errorstats").get("errorstat_OOM", {}).get("count", 0))
        client.config_set("maxmemory", "0")
        since = time.monotonic()
    assert found.wrong == (), found.wrong
    strikes.settle(since)
    lines = [line for part in world.parts for line in part.text.splitlines()]
    retries = sum("coleta.order_invoiced" in line and "retry: Retry in" in line for line in lines)
    strikes.notes.append(
        f"landed counts the writes that were refused; {_answers(producers)}; the Celery door retried {retries} times"
    )
    return strikes


def broker_killed(world: RedisWorld, run: Run) -> Strikes:
    """SIGKILL the broker and start it again."""
    strikes = Strikes(world, "The broker dies", "SIGKILL of a Redis that is only the broker in mid-run, restart")
    for _ in range(1 if run.short else 2):
        with strikes.producing(run) as producers:
            strikes.requesting += world.in_the_middle(producers.wave, 5)
            world.broker.kill()
            world.broker.start()
            since = time.monotonic()
        strikes.landed += 1
        strikes.settle(since)
    return strikes


def broker_flushed(world: RedisWorld, run: Run) -> Strikes:
    """Take every message, and all that Celery keeps there."""
    strikes = Strikes(world, "The broker is emptied", "FLUSHALL of a Redis that is only the broker in mid-run")
    for _ in range(1 if run.short else 3):
        with strikes.producing(run) as producers:
            strikes.requesting += world.in_the_middle(producers.wave, 5)
            world.until(lambda: _flush(world, strikes), "messages are lost", supervised=True)
            since = time.monotonic()
        strikes.settle(since)
    strikes.notes.append("landed counts the messages that were lost")
    return strikes


def _flush(world: RedisWorld, strikes: Strikes) -> bool:
    """Empty the broker; returns whether messages were lost by it."""
    if not any(world.messages.llen(queue) for queue in _QUEUES) and not world.messages.hlen("unacked"):
        return False
    with world.messages.pipeline(transaction=True) as pipe:
        for queue in _QUEUES:
            pipe.llen(queue)
        pipe.hlen("unacked")
        pipe.flushall()
        *lost, _ = pipe.execute()
    strikes.landed += sum(map(int, lost))
    return any(lost)


def _answers(producers: Producers) -> str:
    return f"the door answered {producers.refused[503]} times 503"
