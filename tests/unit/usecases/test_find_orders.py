from dataclasses import replace

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import ManualClock
from tests.unit.domain.builders import (
    CODE,
    HOUR,
    IN_EVERY_STATUS,
    NOW,
    ORDER_ID,
    POLICY,
    an_invoice,
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
from worker.ports import Change
from worker.usecases.find_orders import Filter, choose_orders, find_order, list_orders, says, since


def _failed(order_id: str, reason: str = "refused: no", *, last_error: str = "", at: int = NOW) -> Order:
    order = replace(recorded(invoiced(order_id=order_id)), last_error=last_error)
    return saved(enter(order, Status.FAILED, reason, at), at)


def _ledger(*orders: Order, now: int = NOW) -> MemoryLedger:
    ledger = MemoryFleet(ManualClock(now)).ledger("acme")
    ledger.save([Change(order=order, version=0) for order in orders])
    return ledger


def _numbered(count: int, *, carrier: Carrier = Carrier.DIRECT) -> list[Order]:
    return [recorded(invoiced(order_id=f"BWW-Submarino-{number}", carrier=carrier)) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    "name",
    [
        "BWW-Lojas_Americanas-285264647201",
        "Lojas_Americanas-285264647201",
        "Lojas Americanas-285264647201",
        " Lojas Americanas-285264647201 ",
        "285264647201",
        "Submarino-285264647201",
    ],
)
def test_any_form_of_its_code_finds_an_order(name: str) -> None:
    """Also a second id of the same remote code: its events went to the order that owns the code."""
    found = find_order(_ledger(waiting()), "BWW", name)

    assert found is not None
    assert found.order.order_id == ORDER_ID


@pytest.mark.parametrize("name", ["XDE-Submarino-285264647201", "Submarino-9", "9", "", "v502556llux-01"])
def test_another_code_finds_none(name: str) -> None:
    """Neither an order of another affiliate nor one that nobody heard of."""
    assert find_order(_ledger(waiting()), "BWW", name) is None


def test_a_store_without_affiliate_finds_its_orders_too() -> None:
    """Its ledger ids are the marketplace's."""
    ledger = _ledger(recorded(invoiced(order_id="Lojas_Americanas-285264647201")))

    for name in ("BWW-Lojas_Americanas-285264647201", "Lojas Americanas-285264647201", CODE):
        assert find_order(ledger, None, name) is not None


@pytest.mark.parametrize("name", ["BWW-Lojas_Americanas-285264647201", "Lojas Americanas-285264647201", CODE])
def test_the_orders_of_a_store_that_lost_its_affiliate_are_found(name: str) -> None:
    """It was taken out of the stores file, and its orders are still looked at."""
    found = find_order(_ledger(waiting()), None, name)

    assert found is not None
    assert found.order.order_id == ORDER_ID


def test_the_orders_of_a_store_whose_affiliate_changed_are_found() -> None:
    """By the id under which they are listed."""
    assert find_order(_ledger(waiting()), "XYZ", ORDER_ID) is not None
    assert find_order(_ledger(waiting()), "XYZ", "BWW-Lojas_Americanas-9") is None


def test_open_orders_are_listed_longest_first_and_ended_ones_newest_first() -> None:
    """More than one page of each: what waits longest and what ended last is looked for most."""
    ledger = _ledger(*_numbered(1100), *_numbered(2200, carrier=Carrier.CORREIOS)[1100:])

    listed = [order.order_id for order in list_orders(ledger, Filter(statuses=(Status.DUE, Status.SKIPPED)))]

    assert len(set(listed)) == len(listed) == 2200
    assert listed[:1100] == ledger.order_ids(Status.DUE, 0, 2200)
    assert listed[1100:] == ledger.order_ids(Status.SKIPPED, 0, 2200)[::-1]


def test_orders_are_listed_by_what_an_operator_should_see() -> None:
    """Any attention, or those reasons only; the status still counts."""
    surplus = recorded(invoiced(an_invoice(items={"a": 2}), order_id="BWW-Submarino-1"))
    stranger = recorded(invoiced(an_invoice(items={"a": 1, "b": 1}), order_id="BWW-Submarino-2"))
    ledger = _ledger(waiting(), surplus, stranger)

    def listed(statuses: list[Status], *reasons: Attention) -> list[str]:
        return [order.order_id for order in list_orders(ledger, Filter(statuses=statuses, attention=reasons))]

    assert sorted(listed(list(Status), *Attention)) == ["BWW-Submarino-1", "BWW-Submarino-2"]
    assert listed(list(Status), Attention.OVER_INVOICED) == ["BWW-Submarino-1"]
    assert listed([Status.WAITING], *Attention) == []


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
    assert not Filter(attention=(Attention.UNKNOWN_SKU,)).takes(order, NOW)
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

    found = list(choose_orders(ledger, Filter(statuses=(Status.FAILED,), like="a")))

    assert len(found) == len(set(found)) == 600


def test_orders_are_found_by_a_flag_without_reading_the_others() -> None:
    """Those that SkyHub lists as not requested though they were."""
    flagged = listed(was_requested(), POLICY, NOW + HOUR)
    other = replace(was_requested(), order_id="BWW-Submarino-2", remote_code="2", guessed_codes=("2",))
    ledger = _ledger(flagged, other)

    found = list(choose_orders(ledger, Filter(statuses=(Status.REQUESTED,), flagged=Attention.LISTED_AFTER_REQUEST)))

    assert found == [flagged.order_id]


def test_what_an_action_demands_narrows_what_is_said() -> None:
    """Both attentions must be there, and a cancel may have to be absent."""
    flagged = listed(was_requested(), POLICY, NOW + HOUR)
    both = Filter(attention=(Attention.UNKNOWN_SKU,), flagged=Attention.LISTED_AFTER_REQUEST)

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


def test_how_long_an_order_stands_where_it_stands() -> None:
    """By its status's time, or by its history where that time is another one's."""
    for status, made in IN_EVERY_STATUS.items():
        order = made()
        entered = [entry.at for entry in order.history if entry.event == f"order.{status}"]
        assert since(order) == (entered[-1] if entered else NOW), status
    assert since(replace(IN_EVERY_STATUS[Status.DUE](), history=())) is None
