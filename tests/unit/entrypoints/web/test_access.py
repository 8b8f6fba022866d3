"""Who may enter: a store's own token opens that store's doors and nothing else."""

import asyncio
from typing import Any

import pytest

from tests.fixtures.door_calls import ALL, MEBIBYTE, ORDER_INVOICED, DoorCall, named
from tests.fixtures.running_web import ingress_token
from tests.unit.entrypoints.web.world import World, bearer

TOKEN = ingress_token("acme")
WRONG: list[dict[str, Any]] = [
    {"headers": {}},
    {"headers": {"Authorization": "Bearer wrong"}},
    {"headers": {"Authorization": "Bearer "}},
    {"headers": {"Authorization": "Bearer"}},
    {"headers": {"Authorization": TOKEN}},
    {"headers": {"Authorization": f"Basic {TOKEN}"}},
    {"headers": {"Authorization": f"Bearer {TOKEN}x"}},
    {"headers": {"Authorization": f"Bearer {TOKEN[:-1]}"}},
    {"headers": [("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")]},
    {"headers": bearer("other")},
    {"headers": {"Authorization": b"Bearer \xff\xfe"}},
    {"headers": {}, "params": {"token": "wrong"}},
    {"headers": {}, "params": {"token": ""}},
    {"headers": {}, "params": {"TOKEN": TOKEN}},
    {"headers": {}, "params": [("token", TOKEN), ("token", "wrong")]},
    {"headers": {}, "params": [(f"a{i}", "") for i in range(30)] + [("token", TOKEN)]},
    {"headers": {"Authorization": "Bearer wrong"}, "params": {"token": TOKEN}},
]


@pytest.mark.parametrize("door", ALL, ids=named)
@pytest.mark.parametrize(
    "given",
    [
        {"headers": bearer()},
        {"headers": {"authorization": f"bearer   {TOKEN} "}},
        {"headers": {}, "params": {"token": TOKEN}},
        {"headers": {}, "params": {"an": "sc-1", "token": TOKEN}},
    ],
)
def test_a_stores_token_opens_its_doors(door: DoorCall, given: dict[str, Any]) -> None:
    """In the header, or in the query for a caller that cannot set headers."""
    assert World().knock(door, **given).status_code == door.success


@pytest.mark.parametrize("door", ALL, ids=named)
def test_no_other_token_does_and_no_answer_tells_what_exists(door: DoorCall) -> None:
    """A wrong token, an unknown store and one without doors get the very same answer, and nothing is kept."""
    world = World()
    answers = [world.knock(door, **given) for given in WRONG]
    for store in ("doorless", "unknown", "_", "acme%00", "Acme"):
        answers.append(world.post(door.path(store, "BWW-1"), content=door.body("BWW-1")))
        answers.append(world.post(door.path(store, "x" * 300), content=b"{", headers={}))

    seen = {(answer.status_code, answer.content, tuple(sorted(answer.headers.multi_items()))) for answer in answers}
    assert len(seen) == 1
    assert (answers[0].status_code, answers[0].headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (world.fleet.writes, world.fleet.rejected("acme"), world.fleet.rejected("_")) == ([], [], [])


def test_a_token_in_the_url_is_percent_decoded() -> None:
    """As every value in a query."""
    answer = World().post(f"/v1/acme/order-invoiced?token={TOKEN.replace('-', '%2D')}", headers={}, content=b"[]")

    assert answer.status_code == 422


@pytest.mark.parametrize("door", ALL, ids=named)
def test_the_token_comes_first(door: DoorCall) -> None:
    """Nothing of the body is asked for, and nothing said about it, before the token was found good."""
    seen: list[str] = []

    async def receive() -> dict[str, Any]:
        seen.append("read")
        return {"type": "http.request", "body": b"{", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        seen.append(str(message.get("status", message["type"])))

    scope = {
        "type": "http",
        "method": "POST",
        "path": door.path("acme", "1"),
        "raw_path": door.path("acme", "1").encode(),
        "query_string": b"token=wrong",
        "headers": [(b"host", b"coleta"), (b"content-length", b"9999999"), (b"content-type", b"text/plain")],
    }
    asyncio.run(World().app(scope, receive, send))

    assert seen[0] == "401"


def test_a_large_body_is_not_spoken_of_before_the_token() -> None:
    """What is wrong with a body is told to those who may enter."""
    answer = World().knock(ORDER_INVOICED, b" " * (MEBIBYTE + 1), headers={"Authorization": "Bearer wrong"})

    assert answer.status_code == 401
