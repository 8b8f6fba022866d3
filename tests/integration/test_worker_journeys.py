"""Orders from their last invoice to their requested pickup, through a real worker."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery

from tests.fixtures.customer_data import FIELDS, spoken_of
from tests.fixtures.running_service import RunningService
from worker.adapters.native_event import read
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.order import Status

# What somebody may send instead of one native event, the reason that must be kept with it, and under which store.
MALFORMED: list[tuple[tuple[object, ...], dict[str, object], str, str]] = [
    ((), {}, "found None, expected a JSON object", NO_STORE),
    ((42,), {}, "found 42, expected a JSON object", NO_STORE),
    (([{"store": "acme"}],), {}, "found a list, expected a JSON object", NO_STORE),
    (("{'store': 'acme'}",), {}, "not JSON", NO_STORE),
    (('"text"',), {}, "found 'text', expected a JSON object", NO_STORE),
    (({"order_id": "a-1"},), {}, "store: field required", NO_STORE),
    (({"store": "nobody", "event": "OrderCanceled", "order_id": "a-1", "occurred_at": 0},), {}, "'nobody'", NO_STORE),
    (({"store": "acme", "order_id": ["a-1"]},), {}, "order_id: found a list", "acme"),
    (({"store": "acme", "event": "OrderShipped"},), {}, "event: found 'OrderShipped'", "acme"),
    (({"store": "acme", "order_id": "cut \ud83d"},), {}, "order_id: found 'cut", "acme"),
    (({"store": "acme"}, {"store": "acme"}), {}, "more than one argument", NO_STORE),
    (({"store": "acme"},), {"urgent": True}, "more than one argument", NO_STORE),
]


@pytest.fixture(scope="module")
def producer(staffed: RunningService) -> Celery:
    """Give somebody else's Celery app: it knows the broker, the queue and the task's name, and no setting of ours."""
    return staffed.producer(broker_url=staffed.service.settings.broker_url)


def _send(producer: Celery, *args: object, **kwargs: object) -> None:
    producer.send_task("coleta.order_invoiced", args=args, kwargs=kwargs, queue="inbox")


def test_the_last_invoice_in_the_inbox_requests_the_pickup(staffed: RunningService) -> None:
    """Nothing is requested before the last item is invoiced; then the pickup is, once."""
    (sale,) = sold = staffed.sold("acme")
    first, last = sale.events
    staffed.hand_in([first])
    staffed.await_status(sold, Status.WAITING)
    assert staffed.accepted(sold) == [0]

    staffed.sandbox.complete([sale.code])
    staffed.hand_in([last])

    staffed.requested_once(sold)


def test_an_order_whose_carrier_no_event_names_is_asked_for_at_skyhub(staffed: RunningService) -> None:
    """Direct orders are requested once SkyHub said so, Correios ones never."""
    direct = staffed.sold("acme", 5, says_carrier=False)
    correios = staffed.sold("acme", 5, carrier="correios", says_carrier=False)
    staffed.invoice([*direct, *correios])

    staffed.requested_once(direct)
    staffed.await_status(correios, Status.SKIPPED)
    assert staffed.violations(correios) == {}


@pytest.mark.parametrize("spelled", [dict, json.dumps], ids=["object", "JSON string"])
def test_the_celery_door_takes_native_events(
    staffed: RunningService, producer: Celery, spelled: Callable[[dict[str, Any]], object]
) -> None:
    """A producer that knows only the task's name and queue gets its order requested."""
    (sale,) = sold = staffed.sold("acme")
    staffed.sandbox.complete([sale.code])
    for event in sale.events:
        _send(producer, spelled(event))

    staffed.requested_once(sold)


def test_a_malformed_message_is_kept_with_its_reason_and_the_worker_goes_on(
    staffed: RunningService, producer: Celery
) -> None:
    """What is no event lands among the rejected ones of its store, if it names one; what follows is recorded."""
    for args, kwargs, _, _ in MALFORMED:
        _send(producer, *args, **kwargs)
    (sale,) = sold = staffed.sold("acme")
    staffed.sandbox.complete([sale.code])
    for event in sale.events:
        _send(producer, event)
    staffed.await_status(sold, Status.REQUESTED)

    staffed.until(lambda: not _not_kept(staffed), "every malformed message is kept")


def _not_kept(staffed: RunningService) -> list[str]:
    """Return the reasons that stand with no rejected event of the store."""
    stores = {store for *_, store in MALFORMED}
    kept = {store: [one.reason for one in staffed.service.fleet.ledger(store).rejected(100)] for store in stores}
    return [reason for *_, reason, store in MALFORMED if not any(reason in known for known in kept[store])]


def test_nothing_of_a_customer_is_kept_or_logged(staffed: RunningService, producer: Celery) -> None:
    """Of an event that cannot be read, whose store nobody knows, or that came with others."""
    event = {"store": "acme", "order_id": "of a customer", **FIELDS}
    unknown = {"event": "OrderCanceled", "store": "nobody", "order_id": "of a customer", "occurred_at": 0}
    messages: list[tuple[tuple[object, ...], dict[str, object]]] = [
        ((event,), {}),
        ((json.dumps(event),), {}),
        ((json.dumps(json.dumps(event)),), {}),
        (([event],), {}),
        (({**unknown, "customer": FIELDS},), {}),
        ((event, json.dumps(event)), {}),
        ((), event),
    ]
    for args, kwargs in messages:
        _send(producer, *args, **kwargs)

    def kept() -> list[str]:
        ledgers = [staffed.service.fleet.ledger(store) for store in ("acme", NO_STORE)]
        return [one.body for ledger in ledgers for one in ledger.rejected(100) if "of a customer" in one.body]

    staffed.until(lambda: len(kept()) == len(messages), "the messages are kept")
    assert spoken_of(kept()) + spoken_of([part.text for part in staffed.parts]) == []


def test_hints_that_are_lost_cost_time_only(staffed: RunningService) -> None:
    """The broker forgets everything in mid-run, again and again: the sweep finds the work."""
    batches = [staffed.sold("acme", 20) for _ in range(3)]
    for batch in batches:
        staffed.invoice(batch)
        staffed.messages.flushdb()

    sold = [sale for batch in batches for sale in batch]
    staffed.requested_once(sold)


def test_an_event_whose_hint_was_never_sent_is_found(staffed: RunningService) -> None:
    """A door that dies between saving an event and hinting at it has lost nothing."""
    (sale,) = sold = staffed.sold("acme")
    staffed.sandbox.complete([sale.code])
    staffed.ledger("acme").append([read(event).event for event in sale.events])

    staffed.await_status(sold, Status.REQUESTED)


def test_every_line_of_a_task_names_its_store_and_its_task(staffed: RunningService) -> None:
    """Whoever reads the log can follow one store, and one task; what is bound for a task ends with it."""
    sold = staffed.sold("acme", says_carrier=False)
    staffed.invoice(sold)
    staffed.await_status(sold, Status.REQUESTED)

    (log,) = (part for part in staffed.parts if part.name == "worker")
    lines = [json.loads(line) for line in log.text.splitlines() if line.startswith("{")]
    ours = [line for line in lines if line["event"] in ("inbox.drained", "pickups.confirmed", "orders.learned")]
    assert {line["event"] for line in ours} == {"inbox.drained", "pickups.confirmed", "orders.learned"}
    assert {line["store"] for line in ours} <= {"acme", "brava"}
    assert all(line["task_id"] and line["task"].startswith("coleta.") for line in ours)
    sweeps = [line for line in lines if line.get("task") == "coleta.sweep"]
    assert sweeps
    assert not any("store" in line for line in sweeps)
