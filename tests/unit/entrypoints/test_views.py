import re
from dataclasses import replace

import pytest

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
from worker.domain.order import At, Fulfilment, Hold, In, Status
from worker.entrypoints.views import hindrances, iso, next_step, order_document
from worker.ports import Backoff, Pause, Standing


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

    assert len(set(said.values())) == len(Status) - 1  # Requested and canceled are done alike.
    assert said[Status.WAITING] == "it waits for the invoice of what is missing: a x1"
    assert str(iso(NOW)) in said[Status.DUE]


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
        f"the Redis server was restarted or its clock set forward at {iso(changed_at)};"
        f" nothing is requested until {iso(changed_at + MINUTE)}, events are recorded meanwhile"
    )
    assert list(hindrances(standing, MINUTE)) == ([said] if hindered else [])
