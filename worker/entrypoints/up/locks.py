"""One `up` a directory, and none before the processes of the last one are gone.

Two locks: `up.lock` is held by `up`, `children.lock` by the processes that it starts, which inherit it. So what a
killed `up` left behind is waited for: it ends by itself (see child.py).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.contradictions import STOP_GRACE_SECONDS
from worker.entrypoints.embedded.folder import take_lock
from worker.entrypoints.sandbox_home import UP_LOCK
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.stop import Stop

_SPARE_SECONDS = 5.0


class UpError(Exception):
    """`coleta up` cannot run: why, and what to do."""


@contextmanager
def locked(folder: Path, log: MergedLog, stop: Stop) -> Iterator[int]:
    """Hold a directory, and give the descriptor that the children inherit; raises `UpError`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = take_lock(folder / UP_LOCK)
    except OSError as error:
        mend = "mend its owner, or name another directory in COLETA_DATA_DIR"
        raise UpError(f"{folder} cannot be used ({error.strerror}): {mend}") from error
    if own is None:
        raise UpError(f"another `coleta up` runs in {folder}: stop it, or name another directory in COLETA_DATA_DIR")
    try:
        children = _childrens_lock(folder, log, stop)
        try:
            yield children
        finally:
            os.close(children)
    finally:
        os.close(own)


def _childrens_lock(folder: Path, log: MergedLog, stop: Stop) -> int:
    path = folder / "children.lock"
    taken = take_lock(path)
    if taken is not None:
        return taken
    log.say("up.waited", "waiting for the processes of an earlier start, which was killed, to end")
    held: list[int] = []

    def take() -> bool:
        held.extend(filter(None, [take_lock(path)]))
        return bool(held)

    if not stop.wait_for(take, STOP_GRACE_SECONDS + _SPARE_SECONDS):
        raise UpError(f"processes of an earlier start still hold {path}, and do not end: end them")
    return held[0]
