"""What a process says of itself every few seconds, from a thread of its own: `coleta doctor` and the probes read it.

The process itself only sets a time in memory; whoever is stuck says nothing new, and that is what is looked for.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version

import structlog
from redis.exceptions import RedisError

from worker.ports.processes import Kind, Processes, Trace
from worker.telemetry import Log
from worker.usecases.liveness import NOTE_SECONDS

log = structlog.get_logger()

_LEAVE_SECONDS = 2.0


def named_here(kind: Kind) -> str:
    """Return the name of this machine's process of a kind, where it has only one."""
    return f"{kind}@{socket.gethostname()}"


class Pulse:
    """One process's trace. `moments` are the names of all that it may ever say that it did.

    `sample` is called in the pulse's own thread before each note.
    """

    def __init__(
        self,
        kind: Kind,
        name: str,
        moments: tuple[str, ...],
        processes: Processes,
        *,
        sample: Callable[["Pulse"], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = kind
        self._name = name
        self._processes = processes
        self._sample = sample
        self._clock = clock
        self._done: dict[str, float | None] = dict.fromkeys(("began", *moments))
        self.numbers: dict[str, int] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to say what it does."""
        self.did("began")
        self._thread.start()

    def did(self, moment: str) -> None:
        """Note that this happened now; costs nothing but a look at the clock."""
        self._done[moment] = self._clock()

    def since(self, moment: str, age: float | None) -> None:
        """Note that this was so many seconds ago, None: it is not so."""
        self._done[moment] = None if age is None else self._clock() - age

    def age(self, moment: str) -> float | None:
        """Return for how many seconds this is over, None: it never was."""
        at = self._done.get(moment)
        return None if at is None else self._clock() - at

    def stop(self) -> None:
        """Say good-bye, within two seconds or not at all."""
        self._ending.set()
        self._thread.join(_LEAVE_SECONDS)

    def note(self) -> None:
        """Say it once; raises redis-py's errors."""
        self._sample(self)
        ages: Mapping[str, float | None] = {moment: self.age(moment) for moment in self._done}
        self._processes.note(self._trace(), ages)

    def _trace(self) -> Trace:
        return Trace(
            kind=self._kind,
            name=self._name,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=version("coleta"),
            numbers=dict(self.numbers),
        )

    def _run(self) -> None:
        told = False
        while True:
            try:
                self.note()
                told = False
            except RedisError as error:  # the process's own work says so, if it meets it
                log.debug(Log.TRACE_NOT_KEPT, reason=str(error))
            except Exception as error:  # noqa: BLE001 - the thread must live as long as the process
                if not told:
                    log.warning(Log.TRACE_NOT_KEPT, reason=type(error).__name__)
                told = True
            if self._ending.wait(NOTE_SECONDS):
                break
        try:
            self._processes.leave(self._trace())
        except RedisError as error:
            log.debug(Log.TRACE_NOT_KEPT, reason=str(error))
