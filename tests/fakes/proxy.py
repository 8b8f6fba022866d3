"""A network that cuts a connection after the server did what it was asked, and before it could say so."""

import socket
from contextlib import suppress
from select import select
from threading import Thread
from typing import Self


class CuttingProxy:
    """A TCP proxy on 127.0.0.1; a context manager. `cuts` counts the answers it kept from a client.

    A client whose server does not take the connection finds it closed.
    """

    def __init__(self, server_port: int = 0) -> None:
        self.cuts = 0
        self._marker: bytes | None = None
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [Thread(target=self._accept, daemon=True)]
        self.port: int = self._listener.getsockname()[1]

    def cut(self, marker: bytes) -> None:
        """Cut the answer to the next request that holds `marker`."""
        self._marker = marker

    def lead_to(self, server_port: int) -> None:
        """Lead whoever connects from now on to another server."""
        self._server_port = server_port

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed: the test is over
            while True:
                client, _ = self._listener.accept()
                self._threads.append(Thread(target=self._carry, args=(client,), daemon=True))
                self._threads[-1].start()

    def _carry(self, client: socket.socket) -> None:
        """Carry bytes both ways until one side ends, or an answer is to be cut."""
        keep_back = False
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            while True:
                for side in select((client, server), (), ())[0]:
                    data = side.recv(1 << 20)
                    if side is server and keep_back:
                        self.cuts += 1
                        return
                    if not data:
                        return
                    if side is client and self._marker is not None and self._marker in data:
                        keep_back, self._marker = True, None
                    (server if side is client else client).sendall(data)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(5)
