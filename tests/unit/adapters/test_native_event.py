"""The native event, as producers may spell it, and what is said about one that cannot be read."""

import json
from typing import Any

import pytest

from tests.fixtures.native_events import CANCELED, INVOICED, NOON, SHORTEST, changed
from worker.adapters.native_event import NativeEventError, read
from worker.domain.events import Addressed, OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.invoices import Invoice

VALID = pytest.mark.parametrize("body", [INVOICED, CANCELED, SHORTEST], ids=["invoiced", "canceled", "shortest"])


def _invoiced(body: object) -> OrderInvoiced:
    event = read(body).event
    assert isinstance(event, OrderInvoiced)
    return event


def _occurred_at(text: object) -> int:
    return _invoiced(changed(SHORTEST, "occurred_at", value=text)).occurred_at


def _reason(body: object) -> str:
    with pytest.raises(NativeEventError) as caught:
        read(body)
    assert "value error" not in caught.value.reason.lower()  # a library's word
    return caught.value.reason


def test_an_invoice_is_read_whole() -> None:
    """Every field of the documented example arrives."""
    assert read(INVOICED) == Addressed(
        "acme",
        OrderInvoiced(
            order_id="BWW-Lojas_Americanas-285264647201",
            occurred_at=NOON,
            invoice=Invoice(number="4021-1", items={"345117": 1}, issued_at=NOON - 60_000, dated_at=NOON),
            items={"345117": 1, "88": 2},
            skyhub_code="Lojas Americanas-285264647201",
            remote_code="285264647201",
            carrier=Carrier.DIRECT,
        ),
    )


def test_a_cancel_is_read_whole() -> None:
    """Every field of the documented example arrives; the reason may be missing."""
    order_id = "BWW-Lojas_Americanas-285264647201"
    expected = OrderCanceled(order_id=order_id, occurred_at=NOON, reason="customer gave up")
    assert read(CANCELED) == Addressed("acme", expected)
    assert read(changed(CANCELED, "reason", value=...)).event == OrderCanceled(order_id=order_id, occurred_at=NOON)


@VALID
@pytest.mark.parametrize("spelled", [json.dumps, lambda body: json.dumps(body).encode()], ids=["text", "bytes"])
def test_json_and_mapping_are_the_same_event(body: dict[str, Any], spelled: Any) -> None:  # noqa: ANN401
    """A producer may send either."""
    assert read(spelled(body)) == read(body)


def test_what_nobody_knows_is_ignored() -> None:
    """A producer may send more than this service reads, a customer's data included."""
    assert read({**INVOICED, "customer": {"name": "Ana"}}) == read(INVOICED)


def test_a_sku_on_several_lines_is_pooled_and_no_units_name_nothing() -> None:
    """Quantities of one SKU add up within a list; 0 units are as if the line were not there."""
    lines = [{"sku": "88", "quantity": 1}, {"sku": "1", "quantity": 0}, {"sku": "88", "quantity": 2}]
    event = _invoiced(changed(changed(INVOICED, "invoice", "items", value=lines), "order", "items", value=lines))
    assert event.invoice.items == {"88": 3}
    assert event.items == {"88": 3}


@pytest.mark.parametrize(
    ("spelling", "moment"),
    [
        ("2026-11-20T12:00:00", NOON),
        ("2026-11-20 12:00:00", NOON),
        ("2026-11-20T09:00:00-03:00", NOON),
        ("2026-11-20T12:00:00.1234567Z", NOON + 123),
        ("2026-11-20T12:00:00.9999999", NOON + 1000),
        ("2026-11-20", NOON - 12 * 3_600_000),
    ],
)
def test_times_as_systems_write_them(spelling: str, moment: int) -> None:
    """Without a zone it is UTC; seven fractional digits, as .NET writes them, are no error."""
    assert abs(_occurred_at(spelling) - moment) <= 1


@pytest.mark.parametrize("spelled", ["Direct", " DIRECT ", "direct"])
def test_a_carrier_may_be_spelled_any_way(spelled: str) -> None:
    """Case and blanks do not matter."""
    assert _invoiced(changed(INVOICED, "order", "carrier", value=spelled)).carrier is Carrier.DIRECT


@pytest.mark.parametrize(("spelled", "output"), [("output", True), (None, True), ("", True), ("INPUT", False)])
def test_a_return_is_told_from_a_sale(spelled: object, output: bool) -> None:  # noqa: FBT001
    """What names no type is a sale."""
    assert _invoiced(changed(INVOICED, "invoice", "type", value=spelled)).invoice.output is output


