"""One store cannot fill the server: what it may hand in ends at its own door, and every other store's stays open."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from tests.fixtures.door_calls import MEBIBYTE
from tests.fixtures.running_parts import NO_TLS, RedisPart
from tests.fixtures.running_web import Web, ingress_token
from worker.adapters.redis_ledger.keys import Keys

_LIMIT = 5


class _World:
    """Doors without a worker behind them: what comes in stays in the inbox."""

    def __init__(self, folder: Path) -> None:
        self.redis = RedisPart("redis", folder, "valkey")
        self.web = Web(folder, REDIS_URL=self.redis.url, INBOX_LIMIT=str(_LIMIT))
        self.web.expect("/readyz", 200)

    def post(self, store: str, body: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {ingress_token(store)}"}
        url = f"{self.web.url}/v1/{store}/order-invoiced"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(url, content=content, headers=headers, trust_env=False, verify=NO_TLS, timeout=15)

    def held(self, store: str, key: str) -> int:
        with Redis.from_url(self.redis.url) as client:
            return int(client.xlen(Keys(store)(key)))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_World]:
    """Give the doors of all tests."""
    world = _World(tmp_path_factory.mktemp("doors"))
    try:
        yield world
    finally:
        world.web.kill()
        world.redis.kill()


@pytest.fixture
def world(running: _World) -> _World:
    """Give the doors, and nothing that came in before."""
    with Redis.from_url(running.redis.url) as client:
        client.flushdb()
    return running


def _event(order: int = 1, **invoice: object) -> dict[str, object]:
    number = f"BWW-Submarino-{order}"
    return {"order_id": number, "occurred_at": "2026-11-20T12:00:00Z", "invoice": {"number": "1", **invoice}}


def test_a_store_that_hands_in_too_much_is_refused_alone(world: _World) -> None:
    """Its inbox is full: it is told to come again, nothing of a list is taken in part, and the others are served."""
    assert world.post("acme", [_event(number) for number in range(_LIMIT - 1)]).status_code == 202
    refused = world.post("acme", [_event(8), _event(9)])
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert "the inbox is full" in refused.text
    assert world.held("acme", "inbox") == _LIMIT - 1
    assert world.post("acme", _event(8)).status_code == 202
    assert world.post("acme", _event(9)).status_code == 503
    assert world.post("other", _event(9)).status_code == 202

    assert world.held("acme", "inbox") == _LIMIT
    assert world.held("other", "inbox") == 1


def test_a_body_has_its_bounds(world: _World) -> None:
    """Its size, the events in a list, the lines of an event, the length of every text and number in it."""
    assert world.post("acme", b" " * (MEBIBYTE + 1)).status_code == 413
    assert (
        world.post("acme", b"[" + b"{}," * 10_000 + b"{}]")
        .json()["rejected"][0]["reason"]
        .startswith("the list holds 10001 events, 10000 are the most")
    )
    lines = [{"sku": str(index), "quantity": 1} for index in range(10_000)]
    for bad, place in (
        (_event(items=lines), "invoice.items"),
        (_event(number="9" * 201), "invoice.number"),
        (_event(items=[{"sku": "s" * 201, "quantity": 1}]), "invoice.items.0.sku"),
        (_event(items=[{"sku": "s", "quantity": 1_000_001}]), "invoice.items.0.quantity"),
        (_event(key="k" * 201), "invoice.key"),
        ({**_event(), "order_id": "o" * 201}, "order_id"),
        ({**_event(), "order": {"remote_code": "r" * 201}}, "order.remote_code"),
        ({**_event(), "order": {"items": lines}}, "order.items"),
    ):
        answer = world.post("acme", bad)
        assert answer.status_code == 422
        assert answer.json()["rejected"][0]["reason"].startswith(f"{place}: ")

    assert world.held("acme", "inbox") == 0


def test_what_is_kept_of_a_refused_body_is_little(world: _World) -> None:
    """64 KiB of a body of nearly a megabyte; the store's whole is bounded where it is kept (contracts/)."""
    big = {"order_id": [{"sku": f"{index:0190}", "quantity": index} for index in range(4_000)]}
    assert len(json.dumps(big)) > 10 * 65_536

    assert world.post("acme", big).status_code == 422

    with Redis.from_url(world.redis.url) as client:
        ((_, kept),) = client.xrange(Keys("acme")("rejected"))
    assert 60_000 < len(kept[b"body"]) <= 65_536
