"""Whether the state's Redis server answers."""

import asyncio
import os
import ssl

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from config.scrub import scrub_text
from config.urls import REDIS_SCHEMES, redis_named, scheme
from worker.adapters.redis_clients import brief_client

_SECONDS = 1.5


async def redis_problem(url: str) -> str | None:
    """Return what is wrong with the server at `url`, as a sentence without a password; None if it answers in time.

    Over a connection of its own: what hangs or heals is seen at once, and nothing is repeated.
    """
    ask = _ask if scheme(url) in REDIS_SCHEMES else _ask_the_one_in_place
    try:
        async with asyncio.timeout(_SECONDS):
            await ask(url)
    except TimeoutError:
        reason = f"no answer within {_SECONDS:g} s"
    except (RedisError, OSError) as error:
        reason = _said(error)
    else:
        return None
    return f"{redis_named(url)} does not answer: {reason}"


async def _ask(url: str) -> None:
    client: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    try:
        await client.ping()
    finally:
        await client.aclose()


async def _ask_the_one_in_place(url: str) -> None:
    """Ask the primary that Sentinels name, or any node of a cluster: one that is away concerns its own stores."""

    def ping() -> None:
        with brief_client(url) as client:
            client.ping()

    await asyncio.to_thread(ping)


def _said(error: Exception) -> str:
    # Of a connection that failed asyncio tells a number and an address; what the number means is in its context.
    failed = error.__context__
    if isinstance(failed, OSError) and not isinstance(failed, ssl.SSLError) and (failed.errno or 0) > 0:
        return os.strerror(failed.errno or 0)
    return scrub_text(str(error))
