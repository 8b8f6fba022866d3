"""What a start of the embedded server means for pickups: nothing is requested for a while, which is said."""

from collections.abc import Sequence
from datetime import UTC, datetime

from redis.exceptions import RedisError

from config.settings import Settings
from config.stores import Stores
from worker.adapters.redis_clients import brief_client
from worker.bootstrap import build
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.views import iso
from worker.ports import Drain, Standing
from worker.wiring import milliseconds


def say_quarantine(settings: Settings, stores: Stores, url: str, log: MergedLog) -> None:
    """Let every store note which server answers at `url`, and say until when none of them requests anything.

    So the time counts from now on, and not from the first order that is due. Nothing is said of a server that no store
    knew before, nor where it does not answer: then the drains note it.
    """
    try:
        with brief_client(url) as client:
            service = build(settings.with_redis_url(url), stores, redis=client)
            standings = [service.ledger(name).standing(Drain.PICKUPS) for name in stores]
    except RedisError:
        return
    until = _until(standings, milliseconds(settings.quarantine_seconds))
    if until is None:
        return
    clock = datetime.fromtimestamp(until / 1000, UTC).astimezone().strftime("%H:%M:%S")
    why = "the server is another process now, and what was on its way to SkyHub is given time to show there"
    message = f"no pickup is requested until {clock} ({settings.quarantine_seconds:g} s): {why}; events are recorded"
    log.say("pickups.held", message, until=iso(until))


def _until(standings: Sequence[Standing], quarantine_ms: int) -> int | None:
    latest = max((each.held_until(quarantine_ms) for each in standings), default=0)
    return latest if any(latest > each.now for each in standings) else None
