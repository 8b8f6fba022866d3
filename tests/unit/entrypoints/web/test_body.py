"""Bodies are read so far, so long, and so many at once."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.door_calls import ALL, MEBIBYTE, ORDER_INVOICED, DoorCall, named
from tests.unit.entrypoints.web.world import World, bearer, held
from worker.entrypoints.web.body import Bodies

EACH = pytest.mark.parametrize("door", ALL, ids=named)


async def _parts(size: int, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * size


@EACH
@pytest.mark.parametrize("said", [None, "10", str(3 * MEBIBYTE), "9" * 500])
def test_a_body_that_is_too_large_is_413(door: DoorCall, said: str | None) -> None:
    """Whatever is said of its length; nothing is saved or kept."""
    world = World()
    headers = bearer(**({"Content-Length": said} if said else {}))

    answer = world.post(door.path("acme", "1"), content=_parts(MEBIBYTE // 2, 3), headers=headers)

    assert (answer.status_code, "1048576 bytes" in answer.json()["detail"]) == (413, True)
    assert (world.fleet.writes, world.fleet.rejected("acme")) == ([], [])


@EACH
def test_a_body_that_drips_is_408(door: DoorCall) -> None:
    """After the whole time that a body has, not the time since its last byte."""

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.05)

    world = World(bodies=Bodies(seconds=0.3))

    answer = world.post(door.path("acme", "1"), content=drip())

    assert answer.status_code == 408
    assert world.fleet.rejected("acme") == []


def test_all_bodies_together_have_a_limit() -> None:
    """Beyond it the answer is 503 at once; what was answered makes room."""
    world = World(bodies=Bodies(most_held=1000))
    body = ORDER_INVOICED.body("1").ljust(600)

    async def talk(client: httpx.AsyncClient) -> list[int]:
        path = ORDER_INVOICED.path("acme", "1")
        with held(world.fleet):
            first = asyncio.create_task(client.post(path, content=body, headers=bearer()))
            await asyncio.sleep(0.1)
            second = await client.post(path, content=body, headers=bearer())
        third = [await first, await client.post(path, content=body, headers=bearer())]
        assert int(second.headers["Retry-After"]) > 0
        return [second.status_code, *[answer.status_code for answer in third]]

    assert world.run(talk) == [503, 202, 202]


@EACH
def test_a_caller_that_leaves_leaves_nothing(door: DoorCall) -> None:
    """A body that ended early is no body."""
    world = World()
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    path = door.path("acme", "1")
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"coleta"), *((name.lower().encode(), v.encode()) for name, v in bearer().items())],
    }
    asyncio.run(world.app(scope, receive, send))

    assert sent[0]["status"] == 400  # type: ignore[index]
    assert (world.fleet.writes, world.fleet.rejected("acme")) == ([], [])
