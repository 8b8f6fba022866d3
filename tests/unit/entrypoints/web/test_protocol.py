"""Connections have limits of their own, before any request."""

import asyncio
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.responses import PlainTextResponse

from worker.entrypoints.listening import listen
from worker.entrypoints.web.edge import SECURITY_HEADERS
from worker.entrypoints.web.protocol import Protocol

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
REQUEST = b"GET / HTTP/1.1\r\nHost: coleta\r\n\r\n"


class _Narrow(Protocol):
    most_connections = 2
    head_seconds = 0.5


def _serve(talk: Callable[[Connect], Awaitable[None]]) -> None:
    """Let a client connect to a server of narrow limits."""

    async def served() -> None:
        with listen("127.0.0.1", 0) as accepting:
            port = accepting.getsockname()[1]
            config = uvicorn.Config(
                PlainTextResponse("hello"), http=_Narrow, lifespan="off", ws="none", log_config=None
            )
            server = uvicorn.Server(config)
            running = asyncio.create_task(server.serve([accepting]))
            try:
                async with asyncio.timeout(20):
                    await talk(lambda: asyncio.open_connection("127.0.0.1", port))
            finally:
                server.should_exit = True
                await running

    asyncio.run(served())


def test_connections_beyond_the_limit_are_told_to_come_back() -> None:
    """503 in the form of every other answer; one that ends makes room."""

    async def talk(connect: Connect) -> None:
        kept = [await connect() for _ in range(2)]
        for reader, writer in kept:
            writer.write(REQUEST)
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        reader, writer = await connect()
        said = await reader.read()
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: " in said
        assert all(f"{name}: {value}".encode() in said for name, value in SECURITY_HEADERS.items())
        for _, each in (*kept, (reader, writer)):
            each.close()
            await each.wait_closed()
        await asyncio.sleep(0.1)
        reader, writer = await connect()
        writer.write(REQUEST)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()

    _serve(talk)


def test_a_head_that_never_ends_ends_the_connection() -> None:
    """However it drips, also after an answer; who asks in time is served on."""

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        for _ in range(3):
            await asyncio.sleep(0.3)
            writer.write(REQUEST)
            assert await reader.readuntil(b"hello")
        began = asyncio.get_running_loop().time()
        while not reader.at_eof():
            writer.write(b"G")
            try:
                async with asyncio.timeout(0.1):
                    await reader.read(100)
            except TimeoutError:
                continue
        assert asyncio.get_running_loop().time() - began < 2
        writer.close()

    _serve(talk)
