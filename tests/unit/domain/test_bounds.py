"""An order that grows without end would fill the server of all stores: beyond a bound nothing is added to it."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import NOW, POLICY, an_invoice, canceled, invoiced, recorded
from worker.domain.bounds import MOST_ROWS, outgrows
from worker.domain.invoices import Source, Version
from worker.domain.order import DETAIL_LENGTH, Order
from worker.domain.progress import record


def _many(number: int, prefix: str = "sku") -> dict[str, int]:
    return {f"{prefix}-{index}": 1 for index in range(number)}


def _grown(rows: int) -> Order:
    """Return an order of so many rows: SKUs that were ordered, and the same in the newest list."""
    return recorded(invoiced(an_invoice(items={"sku-0": 1}), ordered=_many(rows // 2)))


def test_an_order_at_its_bound_is_heard() -> None:
    """It is generous: no order of a person comes near."""
    assert not outgrows(_grown(MOST_ROWS), None)


@pytest.mark.parametrize("rows", [MOST_ROWS + 2, 3 * MOST_ROWS])
def test_an_order_beyond_its_bound_is_not_heard(rows: int) -> None:
    """Whether it grew in one step or in many."""
    assert outgrows(_grown(rows), None)
    assert outgrows(_grown(rows), _grown(MOST_ROWS))


def _with_invoices(number: int) -> Order:
    order = recorded(invoiced())
    for index in range(number):
        order = record(order, invoiced(an_invoice(f"invoice-{index}", _many(1_000))), POLICY, NOW)
    return order


def test_invoices_and_their_lines_count() -> None:
    """A thousand lines an invoice: the tenth is too many."""
    assert not outgrows(_with_invoices(9), None)
    assert outgrows(_with_invoices(10), _with_invoices(9))


def test_the_last_row_of_an_invoice_that_fits_is_heard() -> None:
    """The invoice itself is one row, each of its lines another, and so is each other name that it was told under."""
    order = recorded(invoiced())
    (invoice,) = order.invoices
    full = replace(invoice, items=_many(MOST_ROWS - 1))
    over = replace(full, items=_many(MOST_ROWS))
    renamed = replace(invoice, aliases=frozenset(_many(MOST_ROWS, "number")))

    assert not outgrows(replace(order, invoices=(full,)), None)
    for each in (over, renamed):
        assert outgrows(replace(order, invoices=(each,)), None)


def test_versions_that_replaced_one_another_count() -> None:
    """A sender who corrects himself for ever is heard no longer, some day."""
    versions = tuple(Version(NOW + index, Source.PUSHED, f"{index}") for index in range(MOST_ROWS))
    order = recorded(invoiced())
    full = replace(order, invoices=(replace(order.invoices[0], dated_at=NOW + MOST_ROWS, replaced=versions),))
    correction = invoiced(an_invoice(items={"b": 1}, dated_at=NOW + 2 * MOST_ROWS))

    assert outgrows(record(full, correction, POLICY, NOW), full)


def test_a_correction_of_an_order_that_is_full_is_heard() -> None:
    """A smaller invoice takes the order's completeness back, a longer list of items does so, too."""
    full = _with_invoices(10)
    smaller = record(full, invoiced(an_invoice("invoice-0", {"sku-0": 1}, dated_at=NOW + 1)), POLICY, NOW)
    assert smaller.invoices[1].items == {"sku-0": 1}
    assert not outgrows(smaller, full)
    renamed = record(full, invoiced(an_invoice("invoice-0", _many(1_000, "other"), dated_at=NOW + 1)), POLICY, NOW)
    assert not outgrows(renamed, full)
    more = record(full, invoiced(an_invoice("invoice-0", _many(1_000)), ordered=_many(1_000, "more")), POLICY, NOW)
    assert more.ordered.keys() > full.ordered.keys()
    assert not outgrows(more, full)


def test_what_makes_an_order_no_larger_is_heard() -> None:
    """A cancel, above all."""
    order = _grown(2 * MOST_ROWS)

    assert not outgrows(record(order, canceled(), POLICY, NOW), order)
    assert not outgrows(recorded(canceled()), None)


def test_a_line_of_history_has_its_length() -> None:
    """An invoice of a thousand SKUs is named in it, and fifty lines are kept."""
    order = record(_grown(4), invoiced(an_invoice("4021-1", _many(1_000))), POLICY, NOW)

    (detail,) = {entry.detail for entry in order.history if "4021-1" in entry.detail}
    assert len(detail) == DETAIL_LENGTH
    assert detail.startswith("4021-1: sku-0 x1, sku-1 x1")
    assert detail.endswith("…")
