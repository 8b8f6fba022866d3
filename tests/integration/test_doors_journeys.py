"""Orders from every door to their requested pickup, with real processes and the simulated OMS and Pick and Pack."""

from collections.abc import Iterator

import pytest

from tests.fixtures.running_doors import NO_RECONCILE, RunningDoors
from tests.fixtures.running_service import running
from worker.domain.order import Attention, Status
from worker.sandbox.sales import NewSale
from worker.sandbox.vtex.bodies import NewPackage, Tracking, of_skus
from worker.sandbox.vtex.customers import CUSTOMER_WORDS


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoors]:
    """Give a store a door: nothing is found but by that door, since nothing reconciles after the start."""
    stores = ("acme", "pushed", "hooked", "fed", "boxed", "held")
    folder = tmp_path_factory.mktemp("doors")
    doors = RunningDoors(folder, stores, NO_RECONCILE, feeds=("fed",), packed=("held",))
    with running(doors):
        doors.start()
        doors.connect("connector", store="pushed")
        doors.connect("hook", store="hooked")
        doors.connect("webhook", store="boxed")
        doors.connect("webhook", "connector", store="held")
        yield doors
        _assert_no_customer(doors)


def _assert_no_customer(doors: RunningDoors) -> None:
    """No word of a customer stands in a log or in Redis, whatever was read from the OMS."""
    logs = "".join(part.text for part in doors.parts)
    kept = "".join(
        str(dump) for key in doors.service.redis.scan_iter("*") if (dump := doors.service.redis.dump(key)) is not None
    )
    assert [word for word in CUSTOMER_WORDS if word in logs or word in kept] == []


def _waits(world: RunningDoors, store: str, invoices: int, sale: NewSale) -> None:
    world.until(lambda: len(getattr(world.known(sale, store), "invoices", ())) == invoices, f"{invoices} invoices")


def test_a_native_event_over_http_requests_the_pickup(world: RunningDoors) -> None:
    """Each item in a request of its own; nothing before the last."""
    (sale,) = sold = world.sell()
    for index, sku in enumerate("AB"):
        assert world.confirmed(sold) == [0]
        world.bill(sale, sku, silent=True)
        invoice = {"number": str(index), "items": [{"sku": sku, "quantity": 1}]}
        order = {"items": [{"sku": each, "quantity": 1} for each in "AB"]}
        event = {"order_id": sale.order_id, "occurred_at": "2026-11-20T12:00:00Z", "invoice": invoice, "order": order}
        answer = world.post("/v1/acme/order-invoiced", event)
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []})
        _waits(world, "acme", index + 1, sale)
    world.becomes(sold, Status.REQUESTED)
    assert world.confirmed(sold) == [1]


def test_a_push_counts_once_however_often_it_comes(world: RunningDoors) -> None:
    """The same invoice again, then with tracking of Correios: one unit stays one unit, and Direct stays Direct."""
    (sale,) = sold = world.sell(store="pushed")
    world.bill(sale, "A", store="pushed")
    number = f"{sale.code.rpartition('-')[2]}/A"
    world.sandbox.vtex.push_again("pushed", sale.order_id, number)
    world.sandbox.vtex.track("pushed", sale.order_id, Tracking(number=number))
    world.until(lambda: world.sandbox.report("pushed").under_way == 0, "all pushes are answered")
    world.becomes(sold, Status.WAITING, "pushed")
    assert world.confirmed(sold) == [0]
    world.bill(sale, "B", store="pushed")
    world.becomes(sold, Status.REQUESTED, "pushed")
    assert world.confirmed(sold) == [1]


def test_a_push_of_a_cancel_ends_the_order(world: RunningDoors) -> None:
    """Its last invoice, which comes later, requests nothing."""
    (sale,) = sold = world.sell(store="pushed")
    world.bill(sale, "A", store="pushed")
    world.sandbox.vtex.cancel("pushed", sale.order_id, "Unexpected stock shortage")
    world.becomes(sold, Status.CANCELED, "pushed")
    world.bill(sale, "B", store="pushed")
    world.until(lambda: world.sandbox.report("pushed").under_way == 0, "all pushes are answered")
    world.becomes(sold, Status.CANCELED, "pushed")
    assert world.confirmed(sold) == [0]


