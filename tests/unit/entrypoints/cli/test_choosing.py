from dataclasses import replace

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import ManualClock
from tests.unit.domain.builders import (
    HOUR,
    NOW,
    POLICY,
    invoiced,
    recorded,
    saved,
    waiting,
    was_canceled,
    was_requested,
)
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Order, Status
from worker.domain.progress import enter, listed
from worker.entrypoints.cli.choosing import Filter, matching, only_failed, says
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

    found = list(matching(ledger, Filter(statuses=(Status.REQUESTED,), flagged=Attention.LISTED_AFTER_REQUEST)))

    assert found == [flagged.order_id]


def test_what_an_action_demands_narrows_what_is_said() -> None:
    """Both attentions must be there, and a cancel may have to be absent."""
    flagged = listed(was_requested(), POLICY, NOW + HOUR)
    both = Filter(attention=Attention.UNKNOWN_SKU, flagged=Attention.LISTED_AFTER_REQUEST)

    assert Filter(flagged=Attention.LISTED_AFTER_REQUEST).takes(flagged, NOW)
    assert not both.takes(flagged, NOW)
    assert Filter(uncanceled=True).takes(flagged, NOW)
    assert not Filter(uncanceled=True).takes(replace(flagged, canceled_at=NOW), NOW)


def test_a_filter_objects_to_what_it_does_not_take_any_more() -> None:
    """It says how the order stands now."""
    meant = Filter(statuses=(Status.FAILED,))

    assert meant.objection(_failed("BWW-Submarino-1"), NOW) == ""
    assert meant.objection(was_canceled(), NOW) == (
        "it changed meanwhile: it is canceled (the customer changed their mind), its carrier direct"
        " and was canceled at its source"
    )


def test_what_is_not_failed_is_pointed_to_the_command_for_it() -> None:
    """A canceled order may be retried, but by another command."""
    order = was_canceled()

    assert only_failed(_failed("BWW-Submarino-1"), NOW) == ""
    assert only_failed(order, NOW) == (
        f"{order.order_id} is canceled, not failed; to evaluate it anew: coleta order retry"
    )
