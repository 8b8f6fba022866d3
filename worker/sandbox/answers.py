"""What goes back over the wire: an answer whole, an answer in drips, or a reset connection."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from worker.sandbox.faults import Fault

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer before it is sent."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(status: int, value: object, headers: dict[str, str] | None = None) -> Answer:
    """Return an answer with a JSON body."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, headers=headers or {})


def error_answer(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    """Return SkyHub's general error body, `{"error": ...}`."""
    return json_answer(status, {"error": message}, headers)


def fault_answer(fault: Fault) -> Answer | None:
    """Return what the fault answers instead of the true answer, if it does."""
    if fault.status is None:
        return None
    return Answer(fault.status, fault.body.encode().ljust(fault.pad_to_bytes), fault.content_type, fault.headers)


def response(answer: Answer) -> Response:
    """Return the answer to be sent whole."""
    return Response(answer.body, answer.status, answer.headers, answer.content_type)


def dripping_response(answer: Answer, fault: Fault, sleep: Sleep) -> Response:
    """Return the answer to be sent in pieces, its length announced."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(answer.body), fault.drip_bytes):
            await sleep(fault.drip_seconds)
            yield answer.body[start : start + fault.drip_bytes]

    headers = {**answer.headers, "content-length": str(len(answer.body))}
    return StreamingResponse(pieces(), answer.status, headers, answer.content_type)


class ResetResponse(Response):
    """Resets the connection; needs the server of `worker.sandbox.server`, which lends its transport to a request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        """Abort the connection and wait until the server knows."""
        transport = scope.get("state", {}).get("transport")
        if not isinstance(transport, asyncio.Transport):
            raise ConnectionResetError("the sandbox resets this connection")
        # Lingering for zero seconds makes the kernel send RST instead of an orderly end.
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
