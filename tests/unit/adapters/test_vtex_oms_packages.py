"""An order's packages are its invoices: read by position, and rather unknown than smaller or larger than they are."""

import pytest

from tests.unit.adapters.oms_orders import line, order, package, packed, share
from worker.domain.invoices import Invoice, Source


def test_a_package_is_an_undated_invoice_of_the_snapshot() -> None:
    """Number, key, date of issue and units by SKU; positions lead to SKUs, which are pooled."""
    key = "35261100000000000100550010000050011000050010"
    read = packed(
        package(
            share(0),
            share(2, 2),
            share(1, "1"),
            number="NF 5001/1",
            invoiceKey=key,
            issuanceDate="2026-11-20T09:00:00.1234567-03:00",
            type="Output",
            courier="Correios",
        )
    )
    assert read.invoices == (
        Invoice(
            number="NF 5001/1",
            key=key,
            items={"7": 3, "8": 1},
            issued_at=1_795_176_000_123,
            dated_at=None,
            source=Source.SNAPSHOT,
        ),
    )


@pytest.mark.parametrize(("number", "read"), [(4021, "4021"), (4021.0, "4021"), (" NF 1 / 2 ", "NF 1 / 2")])
def test_a_number_may_be_spelled_any_way(number: object, read: str) -> None:
    """Also as a number, with blanks or a slash."""
    assert packed(package(share(0), number=number)).invoices[0].number == read


@pytest.mark.parametrize("none", [None, "", " ", {}, True, "9" * 201])
def test_a_package_is_known_by_its_key_where_it_has_no_number(none: object) -> None:
    """Without either it could be no version of any invoice, and is left out."""
    (invoice,) = packed(package(share(0), number=none, invoiceKey="K"), package(share(1), number=none)).invoices
    assert (invoice.number, invoice.key) == ("K", "K")


@pytest.mark.parametrize("none", [None, "", " ", {}])
def test_a_package_without_a_key_has_none(none: object) -> None:
    """An empty key would match every other one."""
    assert packed(package(share(0), invoiceKey=none)).invoices[0].key is None


@pytest.mark.parametrize(
    ("kind", "output"),
    [
        ("Output", True),
        ("OUTPUT", True),
        (" output ", True),
        (None, True),
        ("", True),
        ("Input", False),
        ("input", False),
        ("Return", False),
        ("Saida", False),
        (1, False),
        ({}, False),
        ([], False),
        (False, False),
    ],
)
def test_only_an_output_counts(kind: object, output: bool) -> None:  # noqa: FBT001
    """Compared without case; missing is Output, any other word is none."""
    assert packed(package(share(0), type=kind)).invoices[0].output is output
    assert packed(package(share(0))).invoices[0].output


@pytest.mark.parametrize("date", [None, "", "20/11/2026", {}, 0])
def test_a_date_that_cannot_be_read_is_not_said(date: object) -> None:
    """The invoice counts all the same."""
    (invoice,) = packed(package(share(0), issuanceDate=date)).invoices
    assert (invoice.issued_at, invoice.items) == (None, {"7": 1})


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "0",
        {},
        share(None),
        share(3),
        share(-1),
        share(0.5),
        share(position=True),
        share("first"),
        share(0, None),
        share(0, -1),
        share(0, 1.5),
        share(0, quantity=True),
    ],
)
def test_a_row_that_leads_nowhere_makes_the_packages_items_unknown(bad: object) -> None:
    """An invoice of fewer units would stand for all that is known; one of none has the order read again."""
    read = packed(package(share(0), bad, number="1"), package(share(1), number="2"))
    assert [dict(invoice.items) for invoice in read.invoices] == [{}, {"8": 1}]


@pytest.mark.parametrize("rows", [None, "", {}, [], "text"])
def test_a_package_without_rows_names_no_items(rows: object) -> None:
    """It is an invoice nevertheless."""
    (invoice,) = packed({"invoiceNumber": "1", "items": rows}).invoices
    assert invoice.items == {}


def test_a_row_of_no_units_names_nothing() -> None:
    """It is no unreadable row either."""
    assert packed(package(share(0), share(1, 0))).invoices[0].items == {"7": 1}


def test_only_packages_of_an_unreadable_line_are_unknown() -> None:
    """Other packages are as known as ever, though the order's items are not."""
    read = packed(package(share(0), number="1"), package(share(0), share(1), number="2"), items=[line("7"), line(None)])
    assert read.items == {}
    assert [dict(invoice.items) for invoice in read.invoices] == [{"7": 1}, {}]


def test_without_lines_no_package_names_items() -> None:
    """Positions lead nowhere."""
    read = order(items=None, packageAttachment={"packages": [package(share(0))]})
    assert [dict(invoice.items) for invoice in read.invoices] == [{}]


@pytest.mark.parametrize("nothing", [None, "", [], "text", 1])
def test_what_is_no_package_is_left_out(nothing: object) -> None:
    """The others are read."""
    assert [invoice.number for invoice in packed(nothing, package(share(0), number="2")).invoices] == ["2"]


def test_a_returns_restitution_counts_nothing() -> None:
    """What an Input gives back stands in a part that nobody reads."""
    refund = {"Refund": {"value": 1, "items": [{"id": "7", "quantity": 1}]}}
    (invoice,) = packed(package(share(0), type="Input", restitutions=refund)).invoices
    assert (invoice.output, dict(invoice.items)) == (False, {"7": 1})
