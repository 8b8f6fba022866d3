from dataclasses import replace

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import ManualClock
from tests.unit.domain.builders import HOUR, NOW, POLICY, invoiced, recorded, saved, waiting, was_requested
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Order, Status
from worker.domain.progress import enter, listed
from worker.entrypoints.cli.choosing import Filter, matching, says
from worker.ports import Change


def _failed(order_id: str, reason: str = "refused: no", *, last_error: str = "", at: int = NOW) -> Order:
    order = replace(recorded(invoiced(order_id=order_id)), last_error=last_error)
    return saved(enter(order, Status.FAILED, reason, at), at)


def _ledger(*orders: Order, now: int = NOW) -> MemoryLedger:
    ledger = MemoryFleet(ManualClock(now)).ledger("acme")
    ledger.save([Change(order=order, version=0) for order in orders])
    return ledger


def test_what_is_not_said_narrows_nothing() -> None:
    """Every order fits the filter that says nothing."""
    assert all(Filter().takes(order, NOW) for order in (waiting(), was_requested(), _failed("BWW-Submarino-1")))


@pytest.mark.parametrize("like", ["LABEL", "label", "Etiqueta", "não"])
def test_a_text_is_looked_for_in_the_reason_and_the_last_error(like: str) -> None:
    """In any case; an order's own code is not looked at."""
    order = _failed("BWW-Submarino-1", "not_collectable: no label", last_error="Etiqueta NÃO encontrada")

    assert Filter(like=like).takes(order, NOW)
    assert not Filter(like="Submarino").takes(order, NOW)


def test_every_part_of_a_filter_must_fit() -> None:
    """Status, attention, carrier, text and age."""
    order = _failed("BWW-Submarino-1", at=NOW - HOUR)

    assert Filter(statuses=(Status.FAILED,), carrier=Carrier.DIRECT, like="refused", older_than=HOUR).takes(order, NOW)
    assert not Filter(statuses=(Status.DUE,)).takes(order, NOW)
    assert not Filter(attention=Attention.UNKNOWN_SKU).takes(order, NOW)
    assert not Filter(carrier=Carrier.CORREIOS).takes(order, NOW)
    assert not Filter(older_than=HOUR + 1).takes(order, NOW)


def test_nothing_is_said_by_every_text() -> None:
    """And something only by those that hold it."""
    assert says("", "")
    assert says("", "x")
    assert says("é", "CAFÉ")
    assert not says("x", "a", "b")


def test_all_orders_that_fit_are_found_however_many() -> None:
    """Each once."""
    ledger = _ledger(*(_failed(f"BWW-Submarino-{n}", "a" if n % 2 else "b") for n in range(1200)), waiting())

    found = list(matching(ledger, Filter(statuses=(Status.FAILED,), like="a")))

    assert len(found) == len(set(found)) == 600


def test_orders_are_found_by_a_flag_without_reading_the_others() -> None:
    """Those that SkyHub lists as not requested though they were."""
    flagged = listed(was_requested(), POLICY, NOW + HOUR)
    other = replace(was_requested(), order_id="BWW-Submarino-2", remote_code="2", guessed_codes=("2",))
    ledger = _ledger(flagged, other)

    found = list(matching(ledger, Filter(statuses=(Status.REQUESTED,)), Attention.LISTED_AFTER_REQUEST))

    assert found == [flagged.order_id]