def test_three_packages_seen_by_snapshots_only_are_requested_after_the_third(world: RunningDoors) -> None:
    """The hook brings no invoice: each snapshot adds what it shows, and the third one completes the order."""
    (sale,) = sold = world.sell(store="hooked", skus="ABC")
    for index, sku in enumerate("ABC", 1):
        assert world.confirmed(sold) == [0]
        world.bill(sale, sku, store="hooked")
        _waits(world, "hooked", index, sale)
    world.becomes(sold, Status.REQUESTED, "hooked")
    assert world.confirmed(sold) == [1]
    order = world.known(sale, "hooked")
    assert order is not None
    assert "order.announced" in [entry.event for entry in order.history]


def test_one_snapshot_completes_an_order_whose_events_were_all_missed(world: RunningDoors) -> None:
    """Whatever announces it."""
    (sale,) = sold = world.sell(store="hooked", skus="ABC")
    world.bill(sale, "A", "B", store="hooked", silent=True)
    world.bill(sale, "C", store="hooked", silent=True)
    body = {
        "Domain": "Marketplace",
        "OrderId": sale.order_id,
        "State": None,
        "LastChange": "2026-11-20T12:00:00.1234567Z",
    }
    assert world.post("/vtex/hooked/hook", body, "hooked").status_code == 200
    world.becomes(sold, Status.REQUESTED, "hooked")
    assert world.confirmed(sold) == [1]


def test_a_cancel_in_the_oms_is_learned_from_its_snapshot(world: RunningDoors) -> None:
    """The hook says no more than that something happened."""
    (sale,) = sold = world.sell(store="hooked")
    world.bill(sale, "A", store="hooked")
    world.sandbox.vtex.cancel("hooked", sale.order_id)
    world.becomes(sold, Status.CANCELED, "hooked")
    assert world.confirmed(sold) == [0]


def test_an_order_that_the_oms_calls_invoiced_waits_for_its_items(world: RunningDoors) -> None:
    """It is decided by value there: an operator sees it, nothing is requested."""
    (sale,) = sold = world.sell(store="hooked")
    world.bill(sale, "A", store="hooked")
    world.sandbox.vtex.force_status("hooked", sale.order_id, "invoiced")
    world.until(lambda: _attention(world, sale, "hooked") == {Attention.OMS_INVOICED_ITEMS_MISSING}, "it has attention")
    assert world.confirmed(sold) == [0]
    world.bill(sale, "B", store="hooked")
    world.becomes(sold, Status.REQUESTED, "hooked")
    assert _attention(world, sale, "hooked") == set()


def test_the_feed_alone_requests_the_pickup_and_is_emptied(world: RunningDoors) -> None:
    """Every event is taken out of it once it is safe, those of other channels too."""
    sold = world.sell(30, store="fed")
    for sale in sold:
        world.bill(sale, "A", "B", store="fed")
    world.becomes(sold, Status.REQUESTED, "fed", 60)
    assert set(world.confirmed(sold)) == {1}
    world.until(lambda: world.sandbox.report("fed").feed_waiting == 0, "the feed is empty")


def test_pick_and_pack_announces_an_invoice(world: RunningDoors) -> None:
    """Its INVOICED has the OMS read again; what it says before is kept in the history."""
    (sale,) = sold = world.sell(store="boxed")
    world.bill(sale, "A", store="boxed", silent=True)
    world.sandbox.pick_and_pack.set_status("boxed", sale.order_id, "INVOICED")
    world.becomes(sold, Status.WAITING, "boxed")
    world.sandbox.pick_and_pack.set_status("boxed", sale.order_id, "PACKING")
    world.until(lambda: _fulfilment(world, sale, "boxed") == "PACKING", "PACKING is known")
    shown = world.coleta("order", "boxed", sale.order_id)
    assert "PACKING (Pick and Pack, 2" in shown.stdout
    world.bill(sale, "B", store="boxed", silent=True)
    world.sandbox.pick_and_pack.set_status("boxed", sale.order_id, "INVOICED")
    world.becomes(sold, Status.REQUESTED, "boxed")
    assert world.confirmed(sold) == [1]