def test_codes_and_skus_may_be_numbers() -> None:
    """A system that keeps codes as numbers is understood; blanks around a code are none of it."""
    event = _invoiced(changed(changed(INVOICED, "invoice", "items", 0, "sku", value=345117), "order_id", value=" A-1 "))
    assert event.invoice.items == {"345117": 1}
    assert event.order_id == "A-1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (changed(INVOICED, "store", value=...), "store: field required"),
        (changed(INVOICED, "store", value=" "), "store: found ' ', string should have at least 1 character"),
        (changed(INVOICED, "order_id", value=...), "order_id: field required"),
        (changed(INVOICED, "order_id", value=["A-1"]), "order_id: found a list, "),
        (changed(INVOICED, "order_id", value="A" * 201), "order_id: found 'AAAAA"),
        (changed(INVOICED, "occurred_at", value=...), "occurred_at: field required"),
        (changed(INVOICED, "occurred_at", value="yesterday"), "occurred_at: found 'yesterday', "),
        (changed(INVOICED, "invoice", value=...), "invoice: field required"),
        (changed(INVOICED, "invoice", value="4021"), "invoice: found '4021', expected an object"),
        (changed(INVOICED, "invoice", "number", value=None), "invoice.number: found None, "),
        (changed(INVOICED, "invoice", "key", value={}), "invoice.key: found an object, "),
        (changed(INVOICED, "invoice", "type", value="Return"), "invoice.type: found 'Return', "),
        (changed(INVOICED, "invoice", "issued_at", value="-"), "invoice.issued_at: found '-', "),
        (changed(INVOICED, "invoice", "items", value={}), "invoice.items: found an object, "),
        (changed(INVOICED, "invoice", "items", 0, value=1), "invoice.items.0: found 1, expected an object"),
        (changed(INVOICED, "invoice", "items", 0, "sku", value=""), "invoice.items.0.sku: found '', "),
        (changed(INVOICED, "invoice", "items", 0, "quantity", value=-1), "invoice.items.0.quantity: found -1, "),
        (changed(INVOICED, "invoice", "items", 0, "quantity", value=0.5), "invoice.items.0.quantity: found 0.5, "),
        (
            changed(INVOICED, "invoice", "items", value=[{"sku": "1", "quantity": 1}] * 1_001),
            "invoice.items: found a list, list should have at most 1000 items",
        ),
        (
            changed(INVOICED, "order", "items", value=[{"sku": "1", "quantity": 1}] * 1_001),
            "order.items: found a list, list should have at most 1000 items",
        ),
        (changed(INVOICED, "invoice", "items", 0, "quantity", value=True), "invoice.items.0.quantity: found True, "),
        (changed(INVOICED, "order", value=[]), "order: found a list, expected an object"),
        (changed(INVOICED, "order", "items", 1, "quantity", value=...), "order.items.1.quantity: field required"),
        (changed(INVOICED, "order", "skyhub_code", value=[]), "order.skyhub_code: found a list, "),
        (changed(INVOICED, "order", "remote_code", value="1" * 201), "order.remote_code: found '1111"),
        (changed(INVOICED, "order", "carrier", value="Loggi"), "order.carrier: found 'loggi', "),
        (changed(CANCELED, "reason", value=[]), "reason: found a list, "),
        (changed(CANCELED, "event", value="OrderShipped"), "event: found 'OrderShipped', expected OrderInvoiced or "),
        (changed(CANCELED, "event", value=None), "event: found None, expected OrderInvoiced or OrderCanceled"),
        ([INVOICED], "found a list, expected a JSON object"),
        ("{", "not JSON: "),
        ('{"store": NaN}', "not JSON: "),
        (b"\xff", "not JSON: "),
        (" " * 1_048_577, "the body has 1048577 bytes, 1048576 are the most"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_was_found(body: object, reason: str) -> None:
    """Whoever sent it can mend it."""
    assert _reason(body).startswith(reason)


def test_several_faults_are_named_together() -> None:
    """The first five are named, the others counted."""
    lines = [{"sku": "1", "quantity": -1}] * 7
    reason = _reason(changed(INVOICED, "invoice", "items", value=lines))
    assert reason.count("greater than or equal to 0") == 5
    assert reason.endswith("; and 2 more")


def test_a_reason_repeats_no_nested_data() -> None:
    """A customer's data in the wrong place stays out of logs and pages."""
    assert "Ana" not in _reason(changed(INVOICED, "order_id", value={"customer": "Ana"}))


def test_an_unreadable_event_of_a_known_store_says_so() -> None:
    """It can be kept where the store's people find it."""
    with pytest.raises(NativeEventError) as caught:
        read({"store": " acme ", "order_id": 1})
    assert caught.value.store == "acme"


@pytest.mark.parametrize("named", [..., None, ""])
def test_an_event_that_names_no_store_is_of_the_one_that_was_meant(named: object) -> None:
    """As one that came through that store's own door."""
    assert read(changed(SHORTEST, "store", value=named), "brava").store == "brava"
    assert read(json.dumps(changed(SHORTEST, "store", value=named)), "brava").store == "brava"


def test_an_event_that_names_its_store_keeps_it() -> None:
    """Whichever was meant; a wrong name is not put right."""
    assert read(SHORTEST, "brava").store == "acme"
    with pytest.raises(NativeEventError, match="store: found a list"):
        read(changed(SHORTEST, "store", value=["acme"]), "brava")
