"""The seller of `coleta up --sandbox`, in a simulated world and with a clock of the test's own."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.running_parts import RedisPart
from tests.fixtures.seller_shop import NOON, TICK, Shop, open_world, service_at
from worker.domain.order import Status
from worker.entrypoints.up.sandbox_stores import SANDBOX_STORES
from worker.entrypoints.up.seller.sales import DOORS
from worker.entrypoints.up.seller.selling import Selling, numbers_since
from worker.entrypoints.up.seller.world import World

# Long enough for all that is told of an order.
LONG_AFTER = 60.0
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Give what ends everything."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def shop(tmp_path: Path, stack: ExitStack) -> Shop:
    """Give a shop where everything runs."""
    url = open_world(stack)
    redis = stack.enter_context(started(required("valkey"), tmp_path / "redis", *NOT_PERSISTENT))
    return Shop(service_at(tmp_path, url, f"redis://127.0.0.1:{redis.port}/0", stack), url, stack)


def _sold(logs: list[Any], *doors: str) -> set[str]:
    """Return the ids of the orders that were sold through these doors."""
    return {line["order_id"] for line in logs if line["event"] == "order.sold" and line["door"] in doors}


def test_orders_keep_arriving_and_each_is_told_to_its_end(shop: Shop) -> None:
    """As many a minute as asked for; what is told leads each to where its kind ends, but for the request itself."""
    with capture_logs() as logs:
        shop.go_on(150)

    sold = _sold(logs, *DOORS)
    assert 40 <= len(sold) <= 60
    assert shop.world.report().orders == len(sold)
    shop.record()
    assert {order.status for order in shop.orders()} >= {Status.DUE, Status.SKIPPED, Status.CANCELED}
    assert {line["event"] for line in logs} == {"seller.started", "order.sold", "events.taken"}


def test_each_door_tells_of_its_orders_and_of_no_other(shop: Shop) -> None:
    """Nothing but its own door tells that an order is complete; of what is lost everywhere nobody hears at all."""
    with capture_logs() as logs:
        shop.go_on(300)
    shop.record()

    known = {order.order_id for order in shop.orders()}
    for door in set(DOORS) - {"lost everywhere"}:
        assert len(_sold(logs, door)) >= 3, door
        assert len(_sold(logs, door) - known) <= 2, door  # the last ones are not told yet
    lost = _sold(logs, "lost everywhere")
    assert lost
    assert not lost & known
    assert lost & shop.complete()
    assert shop.complete() - lost <= {order.order_id for order in shop.orders() if order.complete}


def test_skyhub_knows_that_an_order_is_complete_before_the_service_does(shop: Shop) -> None:
    """Or it would call a request early that was not: what the ledger calls due is complete there, and only that."""
    shop.go_on(20)
    seen = 0
    for _ in range(60):
        shop.go_on(TICK)
        shop.record()
        due = {order.order_id for order in shop.orders() if order.status is Status.DUE}
        seen = max(seen, len(due))
        assert due <= shop.complete()

    assert seen > 5


def test_a_world_that_was_started_anew_gets_what_is_still_open(shop: Shop) -> None:
    """Accounts, doors, and the orders that have not ended, as far as they happened; those that ended are history."""
    shop.go_on(LONG_AFTER)
    shop.record()
    shop.go_on(5)
    ended = {order.order_id for order in shop.orders() if order.status in {Status.SKIPPED, Status.CANCELED}}
    before = shop.world.report()
    assert ended

    shop.world.reset()
    with capture_logs() as logs:
        shop.go_on(10)

    after = shop.world.report()
    said = [line["event"] for line in logs]
    assert said.count("seller.waited") == 1
    assert set(before.lost) <= set(after.lost)
    assert after.orders == before.orders + said.count("order.sold") - len(ended)
    assert after.deliveries.keys() == {"connector", "hook", "webhook"}
    assert after.feed_waiting > 0


def test_a_world_that_is_away_is_waited_for(tmp_path: Path, stack: ExitStack) -> None:
    """Trouble is said once, however long it lasts, and not while everything is starting; it goes on by itself."""
    redis = stack.enter_context(started(required("valkey"), tmp_path / "redis", *NOT_PERSISTENT))
    shop = Shop(service_at(tmp_path, NOWHERE, f"redis://127.0.0.1:{redis.port}/0", stack), NOWHERE, stack)
    with capture_logs() as logs:
        shop.go_on(10)
        assert logs == []
        shop.go_on(30)

    assert [line["event"] for line in logs] == ["seller.waited"]
    assert "does not answer" in logs[0]["reason"]


def test_a_web_process_that_does_not_answer_yet_is_waited_for(shop: Shop) -> None:
    """VTEX keeps no hook that does not answer; nothing is sold before all doors are open."""
    away = Selling(
        shop.service,
        World(shop.world, {store: shop.service.store(store.name) for store in SANDBOX_STORES}, NOWHERE),
        shop.hand_in,
        draw=Random(7),  # noqa: S311 - the same orders in every run
        orders_per_minute=20.0,
        numbers=numbers_since(NOON),
    )
    with capture_logs() as logs:
        for tick in range(200):
            away.go_on(tick * TICK)

    assert [line["event"] for line in logs] == ["seller.waited"]
    assert "the ping must get 200, but got: unreachable" in logs[0]["reason"]
    assert shop.world.report().orders == 0


def test_events_wait_for_a_redis_that_is_away(tmp_path: Path, stack: ExitStack) -> None:
    """None is lost, and none is told out of its order's turn, whatever its door."""
    url = open_world(stack)
    redis = RedisPart("redis", tmp_path, "valkey")
    stack.callback(redis.kill)
    shop = Shop(service_at(tmp_path, url, redis.url, stack), url, stack)
    with capture_logs() as logs:
        shop.go_on(20)
        redis.kill()
        shop.go_on(20)
        redis.start()
        shop.go_on(LONG_AFTER)
        shop.record()

    assert [line["event"] for line in logs].count("seller.waited") <= 2
    known = {order.order_id for order in shop.orders() if order.complete}
    assert shop.complete() - _sold(logs, "lost everywhere") <= known


def test_a_seller_that_starts_later_has_other_codes() -> None:
    """SkyHub refuses a code that it knows."""
    first, later = (numbers_since(datetime(2026, 11, 20, 12, 0, second, tzinfo=UTC)) for second in (0, 1))

    assert not {next(first) for _ in range(500)} & {next(later) for _ in range(500)}
