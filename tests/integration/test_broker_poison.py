"""What cannot be used in a broker on Redis is kept as rejected, and handed in by an operator."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import RedisError

from tests.faults.poison_shapes import BAD_BODY, BAD_CALL
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Status
from worker.entrypoints.broker.aside import ASIDE, Aside, put_aside, reject_aside


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Start one worker and beat."""
    with running(RunningService(tmp_path_factory.mktemp("poison"))) as service:
        service.start_worker()
        service.start_beat()
        yield service


def test_an_event_that_was_pushed_as_it_is_can_be_handed_in(service: RunningService) -> None:
    """It is rejected in its store, with what to do instead; an operator resends it."""
    (sale,) = service.sold("acme")
    service.messages.lpush("inbox", json.dumps(sale.event(0)))
    rejected = service.ledger("acme").rejected
    service.until(lambda: _about(rejected(100), sale), "it is rejected")
    (kept,) = _about(rejected(100), sale)

    assert kept.reason.startswith("queue inbox held what is no message of ours: properties: field required")
    assert "send the task coleta.order_invoiced" in kept.reason
    assert service.coleta("rejected", "resend", "--all", "--store", "acme", "--yes").returncode == 0
    service.until(lambda: (order := service.order(sale)) and order.invoices, "it is recorded")


def test_the_call_of_an_unknown_task_is_kept(service: RunningService) -> None:
    """Celery would delete it with its body in the log."""
    (sale,) = service.sold("acme")
    service.producer(broker_url=str(service.service.settings.broker_url)).send_task(
        "coleta.order_invoice", args=[sale.event(0)], queue="inbox"
    )
    service.until(lambda: _about(service.ledger("acme").rejected(100), sale), "it is rejected")

    (kept,) = _about(service.ledger("acme").rejected(100), sale)
    assert "there is no task 'coleta.order_invoice'" in kept.reason
    assert all(sale.order_id not in part.text for part in service.parts)


def test_what_names_no_store_is_kept_beside_the_stores(service: RunningService) -> None:
    """Bytes that are nothing at all, too."""
    service.messages.lpush("pickups", "nothing of ours")

    service.until(
        lambda: [kept for kept in service.service.fleet.ledger("_").rejected(100) if kept.body == "nothing of ours"],
        "it is rejected",
    )


def test_an_event_whose_message_expired_is_recorded(service: RunningService) -> None:
    """It is an invoice all the same."""
    (sale,) = service.sold("acme")
    for event in sale.events:
        service.app.send_task("coleta.order_invoiced", args=[event], expires=-60)

    service.await_status([sale], Status.REQUESTED)


def test_a_message_that_cannot_be_run_is_kept(service: RunningService) -> None:
    """Celery would delete it, die of it, or fail at it and forget it; no process has to be started again."""
    shapes = [*BAD_BODY, *BAD_CALL]
    sold = service.sold("acme", len(shapes))
    for shape, sale in zip(shapes, sold, strict=True):
        service.messages.lpush("inbox", shape.make(sale))

    def missing() -> list[str]:
        ledgers = service.ledger("acme"), service.service.fleet.ledger("_")
        text = "\n".join(kept.body for ledger in ledgers for kept in ledger.rejected(1000))
        known, _ = service.ledger("acme").load([sale.order_id for sale in sold])
        recorded = {order_id for order_id, stored in known.items() if stored.order.invoices}
        pairs = zip(shapes, sold, strict=True)
        return [shape.name for shape, sale in pairs if str(sale.number) not in text and sale.order_id not in recorded]

    service.until(lambda: not missing(), "each is kept or recorded")
    service.until(lambda: not service.messages.exists("unacked"), "nothing is unacknowledged")
    assert all(part.runs for part in service.parts)


def test_what_was_put_aside_stays_there_while_the_state_is_away(service: RunningService) -> None:
    """It leaves the broker only once it is rejected, and the next sweep tries again."""
    (beat,) = (part for part in service.parts if part.name == "beat")
    service.until(lambda: not service.messages.exists(ASIDE), "nothing is aside")
    beat.pause()
    put_aside(service.messages, [Aside("queue inbox", "it is nothing", "text of a test")])

    def refuse(_: object) -> None:
        raise RedisError("away")

    away: Any = SimpleNamespace(stores={}, fleet=SimpleNamespace(reject_unknown=refuse))
    with pytest.raises(RedisError, match="away"):
        reject_aside(service.messages, away)
    assert service.messages.llen(ASIDE) == 1

    service.messages.delete("coleta.aside.turn")  # which lapses by itself
    beat.resume()
    service.until(lambda: not service.messages.exists(ASIDE), "it is brought in")
    assert [kept.body for kept in service.service.fleet.ledger("_").rejected(100)].count("text of a test") == 1


def _about(kept: list[Any], sale: Sale) -> list[Any]:
    return [each for each in kept if sale.order_id in each.body]
