"""Somebody to whom the simulated services send: notes each call and answers as planned."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fixtures.running_sandbox import running
from worker.sandbox.control import SandboxControl

DEADLINE_SECONDS = 10.0
HANG = -1
"""An answer that never comes."""
RECEIPT = {"date": "2026-11-20T12:00:00Z", "orderId": "1", "receipt": "r-1"}


@dataclass(frozen=True)
class Received:
    """A call as it came in; `path` is raw, as it stood in the request."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any


class Receiver:
    """Answers 200 with the connector's receipt, or what is planned, one answer a call."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Received] = []
        self.planned: deque[int | Response] = deque()
        self.always: int | None = None
        """The status of every call that nothing is planned for."""

    def forget(self) -> None:
        """Return to the start."""
        self.calls.clear()
        self.planned.clear()
        self.always = None

    async def answer(self, request: Request) -> Response:
        """Note the call and answer it."""
        raw = request.scope["raw_path"].decode()
        headers = dict(request.headers)
        body = await request.json()
        self.calls.append(Received(request.method, raw, request.url.query, headers, body))
        planned = self.planned.popleft() if self.planned else self.always or 200
        if planned == HANG:
            await asyncio.Event().wait()
        return planned if isinstance(planned, Response) else JSONResponse(RECEIPT, planned)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve a receiver on loopback."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/{path:path}", receiver.answer, methods=["POST"])])
    with running(app) as receiver.url:
        yield receiver


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once it holds."""
    deadline = monotonic() + DEADLINE_SECONDS
    while not condition():
        assert monotonic() < deadline


def settle(control: SandboxControl) -> None:
    """Return once nothing is under way any more."""
    wait_for(lambda: not control.report().under_way)
