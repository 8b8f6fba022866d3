import re
from dataclasses import replace

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import ManualClock
from tests.unit.domain.builders import (
    CODE,
    IN_EVERY_STATUS,
    MINUTE,
    NOW,
    ORDER_ID,
    SECOND,
    an_invoice,
    invoiced,
    recorded,
    uncertain,
    waiting,
    was_requested,
)
from worker.domain.facts import Carrier
from worker.domain.order import At, Attention, Fulfilment, Hold, In, Order, Status
from worker.entrypoints.views import find_order, hindrances, iso, list_orders, next_step, order_document, since
from worker.ports import Backoff, Change, Pause, Standing


def _ledger(*orders: Order) -> MemoryLedger:
    ledger = MemoryFleet(ManualClock(NOW)).ledger("acme")
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

    listed = [order.order_id for order in list_orders(ledger, [Status.DUE, Status.SKIPPED])]

    assert len(set(listed)) == len(listed) == 2200
    assert listed[:1100] == ledger.order_ids(Status.DUE, 0, 2200)
    assert listed[1100:] == ledger.order_ids(Status.SKIPPED, 0, 2200)[::-1]


def test_orders_are_listed_by_what_an_operator_should_see() -> None:
    """Any attention, or those reasons only; the status still counts."""
    surplus = recorded(invoiced(an_invoice(items={"a": 2}), order_id="BWW-Submarino-1"))
    stranger = recorded(invoiced(an_invoice(items={"a": 1, "b": 1}), order_id="BWW-Submarino-2"))
    ledger = _ledger(waiting(), surplus, stranger)

    def listed(statuses: list[Status], *reasons: Attention) -> list[str]:
        return [order.order_id for order in list_orders(ledger, statuses, reasons)]

    assert sorted(listed(list(Status), *Attention)) == ["BWW-Submarino-1", "BWW-Submarino-2"]
    assert listed(list(Status), Attention.OVER_INVOICED) == ["BWW-Submarino-1"]
    assert listed([Status.WAITING], *Attention) == []


def test_the_document_of_an_order_has_the_keys_of_the_contract() -> None:
    """Scripts and pages read them; times are ISO 8601 in UTC, what is not known is null."""
    returned = an_invoice("R-1", {"a": 1}, output=False, dated_at=None)
    order = recorded(invoiced(an_invoice(key="3520"), ordered={"a": 2, "b": 1}), invoiced(returned, ordered={}))

    assert order_document("acme", order) == {
        "store": "acme",
        "order_id": ORDER_ID,
        "skyhub_code": "Lojas Americanas-285264647201",
        "remote_code": "285264647201",
        "carrier": "direct",
        "status": "waiting",
        "reason": "1 of 3 units invoiced",
        "uncertain": False,
        "attention": [],
        "items": [{"sku": "a", "ordered": 2, "invoiced": 1}, {"sku": "b", "ordered": 1, "invoiced": 0}],
        "invoices": [
            {
                "number": "1",
                "key": "3520",
                "type": "Output",
                "issued_at": None,
                "occurred_at": "2023-11-14T22:13:20Z",
                "items": [{"sku": "a", "quantity": 1}],
            },
            {
                "number": "R-1",
                "key": None,
                "type": "Input",
                "issued_at": None,
                "occurred_at": None,
                "items": [{"sku": "a", "quantity": 1}],
            },
        ],
        "attempts": 0,
        "next_attempt_at": None,
        "requested_at": None,
        "last_error": None,
        "history": [
            {"at": "2023-11-14T22:13:20Z", "event": "order.opened", "detail": ""},
            {"at": "2023-11-14T22:13:20Z", "event": "invoice.recorded", "detail": "1: a x1"},
            {"at": "2023-11-14T22:13:20Z", "event": "invoice.return_heard", "detail": "R-1: a x1"},
        ],
    }


def test_only_a_due_order_has_a_next_attempt() -> None:
    """The time by which another status is indexed is none."""
    attempts = {status: order_document("acme", made())["next_attempt_at"] for status, made in IN_EVERY_STATUS.items()}

    assert {status for status, at in attempts.items() if at} == {Status.DUE}
    assert attempts[Status.DUE] == iso(NOW)


