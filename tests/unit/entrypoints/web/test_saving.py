"""Success is answered only once what came is safe; within five seconds there is an answer."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import httpx
import pytest
from redis.exceptions import ConnectionError as NotThereError
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from tests.fixtures.door_calls import ALL, HOOK, ORDER_INVOICED, DoorCall, named
from tests.unit.entrypoints.web.world import World, bearer, held
from worker.adapters.redis_ledger import Limits
from worker.domain.events import Event
from worker.entrypoints.web.committer import PATIENCE_SECONDS


async def _post(client: httpx.AsyncClient, order_id: str, store: str = "acme") -> httpx.Response:
    path = ORDER_INVOICED.path(store, order_id)
    return await client.post(path, content=ORDER_INVOICED.body(order_id), headers=bearer(store))


def _refused(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and bool(answer.json()["detail"])


@pytest.mark.parametrize("door", ALL, ids=named)
def test_no_door_answers_before_the_save(door: DoorCall) -> None:
    """And each answers as soon as it is done."""
    world = World()

    async def talk(client: httpx.AsyncClient) -> int:
        asked = asyncio.create_task(
            client.post(door.path("acme", "BWW-1"), content=door.body("BWW-1"), headers=bearer())
        )
        with held(world.fleet):
            await asyncio.sleep(0.1)
            assert not asked.done()
        return (await asked).status_code

    assert world.run(talk) == door.success


@pytest.mark.parametrize("door", ALL, ids=named)
@pytest.mark.parametrize("error", [NotThereError("gone"), OutOfMemoryError("OOM"), ResponseError("MISCONF")])
def test_no_door_answers_with_success_when_redis_refuses(door: DoorCall, error: RedisError) -> None:
    """503, and when to try again; what was refused is not hinted at."""
    world = World()

    def refuse(_: Mapping[str, Sequence[Event]]) -> None:
        raise error

    world.fleet.trouble = refuse
    assert _refused(world.knock(door))
    assert world.hinted in ([], [set()])


@pytest.mark.parametrize("door", ALL, ids=named)
def test_a_redis_that_hangs_is_given_up(door: DoorCall) -> None:
    """503 after the patience, which leaves a second of the five that VTEX waits."""
    assert PATIENCE_SECONDS <= 4.0
    world = World(patience=0.2)

    with held(world.fleet):
        began = time.monotonic()
        assert _refused(world.knock(door))
        assert time.monotonic() - began < 1.5


def test_a_full_inbox_refuses_its_own_store_only() -> None:
    """503, until some of it was recorded."""
    world = World()
    world.fleet.limits = Limits(inbox_limit=1)

    async def talk(client: httpx.AsyncClient) -> list[int]:
        first = await _post(client, "1")
        return [
            first.status_code,
            *[a.status_code for a in await asyncio.gather(_post(client, "2"), _post(client, "3", "other"))],
        ]

    assert world.run(talk) == [202, 503, 202]


def test_requests_share_writes_and_each_is_answered_after_its_own() -> None:
    """What comes while a write is under way goes into the next one, of all stores together."""
    world = World()
    stores = ("acme", "other")

    async def talk(client: httpx.AsyncClient) -> list[int]:
        with held(world.fleet):
            first = asyncio.create_task(_post(client, "first"))
            await asyncio.sleep(0.1)
            others = [asyncio.create_task(_post(client, str(i), stores[i % 2])) for i in range(200)]
            await asyncio.sleep(0.5)
            assert not any(task.done() for task in (first, *others))
        return [answer.status_code for answer in await asyncio.gather(first, *others)]

    assert world.run(talk) == [202] * 201
    assert [sorted(write) for write in world.fleet.writes] == [["acme"], ["acme", "other"]]
    assert world.fleet.writes[1] == {
        "acme": [str(i) for i in range(0, 200, 2)],
        "other": [str(i) for i in range(1, 200, 2)],
    }
    assert world.hinted == [{"acme"}, {"acme", "other"}]


def test_what_was_given_up_is_not_written_later() -> None:
    """Its sender sends it again; only what a write had already taken may come twice."""
    world = World(patience=0.3)

    async def talk(client: httpx.AsyncClient) -> list[int]:
        with held(world.fleet):
            answers = list(await asyncio.gather(_post(client, "taken"), _later(client)))
        answers.append(await _post(client, "after"))
        return [answer.status_code for answer in answers]

    async def _later(client: httpx.AsyncClient) -> httpx.Response:
        await asyncio.sleep(0.1)
        return await _post(client, "queued")

    assert world.run(talk) == [503, 503, 202]
    assert world.fleet.writes == [{"acme": ["taken"]}, {"acme": ["after"]}]


def test_so_much_may_wait_and_no_more() -> None:
    """Beyond that the answer is 503 at once; when the writes go on, there is room again."""
    world = World(most_waiting=3)

    async def talk(client: httpx.AsyncClient) -> list[int]:
        with held(world.fleet):
            waiting = [asyncio.create_task(_post(client, str(i))) for i in range(3)]
            await asyncio.sleep(0.2)
            began = time.monotonic()
            refused = await _post(client, "too many")
            assert time.monotonic() - began < 0.5
        answers = [refused, *await asyncio.gather(*waiting), await _post(client, "later")]
        return [answer.status_code for answer in answers]

    assert world.run(talk) == [503, 202, 202, 202, 202]


def test_one_that_breaks_the_write_takes_no_other_with_it() -> None:
    """It is found by halves; the others are saved."""
    world = World()

    def refuse(events: Mapping[str, Sequence[Event]]) -> None:
        if any(event.order_id == "13" for new in events.values() for event in new):
            raise ResponseError("WRONGTYPE")

    world.fleet.trouble = refuse

    async def talk(client: httpx.AsyncClient) -> list[int]:
        with held(world.fleet):
            first = asyncio.create_task(_post(client, "first"))
            await asyncio.sleep(0.05)
            tasks = [asyncio.create_task(_post(client, str(i))) for i in range(20)]
            await asyncio.sleep(0.2)
        return [answer.status_code for answer in await asyncio.gather(first, *tasks)]

    assert world.run(talk) == [202] * 14 + [503] + [202] * 6
    assert {event.order_id for event in world.fleet.inbox("acme")} == {"first", *map(str, range(20))} - {"13"}


@pytest.mark.parametrize("door", ALL, ids=named)
def test_what_cannot_be_read_is_kept_before_the_answer(door: DoorCall) -> None:
    """503 when it cannot be kept: nobody would learn of it."""
    world = World(patience=0.2)

    def refuse(_: object) -> None:
        raise NotThereError("gone")

    world.fleet.ledger("acme").reject = refuse  # type: ignore[method-assign, assignment]
    assert _refused(world.knock(door, b"{"))


def test_a_ping_needs_no_redis() -> None:
    """Nothing is saved."""
    world = World(patience=0.2)

    with held(world.fleet):
        assert world.knock(HOOK, b'{"hookConfig":"ping"}').status_code == 200
