"""An order as SkyHub gives it: what is not said spoils nothing, and nothing makes it look smaller than it is."""

import pytest

from tests.fixtures.skyhub_account import skyhub_account
from tests.unit.adapters.answers import answer
from worker.adapters.skyhub.answers import read_order
from worker.domain.facts import Carrier, SkyHubLine, SkyHubOrder, SkyHubStatus

SETTINGS = skyhub_account()


def order(**fields: object) -> SkyHubOrder:
    """Read an order with these fields."""
    read = read_order(answer({"code": "Submarino-1", **fields}), SETTINGS, 0)
    assert read is not None
    return read


def test_an_order_is_read_whole() -> None:
    """Codes, status, carrier and lines come from the fields that the contract names."""
    body = {
        "code": "Lojas Americanas-266580617301",
        "channel": "Lojas Americanas",
        "status": {"code": "minha_loja", "label": "Faturado", "type": "INVOICED"},
        "calculation_type": "b2wentregadirect",
        "shipping_method": "Transportadora",
        "shipping_carrier": "Correios",
        "import_info": {"remote_code": 266580617301, "remote_id": ""},
        "approved_date": "",
        "items": [
            {"id": "345117-P", "product_id": "345117", "qty": 2, "promotions": [{"calculation_type": "x"}]},
            {"id": 88, "product_id": None, "qty": "1"},
        ],
    }
    expected = SkyHubOrder(
        "Lojas Americanas-266580617301",
        "266580617301",
        SkyHubStatus.INVOICED,
        Carrier.DIRECT,
        (SkyHubLine("345117-P", "345117", 2), SkyHubLine("88", "", 1)),
    )
    assert read_order(answer(body), SETTINGS, 0) == expected
    assert read_order(answer({"order": body}), SETTINGS, 0) == expected


@pytest.mark.parametrize("blank", [None, "", [], {}])
def test_blank_fields_of_an_order_are_not_said(blank: object) -> None:
    """null, "" and PHP's empty list stand for "unknown" and spoil nothing."""
    expected = SkyHubOrder("Submarino-1", "", SkyHubStatus.UNKNOWN, Carrier.OWN)
    assert order() == expected
    assert order(status=blank, import_info=blank, items=blank) == expected
    assert order(status={"type": None}, import_info={"remote_code": None}, calculation_type=None) == expected


@pytest.mark.parametrize(
    ("calculation_type", "shipping_method", "carrier"),
    [
        ("b2wentregadirect", "Correios PAC", Carrier.DIRECT),
        (" B2WEntregaDirect ", None, Carrier.DIRECT),
        ("b2wentregacorreios", "Direct", Carrier.CORREIOS),
        ("b2wentregadirect", "B2W Fulfillment", Carrier.FULFILLMENT),
        ("b2wentregadirect", " b2wFULFILLMENT\t", Carrier.FULFILLMENT),
        ("b2wentregadirect", "B2W Fulfillment Express", Carrier.DIRECT),
        ("tabela_de_frete", "Direct", Carrier.OWN),
        ("direct", None, Carrier.OWN),
        ("", "", Carrier.OWN),
        (None, None, Carrier.OWN),
    ],
)
def test_the_carrier_is_decided_by_calculation_type(
    calculation_type: str | None, shipping_method: str | None, carrier: Carrier
) -> None:
    """Only B2W's own warehouse shows in another field, spelled in any way; all else there is ignored."""
    assert order(calculation_type=calculation_type, shipping_method=shipping_method).carrier is carrier


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        *[(status.value, status) for status in SkyHubStatus],
        ("CANCELLED", SkyHubStatus.CANCELED),
        (" shipped ", SkyHubStatus.SHIPPED),
        ("BRAND_NEW_TYPE", SkyHubStatus.UNKNOWN),
        (7, SkyHubStatus.UNKNOWN),
    ],
)
def test_the_status_is_read_from_its_type(kind: object, status: SkyHubStatus) -> None:
    """Another spelling of CANCELED and types that nobody knows yet are tolerated."""
    assert order(status={"code": "order_shipped", "type": kind}).status is status


@pytest.mark.parametrize(
    "bad",
    [
        {"id": "2", "qty": None},
        {"id": "2"},
        {"id": "2", "qty": ""},
        {"id": "2", "qty": -1},
        {"id": "2", "qty": 1.5},
        {"id": "2", "qty": True},
        {"id": None, "product_id": "", "qty": 1},
        {"id": {}, "qty": 1},
        "2",
        None,
    ],
)
def test_one_unreadable_line_makes_all_lines_unknown(bad: object) -> None:
    """Fewer units than were ordered would make a pickup early; the carrier and codes still count."""
    read = order(calculation_type="b2wentregadirect", items=[{"id": "1", "product_id": "1", "qty": 1}, bad])
    assert read.lines == ()
    assert read.carrier is Carrier.DIRECT


def test_a_line_of_no_units_is_no_line() -> None:
    """Zero units order nothing."""
    assert order(items=[{"id": "1", "qty": 0}, {"id": "2", "qty": 1}]).lines == (SkyHubLine("2", "", 1),)
