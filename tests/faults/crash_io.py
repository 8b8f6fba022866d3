"""The I/O calls of a process, counted as they happen; at a chosen one the process kills itself."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

# What redis-py, kombu and asyncio (below the HTTP client) come down to.
SENDING = ("connect", "connect_ex", "send", "sendall", "sendmsg")
RECEIVING = ("recv", "recv_into", "recvmsg")


class Points:
    """Counts crash points: one before each call, and one at the end.

    Before a sending no byte has left; before the receiving that follows it has, and nobody has read the answer; before
    the next sending it was read. The process dies by SIGKILL at point `die_at` (from 1; 0: never), or as soon as `mark`
    has been sent ("": never). An answer may come in pieces, differently each time: only its first receiving counts.
    """

    def __init__(self, die_at: int, mark: str = "") -> None:
        self.count = 0
        self._die_at = die_at
        self._mark = mark.encode()
        self._lock = threading.Lock()
        self._answered: set[int] = set()

    def install(self) -> None:
        """Count every call on every socket of this process from now on."""
        for name in SENDING:
            setattr(socket.socket, name, self._counted(getattr(socket.socket, name), self._sends))
        for name in RECEIVING:
            setattr(socket.socket, name, self._counted(getattr(socket.socket, name), self._receives))

    def _counted(self, call: Callable[..., Any], counts: Callable[[int], bool]) -> Callable[..., Any]:
        def counted(connection: socket.socket, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the socket's
            # An event loop wakes itself up over a pair of Unix sockets; nobody else hears of that.
            if connection.family == socket.AF_UNIX or not counts(connection.fileno()):
                return call(connection, *arguments, **named)
            self.reach()
            done = call(connection, *arguments, **named)
            if self._mark and any(self._mark in each for each in arguments if isinstance(each, bytes)):
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return counted

    def _sends(self, connection: int) -> bool:
        self._answered.discard(connection)
        return True

    def _receives(self, connection: int) -> bool:
        first = connection not in self._answered
        self._answered.add(connection)
        return first

    def reach(self) -> None:
        """Count one, and die if it is the one."""
        with self._lock:
            self.count += 1
            if self.count == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)
