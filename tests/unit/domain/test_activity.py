"""What is counted of the hours."""

import pytest

from worker.domain.activity import HOUR, Hour, invoices_received, last_hours, pickups_requested
from worker.domain.invoices import Invoice, add
from worker.domain.order import Order, Status

NOON = 1_800_000_000_000 // HOUR * HOUR


def invoiced(*invoices: Invoice) -> Order:
    """Return an order with these invoices, heard one after the other."""
    heard: tuple[Invoice, ...] = ()
    for invoice in invoices:
        heard = add(heard, invoice)
    return Order(order_id="BWW-Site-1", skyhub_code="Site-1", created_at=1, invoices=heard)


def an_invoice(number: str = "1", key: str | None = None, units: int = 1, *, output: bool = True) -> Invoice:
    """Return an invoice of one SKU."""
    return Invoice(number=number, key=key, items={"a": units}, output=output)


def test_each_invoice_of_a_new_order_is_received() -> None:
    """Also where several came together."""
    assert invoices_received(None, invoiced()) == 0
    assert invoices_received(None, invoiced(an_invoice("1"), an_invoice("2"))) == 2


def test_an_invoice_is_received_once() -> None:
    """What the order had already is not received again; what it had not, is."""
    before = invoiced(an_invoice("1"))
    assert invoices_received(before, before) == 0
    assert invoices_received(before, invoiced(an_invoice("1"), an_invoice("2"), an_invoice("3"))) == 2


def test_a_correction_is_not_received() -> None:
    """It replaces an invoice, be it known by its number or by its key."""
    before = invoiced(an_invoice("1", "key", units=2))
    assert invoices_received(before, invoiced(an_invoice("1", "key", units=2), an_invoice("1"))) == 0
    assert invoices_received(before, invoiced(an_invoice("1", "key", units=2), an_invoice("7", "key", units=1))) == 0


def test_a_return_is_not_received() -> None:
    """Neither as such, nor does it hide the invoice that has its number."""
    returned = invoiced(an_invoice(output=False))
    assert invoices_received(None, returned) == 0
    assert invoices_received(returned, invoiced(an_invoice(output=False), an_invoice())) == 1


@pytest.mark.parametrize("status", Status)
def test_a_pickup_is_requested_in_one_status_only(status: Status) -> None:
    """What is skipped, canceled, failed or on its way is none."""
    order = Order(order_id="BWW-Site-1", skyhub_code="Site-1", created_at=1, status=status)
    assert pickups_requested(order) == (status is Status.REQUESTED)


def test_the_last_hours_have_no_gaps() -> None:
    """An hour in which nothing happened counts nothing, and none is added or left out."""
    busy, hour = Hour(3, 2), NOON // HOUR
    assert last_hours({hour: busy, hour - 2: busy, hour - 3: busy}, NOON + 1, 3) == [
        (NOON - 2 * HOUR, busy),
        (NOON - HOUR, Hour()),
        (NOON, busy),
    ]
