"""A way to a server that can be shut: whoever connects then is refused by the system itself."""

import re
import socket
from contextlib import suppress
from threading import Lock, Thread, Timer
from typing import Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Gate:
    """Carries one HTTP call a connection from a port of its own to a server on 127.0.0.1; a context manager.

    `shuts` counts how often it was shut. Once armed, it shuts for a while whenever a call with `marker` was answered:
    before the answer is passed on, so that the caller's next call is refused.
    """

    def __init__(self, server_port: int) -> None:
        self.shuts = 0
        self._server_port = server_port
        self._marker = b""
        self._arms_at = b""
        self._shut_seconds = 0.0
        self._lock = Lock()
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def shut_after(self, marker: bytes, seconds: float, arms_at: bytes = b"") -> None:
        """Shut so long after each answer to a call with `marker`; with `arms_at` not before such a call was seen."""
        self._marker, self._shut_seconds, self._arms_at = marker, seconds, arms_at

    def shut(self, seconds: float | None = None) -> None:
        """Refuse connections, for a while or until it is opened."""
        with self._lock:
            if self._listener is not None:
                self.shuts += 1
                with suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None
        if seconds is not None:
            timer = Timer(seconds, self._listen)
            timer.daemon = True
            timer.start()

    def open(self) -> None:
        """Let everything through from now on."""
        self._marker = b""
        self._listen()

    def _listen(self) -> None:
        with self._lock:
            if self._listener is None:
                self._listener = socket.create_server(("127.0.0.1", self.port))
                Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it was shut
            while True:
                client, _ = listener.accept()
                Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._server_port)) as server:
            call = _call(client)
            if not call:
                return
            line, _, rest = call.partition(b"\r\n")
            if self._arms_at and self._arms_at in line:
                self._arms_at = b""
            server.sendall(b"\r\n".join((line, b"Connection: close", rest)))
            answer = b"".join(iter(lambda: server.recv(1 << 16), b""))
            if self._marker and not self._arms_at and self._marker in line:
                self.shut(self._shut_seconds)
            client.sendall(answer)

    def __enter__(self) -> Self:
        assert self._listener is not None
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()


def _call(client: socket.socket) -> bytes:
    """Read one call whole, head and body; empty if none came."""
    data = b""
    while part := client.recv(1 << 16):
        data += part
        head, end, body = data.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if end and len(body) >= (int(found[1]) if found else 0):
            return data
    return b""
