"""The seller of `coleta up --sandbox`, on a simulated SkyHub and a Redis server, with a clock of the test's own."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from celery import Celery
from redis import Redis
from structlog.testing import capture_logs

from config.settings import load_settings
from config.stores import load_stores
from tests.fixtures.deployment import secrets, stores_file
from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.running_parts import RedisPart
from worker.bootstrap import Service, build
from worker.domain.order import Order, Status
from worker.entrypoints.embedded_leftovers import brief_client
from worker.entrypoints.up.seller.selling import Selling, controls, numbers_since
from worker.sandbox import create_app
from worker.sandbox.control import SandboxControl
from worker.sandbox.server import running
from worker.usecases.record_invoices import drain_inbox

STORES = ("acme", "brava")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = 0.25
# Long enough for all that is told of an order.
LONG_AFTER = 60.0


class Shop:
    """A seller, its SkyHub and its service; `clock` is its time."""

    def __init__(self, service: Service, skyhub: SandboxControl, stack: ExitStack, *, per_minute: float = 20.0) -> None:
        self.service = service
        self.skyhub = skyhub
        self.clock = 1000.0
        app = Celery("test", broker="memory://", set_as_current=False)
        stack.callback(app.close)
        self.selling = Selling(
            service,
            app,
            stack.enter_context(controls(service)),
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
        """Do what a worker does with the inboxes."""
        for store in STORES:
            drain_inbox(
                self.service.ledger(store), self.service.policy(store), batch=500, renew_seconds=10, stop=lambda: False
            )

    def orders(self) -> list[Order]:
        """Return what the ledger knows."""
        return [
            stored.order for store in STORES for stored in self.service.ledger(store).load(self._ids(store))[0].values()
        ]

    def _ids(self, store: str) -> list[str]:
        keys: list[str] = list(self.service.redis.scan_iter(f"coleta:{{{store}}}:order:*"))
        return [key.rpartition(":order:")[2] for key in keys]


def _service(folder: Path, skyhub_url: str, redis_url: str, stack: ExitStack) -> Service:
    file = folder / "stores.toml"
    file.write_text(stores_file(STORES, skyhub_url))
    client: Redis = brief_client(redis_url)
    stack.callback(client.close)
    settings = load_settings({"COLETA_REDIS_URL": redis_url})
    return build(settings, load_stores(file, secrets(STORES)), redis=client)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Give what ends everything."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def shop(tmp_path: Path, stack: ExitStack) -> Shop:
    """Give a shop where everything runs."""
    url = stack.enter_context(running(create_app()))
    redis = stack.enter_context(started(required("valkey"), tmp_path / "redis", *NOT_PERSISTENT))
    service = _service(tmp_path, url, f"redis://127.0.0.1:{redis.port}/0", stack)
    return Shop(service, stack.enter_context(SandboxControl(url)), stack)


def test_orders_keep_arriving_and_each_is_told_to_its_end(shop: Shop) -> None:
    """As many a minute as asked for; what is told leads each to where its kind ends, but for the request itself."""
    with capture_logs() as logs:
        shop.go_on(300)

    sold = [line for line in logs if line["event"] == "order.sold"]
    assert 80 <= len(sold) <= 120
    assert shop.skyhub.report().orders == len(sold)
    shop.record()
    orders = shop.orders()
    assert len(orders) > len(sold) - 5  # the last ones are not told yet
    assert {order.status for order in orders} >= {Status.DUE, Status.SKIPPED, Status.CANCELED}
    assert {line["event"] for line in logs} == {"seller.started", "order.sold"}


def test_skyhub_knows_that_an_order_is_complete_before_the_service_does(shop: Shop) -> None:
    """Or it would call a request early that was not: what the ledger calls due is complete there, and only that."""
    seen = 0
    for _ in range(200):
        shop.go_on(TICK)
        shop.record()
        due = {order.order_id for order in shop.orders() if order.status is Status.DUE}
        seen = max(seen, len(due))
        assert due <= {code.replace(" ", "_") for code in shop.skyhub.report().lost}

    assert seen > 5


def test_a_skyhub_that_was_started_anew_gets_what_is_still_open(shop: Shop) -> None:
    """The accounts, and the orders that have not ended, as far as they are told; those that ended are history."""
    shop.go_on(LONG_AFTER)
    shop.record()
    shop.go_on(5)
    ended = {order.order_id for order in shop.orders() if order.status in {Status.SKIPPED, Status.CANCELED}}
    before = shop.skyhub.report()
    assert ended

    shop.skyhub.reset()
    with capture_logs() as logs:
        shop.go_on(10)

    after = shop.skyhub.report()
    said = [line["event"] for line in logs]
    assert said.count("seller.waited") == 1
    assert set(before.lost) <= set(after.lost)
    assert after.orders == before.orders + said.count("order.sold") - len(ended)


def test_a_skyhub_that_is_away_is_waited_for(tmp_path: Path, stack: ExitStack) -> None:
    """Trouble is said once, however long it lasts, and the seller goes on by itself."""
    redis = stack.enter_context(started(required("valkey"), tmp_path / "redis", *NOT_PERSISTENT))
    redis_url = f"redis://127.0.0.1:{redis.port}/0"
    url = stack.enter_context(running(create_app()))
    away = Shop(_service(tmp_path, "http://127.0.0.1:1", redis_url, stack), SandboxControl(url), stack)
    stack.callback(away.skyhub.close)
    with capture_logs() as logs:
        away.go_on(30)

    assert [line["event"] for line in logs] == ["seller.waited"]
    assert "does not answer" in logs[0]["reason"]


def test_events_wait_for_a_redis_that_is_away(tmp_path: Path, stack: ExitStack) -> None:
    """None is lost, and none is told out of its order's turn."""
    url = stack.enter_context(running(create_app()))
    redis = RedisPart("redis", tmp_path, "valkey")
    stack.callback(redis.kill)
    shop = Shop(_service(tmp_path, url, redis.url, stack), stack.enter_context(SandboxControl(url)), stack)
    shop.go_on(20)
    redis.kill()
    with capture_logs() as logs:
        shop.go_on(20)
    redis.start()
    shop.go_on(LONG_AFTER)
    shop.record()

    assert [line["event"] for line in logs].count("seller.waited") == 1
    complete = set(shop.skyhub.report().lost)
    known = {order.order_id for order in shop.orders()}
    assert {code.replace(" ", "_") for code in complete} <= known


def test_a_seller_that_starts_later_has_other_codes() -> None:
    """SkyHub refuses a code that it knows."""
    first, later = (numbers_since(datetime(2026, 11, 20, 12, 0, second, tzinfo=UTC)) for second in (0, 1))

    assert not {next(first) for _ in range(500)} & {next(later) for _ in range(500)}
