"""What a command that works on the ledger needs: the service, and a sentence where it cannot be reached."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.stores import StoresError
from worker.bootstrap import Service, UnknownStoreError, UnsafeRedisError
from worker.entrypoints import process
from worker.entrypoints.cli.terminal import complain
from worker.entrypoints.embedded import server_named
from worker.entrypoints.words import counted

_AWAY = (RedisConnectionError, RedisTimeoutError)
_LAST_COUNTS_SECONDS = 1.0
_OTHERS_GO_ON = (
    "Nothing was done. Workers that run go on with the stores they had, until this is mended."
    " `coleta doctor` looks at the rest."
)


@contextmanager
def connected() -> Iterator[Service]:
    """Give the service; no Redis that answers, or a store that nobody configured, ends the process with a sentence.

    So does a stores file that cannot be used: a command has no earlier stores to go on with, unlike what runs.
    Where nothing else runs it is that of a sandbox, which is said.
    """
    if process.look_into_sandbox():
        complain("on the simulated SkyHub of coleta up --sandbox")
    process.set_up_logging()
    logging.getLogger().setLevel(logging.WARNING)  # a command says itself what it does
    try:
        process.check_stores()
    except StoresError as error:
        process.leave(f"{error}\n{_OTHERS_GO_ON}")
    service = process.service()
    server = server_named(service.settings)
    try:
        yield service
    except (UnknownStoreError, UnsafeRedisError) as error:
        process.leave(str(error))
    except RedisError as error:
        away = isinstance(error, _AWAY) and not isinstance(error, AuthenticationError)
        process.leave(f"{server} {'does not answer' if away else 'refuses this service'}: {error}")
    finally:
        service.tally.close(_LAST_COUNTS_SECONDS)


def served(service: Service, store: str) -> None:
    """End the process unless the store is in the stores file: of one that was taken out nothing can be changed."""
    if store not in service.stores and store in service.fleet.remember(()):
        file = service.settings.stores_file
        process.leave(
            f"store {store!r} was taken out of {file}: its orders are kept, paused; put it back to act on them"
        )
    service.store(store)


def leave_without(service: Service, store: str, name: str) -> NoReturn:
    """End the process because the store has no order of this name, or does not have it yet."""
    (backlog, *_), _ = service.fleet.backlogs([store])
    yet = ""
    if backlog.inbox:
        are = "is" if backlog.inbox == 1 else "are"
        events = f"{counted(backlog.inbox, 'event')} of the store {are} not recorded yet"
        yet = f"; {events}: look again in a moment, and if that stays run `coleta doctor`"
    process.leave(f"store {store} has no order {name}{yet}")
