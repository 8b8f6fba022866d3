"""What cannot be used in a broker on Redis is kept as rejected, and handed in by an operator."""

import json
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import RedisError

from tests.faults.poison_shapes import BAD_BODY, BAD_CALL, BAD_ENVELOPE, HELD, NO_MESSAGE, Outcome, Shape
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Status
from worker.entrypoints.broker.aside import ASIDE, TURN, Aside, put_aside, reject_aside
from worker.entrypoints.broker.envelope import kept_text


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
    # The order itself may be told of: reconcile opens it as soon as SkyHub lists it.
    assert all("occurred_at" not in part.text for part in service.parts)


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
    given = _push(service, [*BAD_BODY, *BAD_CALL])

    service.until(lambda: _wrong(service, given) == [], "each has the outcome of its shape")
    service.until(lambda: not service.messages.exists("unacked"), "nothing is unacknowledged")
    assert all(part.runs for part in service.parts)


def test_a_worker_that_is_stopped_among_them_loses_nothing(service: RunningService) -> None:
    """What it held goes back to its list, what it had no time for stays there, and no log shows any of it."""
    (worker,) = (part for part in service.parts if part.name == "worker")
    held = _push(service, HELD)
    service.until(lambda: service.messages.hlen("unacked") == len(HELD), "they are held")
    poison = _push(service, [*NO_MESSAGE, *BAD_ENVELOPE, *BAD_BODY, *BAD_CALL])

    assert worker.stop() == 0
    left = [str(row) for row in service.messages.lrange("inbox", 0, -1)]
    back = [row for _, sale in held for row in left if str(sale.number) in kept_text(row.encode())]
    assert len(back) == len(held)
    assert not service.messages.exists("unacked")
    for row in back:
        service.messages.lrem("inbox", 1, row)  # else the worker would hold them until the other tests are over

    worker.start()
    service.until(lambda: _wrong(service, poison) == [], "each of the others has the outcome of its shape")
    assert not any("Could not restore" in part.text for part in service.parts)


def test_an_event_at_whose_recording_a_worker_fails_is_kept(service: RunningService) -> None:
    """Celery would acknowledge it and forget it; an operator sees that it is one of ours, and what to do."""
    (sale,) = service.sold("acme")
    service.app.send_task("coleta.order_invoiced", args=[f"\udc00 {sale.order_id}"])  # no text of Redis
    of_none = service.service.fleet.ledger("_")
    service.until(lambda: _about(of_none.rejected(1000), sale), "it is rejected")

    listed = " ".join(service.coleta("rejected", "list", "--like", sale.order_id).stdout.split())
    assert "a call of coleta.order_invoiced that was given up" in listed
    assert "coleta rejected resend" in listed


def test_an_event_that_was_cut_inside_a_character_is_recorded(service: RunningService) -> None:
    """What no door reads may hold anything."""
    (sale,) = service.sold("acme")
    service.sandbox.complete([sale.code])
    for event in sale.events:
        service.app.send_task("coleta.order_invoiced", args=[{**event, "note": "Maria \ud83d"}])

    service.await_status([sale], Status.REQUESTED)


@pytest.mark.parametrize("as_text", [False, True])
def test_an_event_of_just_below_a_mebibyte_is_recorded(service: RunningService, as_text: bool) -> None:  # noqa: FBT001 - a table's
    """As at the other doors: base64 and escapes do not count."""
    (sale,) = service.sold("acme")
    service.sandbox.complete([sale.code])
    for event in sale.events:
        large = {**event, "note": "é" * (512 * 1024 - 1024)}
        body = json.dumps(large, ensure_ascii=False) if as_text else large
        service.app.send_task("coleta.order_invoiced", args=[body])

    service.await_status([sale], Status.REQUESTED)


def test_what_was_put_aside_stays_there_while_the_state_is_away(service: RunningService) -> None:
    """It leaves the broker only once it is rejected, and the next sweep tries again."""
    (beat,) = (part for part in service.parts if part.name == "beat")
    service.until(lambda: not service.messages.exists(ASIDE), "nothing is aside")
    beat.pause()
    put_aside(service.messages, [Aside("queue inbox", "it is nothing", "text of a test")])

    def refuse(_store: object, _kept: object) -> None:
        raise RedisError("away")

    away: Any = SimpleNamespace(reject=refuse)
    with pytest.raises(RedisError, match="away"):
        reject_aside(service.messages, away)
    assert service.messages.llen(ASIDE) == 1

    service.messages.delete(TURN)  # which lapses by itself
    beat.resume()
    service.until(lambda: not service.messages.exists(ASIDE), "it is brought in")
    assert [kept.body for kept in service.service.fleet.ledger("_").rejected(100)].count("text of a test") == 1


def _push(service: RunningService, shapes: Sequence[Shape]) -> list[tuple[Shape, Sale]]:
    """Push each shape with an order of its own."""
    given = list(zip(shapes, service.sold("acme", len(shapes)), strict=True))
    for shape, sale in given:
        service.messages.lpush("inbox", shape.make(sale))
    return given


def _wrong(service: RunningService, given: Sequence[tuple[Shape, Sale]]) -> list[str]:
    """Return the shapes whose event has another outcome, or none yet."""
    ledgers = service.ledger("acme"), service.service.fleet.ledger("_")
    text = "\n".join(kept.body for ledger in ledgers for kept in ledger.rejected(1000))
    known, _ = service.ledger("acme").load([sale.order_id for _, sale in given])

    def outcomes(sale: Sale) -> list[Outcome]:
        recorded = sale.order_id in known and known[sale.order_id].order.invoices
        return [Outcome.REJECTED] * (str(sale.number) in text) + [Outcome.RECORDED] * bool(recorded)

    return [f"{shape.name}: {found}" for shape, sale in given if (found := outcomes(sale)) != [shape.outcome]]


def _about(kept: list[Any], sale: Sale) -> list[Any]:
    return [each for each in kept if sale.order_id in each.body]
