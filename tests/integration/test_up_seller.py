"""The seller of `coleta up --sandbox`, in a simulated world and with a clock of the test's own."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from redis import Redis
from structlog.testing import capture_logs

from config.settings import load_settings
from config.stores import load_stores
from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.running_parts import RedisPart, until
from tests.fixtures.running_sandbox import running
from worker.adapters.native_event import read
from worker.adapters.redis_clients import brief_client
from worker.bootstrap import Service, build
from worker.domain.order import Order, Status
from worker.entrypoints.up.sandbox_stores import SANDBOX_STORES, write_stores
from worker.entrypoints.up.seller.handing_in import native_doors
from worker.entrypoints.up.seller.sales import DOORS
from worker.entrypoints.up.seller.selling import Selling, numbers_since
from worker.entrypoints.up.seller.world import World, opened_world
from worker.entrypoints.web.app import create_app as create_web
from worker.entrypoints.web.server import opened_doors
from worker.sandbox import create_app
from worker.sandbox.control import SandboxControl
from worker.usecases.record_invoices import drain_inbox, record_now

STORES = tuple(store.name for store in SANDBOX_STORES)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = 0.25
# Long enough for all that is told of an order.
LONG_AFTER = 60.0
NOWHERE = "http://127.0.0.1:1"


class Shop:
    """A seller, its world at `url` and its service with its doors; `clock` is its time."""

    def __init__(self, service: Service, url: str, stack: ExitStack, *, per_minute: float = 20.0) -> None:
        self.service = service
        self.world = stack.enter_context(SandboxControl(url))
        self.clock = 1000.0
        self._app = Celery("test", broker="memory://", set_as_current=False)
        self._app.conf.task_default_queue = uuid4().hex  # queues in memory are everybody's
        stack.callback(self._app.close)
        doors = stack.enter_context(opened_doors(lambda: service, self._app))
        web_url = stack.enter_context(running(create_web(doors)))
        stores = {store: service.store(store.name) for store in SANDBOX_STORES}
        self.hand_in = stack.enter_context(native_doors(service, self._app, web_url))
        self.selling = Selling(
            service,
            stack.enter_context(opened_world(stores, web_url)),
            self.hand_in,
            draw=Random(7),  # noqa: S311 - the same orders in every run
            orders_per_minute=per_minute,
            numbers=numbers_since(NOON),
            now=lambda: NOON,
        )

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        end = self.clock + seconds
        while self.clock < end:
            self.selling.go_on(self.clock)
            self.clock += TICK

    def record(self) -> None:
        """Do what workers do with all that was told by now."""
        until(lambda: self.world.report().under_way == 0, "all is sent")
        self._take_messages()
        for store in STORES:
            feed = self.service.poll_feed(store, late=_never)
            if feed is not None:
                feed.run(uuid4().hex)
            drain_inbox(
                self.service.ledger(store), self.service.policy(store), batch=500, renew_seconds=10, stop=_never
            )
            self.service.reread_orders(store, late=_never).run(uuid4().hex)
            self.service.learn_orders(store, stop=_never, late=_never).run(uuid4().hex)

    def orders(self) -> list[Order]:
        """Return what the ledger knows."""
        return [
            stored.order for store in STORES for stored in self.service.ledger(store).load(self._ids(store))[0].values()
        ]

    def complete(self) -> set[str]:
        """Return the orders that SkyHub calls complete."""
        return {f"BWW-{code.replace(' ', '_')}" for code in self.world.report().lost}

    def _take_messages(self) -> None:
        with self._app.connection_for_read() as connection:
            queue = connection.SimpleQueue(self._app.conf.task_default_queue)
            while True:
                try:
                    message = queue.get_nowait()
                except Empty:
                    return
                message.ack()
                if message.headers["task"] == "coleta.order_invoiced":
                    (event,), *_ = message.payload
                    native = read(event)
                    record_now(self.service.ledger(native.store), self.service.policy(native.store), native.event, "")

    def _ids(self, store: str) -> list[str]:
        keys: list[str] = list(self.service.redis.scan_iter(f"coleta:{{{store}}}:order:*"))
        return [key.rpartition(":order:")[2] for key in keys]


def _never() -> bool:
    return False


def _service(folder: Path, world_url: str, redis_url: str, stack: ExitStack) -> Service:
    file = folder / "stores.toml"
    write_stores(file, world_url)
    client: Redis = brief_client(redis_url)
    stack.callback(client.close)
    settings = load_settings({"COLETA_REDIS_URL": redis_url, "COLETA_ORDERS_RATE": "1000"})
    return build(settings, load_stores(file, {}), redis=client)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Give what ends everything."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def shop(tmp_path: Path, stack: ExitStack) -> Shop:
    """Give a shop where everything runs."""
    url = _world(stack)
    redis = stack.enter_context(started(required("valkey"), tmp_path / "redis", *NOT_PERSISTENT))
    return Shop(_service(tmp_path, url, f"redis://127.0.0.1:{redis.port}/0", stack), url, stack)


def _world(stack: ExitStack) -> str:
    """Return the address of a world whose SkyHub answers as often as it is asked."""
    url = stack.enter_context(running(create_app()))
    with SandboxControl(url) as control:
        control.settings(rate_limits=False)
    return url


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
    assert {line["event"] for line in logs} == {"seller.started", "order.sold"}


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
    shop = Shop(_service(tmp_path, NOWHERE, f"redis://127.0.0.1:{redis.port}/0", stack), NOWHERE, stack)
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
    url = _world(stack)
    redis = RedisPart("redis", tmp_path, "valkey")
    stack.callback(redis.kill)
    shop = Shop(_service(tmp_path, url, redis.url, stack), url, stack)
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