def test_a_complete_order_is_held_until_it_is_packed(world: RunningDoors) -> None:
    """The API decides, also when tokens expire meanwhile; a webhook that is not true moves nothing."""
    (sale,) = sold = world.sell(store="held")
    world.sandbox.pick_and_pack.set_status("held", sale.order_id, "PACKING", notify=False)
    world.bill(sale, "A", "B", store="held")
    world.until(lambda: getattr(world.known(sale, "held"), "hold", None), "it is held")
    world.sandbox.pick_and_pack.expire_tokens("held")
    body = {"orderId": sale.order_id, "oldStatus": "PACKING", "newStatus": "READY_FOR_INVOICING", "hostname": "held"}
    assert world.post("/pick-and-pack/held/webhook", body, "held").status_code == 200
    world.until(lambda: (order := world.known(sale, "held")) and order.hold and order.hold.tries > 1, "it asked again")
    assert world.confirmed(sold) == [0]
    world.sandbox.pick_and_pack.set_status("held", sale.order_id, "READY_FOR_INVOICING")
    world.becomes(sold, Status.REQUESTED, "held")
    assert world.confirmed(sold) == [1]


def test_the_same_invoice_by_every_door_counts_once(world: RunningDoors) -> None:
    """A push that names its items outranks the snapshot's copy of it."""
    (sale,) = sold = world.sell(store="hooked")
    wrong = NewPackage(number="7/A", items=of_skus({"A": 1}), shown_in_order="null")
    push = {"type": "Output", "invoiceNumber": "7/A", "items": [{"id": "A", "quantity": 1, "price": 1}]}
    path = f"/vtex/hooked/pub/orders/{sale.marketplace_order_id}/invoice"
    assert world.post(path, push, "hooked").status_code == 200
    world.sandbox.vtex.invoice("hooked", sale.order_id, wrong)
    assert world.post(path, {**push, "courier": "Correios"}, "hooked").status_code == 200
    world.bill(sale, "B", store="hooked")
    world.becomes(sold, Status.REQUESTED, "hooked")
    order = world.known(sale, "hooked")
    assert order is not None
    assert (world.confirmed(sold), order.invoiced) == ([1], {"A": 1, "B": 1})


def test_a_skipped_order_that_is_to_be_learned_is_asked_for_at_skyhub(world: RunningDoors) -> None:
    """Only SkyHub knows the carrier, also where the store has an OMS."""
    (sale,) = sold = world.sell()
    world.bill(sale, "A", "B", silent=True)
    invoice = {"number": "9", "items": [{"sku": sku, "quantity": 1} for sku in "AB"]}
    order = {"items": invoice["items"], "carrier": "correios"}
    event = {"order_id": sale.order_id, "occurred_at": "2026-11-20T12:00:00Z", "invoice": invoice, "order": order}
    assert world.post("/v1/acme/order-invoiced", event).status_code == 202
    world.becomes(sold, Status.SKIPPED)
    world.app.send_task("coleta.learn_order", args=["acme", sale.order_id], queue="pickups")
    world.becomes(sold, Status.REQUESTED)
    assert world.confirmed(sold) == [1]


def _attention(world: RunningDoors, sale: NewSale, store: str) -> set[Attention]:
    order = world.known(sale, store)
    return set(order.attention) if order is not None else set()


def _fulfilment(world: RunningDoors, sale: NewSale, store: str) -> str:
    order = world.known(sale, store)
    return order.fulfilment.status if order is not None and order.fulfilment is not None else ""