def test_what_it_was_requested_as_and_when_is_in_the_document() -> None:
    """The remote code is the one that SkyHub's lists spelled."""
    shown = order_document("acme", was_requested())

    assert (shown["remote_code"], shown["requested_at"]) == (CODE, iso(NOW))


def test_what_pick_and_pack_told_is_in_the_document() -> None:
    """With its time; an order that it does not know has no status there."""
    told = replace(waiting(), fulfilment=Fulfilment("PACKING", NOW))
    unknown = replace(waiting(), fulfilment=Fulfilment("", NOW))

    assert order_document("acme", told)["fulfilment"] == {"status": "PACKING", "at": iso(NOW)}
    assert order_document("acme", unknown)["fulfilment"] == {"status": None, "at": iso(NOW)}


def test_every_status_says_what_happens_next() -> None:
    """No order leaves its reader without an answer."""
    said = {status: next_step(made()) for status, made in IN_EVERY_STATUS.items()}

    assert len(set(said.values())) == len(Status) - 2  # Of what ended the sentence is the same.
    assert said[Status.WAITING] == "it waits for the invoice of what is missing: a x1"
    assert str(iso(NOW)) in said[Status.DUE]


def test_how_long_an_order_stands_where_it_stands() -> None:
    """By its status's time, or by its history where that time is another one's."""
    for status, made in IN_EVERY_STATUS.items():
        order = made()
        entered = [entry.at for entry in order.history if entry.event == f"order.{status}"]
        assert since(order) == (entered[-1] if entered else NOW), status
    assert since(replace(IN_EVERY_STATUS[Status.DUE](), history=())) is None


def test_a_dry_run_shows_times_that_come_with_the_save() -> None:
    """There is no date yet."""
    order = replace(IN_EVERY_STATUS[Status.DUE](), at=In(0), uncertain=False)

    assert next_step(order).endswith("next look as soon as it is saved")


def test_what_happens_next_names_the_reading_that_is_needed_first() -> None:
    """Of an uncertain order SkyHub's lists, of one that lacks facts SkyHub itself, of an announced one the OMS."""
    unknown = recorded(invoiced(carrier=Carrier.UNKNOWN))
    announced = replace(waiting(), reread_at=At(NOW))
    held = replace(IN_EVERY_STATUS[Status.DUE](), hold=Hold(NOW))

    assert next_step(announced).startswith("it is read again from the VTEX OMS, next at 2")
    assert next_step(held).startswith("Pick and Pack is asked whether it is packed, next at 2")
    assert next_step(uncertain()).startswith("SkyHub's lists are read to see whether it was requested, next at 2")
    assert next_step(unknown).startswith("SkyHub is asked for what is not known, next at 2")


@pytest.mark.parametrize("ms", [0, -(10**18), 10**18, NOW + 999])
def test_times_are_shown_to_the_second_whatever_a_producer_stated(ms: int) -> None:
    """A date beyond any calendar is shown as the calendar's end, not as an error."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", iso(ms) or "")


@pytest.mark.parametrize(
    ("changed_ago", "doubted", "hindered"),
    [(SECOND, False, True), (MINUTE - 1, False, True), (MINUTE, False, False), (SECOND, True, False)],
)
def test_a_restarted_server_names_the_moment_from_which_requests_go_on(
    changed_ago: int, *, doubted: bool, hindered: bool
) -> None:
    """Not "a while"; past it nothing hinders, whether or not there was a round since."""
    changed_at = NOW - changed_ago
    standing = Standing(now=NOW, changed_at=changed_at, doubted=doubted, pause=Pause(), backoff=Backoff())

    said = (
        f"the Redis server was restarted at {iso(changed_at)}; nothing is requested until {iso(changed_at + MINUTE)},"
        " events are recorded meanwhile"
    )
    assert list(hindrances(standing, MINUTE)) == ([said] if hindered else [])
