"""How an account spells its orders is read as it is, and no customer with it."""

import pytest

from tests.fixtures.skyhub_account import skyhub_account
from tests.unit.adapters.answers import answer
from worker.adapters.skyhub import OrderShape
from worker.adapters.skyhub.calls import build_latest
from worker.adapters.skyhub.survey import read_shapes
from worker.ports import PermanentError, TransientError

SETTINGS = skyhub_account()
ORDER = {
    "code": "Lojas Americanas-1517940500554-01",
    "status": {"code": "custom", "type": "ON_HOLD"},
    "calculation_type": "b2wentregadirect",
    "import_info": {"remote_code": 1517940500554},
    "customer": {"name": "Ana"},
}


def test_codes_status_and_carrier_are_read_as_they_are_spelled() -> None:
    """What is not said is "", whatever stands in its place."""
    rows = [ORDER, {"code": "S-1", "status": "NEW", "import_info": None, "calculation_type": None}, "no order"]

    assert read_shapes(answer({"orders": rows}), SETTINGS, 0.0) == (
        OrderShape("Lojas Americanas-1517940500554-01", "1517940500554", "ON_HOLD", "b2wentregadirect"),
        OrderShape("S-1", "", "", ""),
    )


def test_all_orders_are_asked_for_without_a_status() -> None:
    """So that every status type shows."""
    assert build_latest(SETTINGS, 1).url == "https://api.skyhub.com.br/orders?page=1&per_page=100"


def test_a_refusal_is_one() -> None:
    """As with every read."""
    with pytest.raises(PermanentError) as raised:
        read_shapes(answer({"error": "no"}, 401), SETTINGS, 0.0)
    assert raised.value.status == 401
    with pytest.raises(TransientError, match="has no orders"):
        read_shapes(answer({"total": 1}), SETTINGS, 0.0)
