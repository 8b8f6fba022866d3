"""The embedded server that a killed owner left behind: it is shut down before another one takes its place."""

import time
from collections.abc import Callable
from contextlib import suppress

from redis.exceptions import RedisError

from worker.adapters.redis_clients import brief_client
from worker.entrypoints.embedded.folder import Folder
from worker.entrypoints.embedded.program import EmbeddedServerError

_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.02


def server_lock(folder: Folder, canceled: Callable[[], bool]) -> int:
    """Return a descriptor that holds the server's lock, once no server lives in the folder.

    Raises `EmbeddedServerError` if one that was left behind does not stop.
    """
    lock = folder.lock_server()
    if lock is not None:
        return lock
    left_behind = folder.read_address()
    if left_behind:
        with suppress(RedisError), brief_client(left_behind.url) as client:
            client.shutdown()
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline and not canceled():
        lock = folder.lock_server()
        if lock is not None:
            return lock
        time.sleep(_POLL_SECONDS)
    named = f" (process {left_behind.pid})" if left_behind else ""
    msg = f"a server of an earlier start{named} still runs in {folder.path}, and does not stop: end it"
    raise EmbeddedServerError(msg)
