"""Whether the state's Redis server answers."""

import asyncio
import os
import ssl

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from config.scrub import scrub_text
from config.urls import redis_named

_SECONDS = 1.5


async def redis_problem(url: str) -> str | None:
    """Return what is wrong with the server at `url`, as a sentence without a password; None if it answers in time.

    Over a connection of its own: what hangs or heals is seen at once, and nothing is repeated.
    """
    client: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    try:
        async with asyncio.timeout(_SECONDS):
            await client.ping()
    except TimeoutError:
        reason = f"no answer within {_SECONDS:g} s"
    except (RedisError, OSError) as error:
        reason = _said(error)
    else:
        return None
    finally:
        await client.aclose()
    return f"{redis_named(url)} does not answer: {reason}"


def _said(error: Exception) -> str:
    # Of a connection that failed asyncio tells a number and an address; what the number means is in its context.
    failed = error.__context__
    if isinstance(failed, OSError) and not isinstance(failed, ssl.SSLError) and (failed.errno or 0) > 0:
        return os.strerror(failed.errno or 0)
    return scrub_text(str(error))
