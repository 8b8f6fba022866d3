"""Feed v3: every change is in it until it is committed."""

import re
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from worker.sandbox.control import SandboxControl
from worker.sandbox.vtex.bodies import ItemsChange, Line, NewOmsOrder, NewPackage, Tracking, of_skus

ORDER = "BWW-S-1"
FEED = "/api/orders/feed"


@pytest.fixture(autouse=True)
def _feed(control: SandboxControl, store: str) -> None:
    control.vtex.configure_feed(store)


def sell(control: SandboxControl, store: str, count: int = 1) -> None:
    """Register orders of two units."""
    lines = (Line(sku="A", quantity=2),)
    orders = [NewOmsOrder(marketplace_order_id=f"S-{number}", lines=lines) for number in range(1, count + 1)]
    control.vtex.register_orders(store, orders)


def take(oms: httpx.Client, lot: int = 10) -> list[dict[str, Any]]:
    """Read the feed."""
    answer = oms.get(FEED, params={"maxlot": lot})
    assert answer.status_code == 200
    events: list[dict[str, Any]] = answer.json()
    return events


def commit(oms: httpx.Client, events: list[dict[str, Any]]) -> None:
    """Commit events."""
    assert oms.post(FEED, json={"handles": [event["handle"] for event in events]}).status_code == 200


def test_every_change_enters_the_feed(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Registration, invoices, tracking, changes, forced states and each cancel; states before and after."""
    sell(control, store)
    vtex = control.vtex
    vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1})))
    vtex.track(store, ORDER, Tracking(number="1"))
    vtex.change_items(store, ORDER, ItemsChange(added=(Line(sku="B"),)))
    vtex.force_status(store, ORDER, "invoiced")
    vtex.cancel(store, ORDER)
    vtex.cancel(store, ORDER)
    events = take(oms)
    assert [(event["lastState"], event["state"]) for event in events] == [
        (None, "ready-for-handling"),
        ("ready-for-handling", "payment-approved"),
        ("payment-approved", "payment-approved"),
        ("payment-approved", "payment-approved"),
        ("payment-approved", "invoiced"),
        ("invoiced", "canceled"),
        ("canceled", "canceled"),
    ]
    assert {event["orderId"] for event in events} == {ORDER}
    assert len({event["eventId"] for event in events}) == len({event["handle"] for event in events}) == 7
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"
    assert all(re.fullmatch(pattern, event[name]) for event in events for name in ("lastChange", "currentChange"))
    assert [event["lastChange"] for event in events[1:]] == [event["currentChange"] for event in events[:-1]]


def test_a_silent_invoice_enters_no_feed(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Only whoever reads the order learns of it."""
    sell(control, store)
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1}), silent=True))
    assert len(take(oms)) == 1
    assert oms.get(f"/api/oms/pvt/orders/{ORDER}").json()["packageAttachment"] is not None


def test_a_lot_has_at_most_ten(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Whatever is asked for; the next reading goes on, until nothing is visible."""
    sell(control, store, 23)
    assert [len(take(oms, lot)) for lot in (3, 100, 10, 10)] == [3, 10, 10, 0]
    assert control.report().feed_waiting == 23


def test_what_is_not_committed_comes_back(
    oms: httpx.Client, control: SandboxControl, store: str, time: ManualTime
) -> None:
    """Hidden for the visibility timeout, then read again by a fresh handle; the stale handle commits nothing."""
    control.settings(feed_visibility_seconds=30)
    sell(control, store)
    first = take(oms)
    time.advance(29)
    assert take(oms) == []
    time.advance(1)
    second = take(oms)
    assert [event["eventId"] for event in second] == [event["eventId"] for event in first]
    assert second[0]["handle"] != first[0]["handle"]
    commit(oms, first)
    assert control.report().feed_waiting == 1
    commit(oms, second)
    assert control.report().feed_waiting == 0


def test_unknown_handles_are_ignored(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Also one committed before; the others of the call are committed."""
    sell(control, store, 2)
    events = take(oms)
    commit(oms, events[:1])
    commit(oms, [{"handle": "nobody's"}, *events])
    assert control.report().feed_waiting == 0


def test_a_change_can_come_twice(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """The same event with two handles; each is committed apart."""
    control.settings(feed_twice=True)
    sell(control, store)
    first, second = take(oms)
    assert first["eventId"] == second["eventId"]
    commit(oms, [first])
    assert control.report().feed_waiting == 1


def test_the_feed_can_be_read_in_any_order(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Every event comes once, but not in the order of the changes."""
    control.settings(feed_shuffled=True)
    sell(control, store, 20)
    orders = [event["orderId"] for _ in range(2) for event in take(oms)]
    in_order = [f"BWW-S-{number}" for number in range(1, 21)]
    assert orders != in_order
    assert sorted(orders) == sorted(in_order)


def test_a_state_can_be_null(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """The field is there all the same."""
    control.settings(null_states=True)
    sell(control, store)
    assert [event["state"] for event in take(oms)] == [None]


def test_changes_can_be_lost_in_mid_run(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """What happens meanwhile never enters the feed; what was in it stays."""
    sell(control, store)
    control.settings(feed_lost=True)
    control.vtex.cancel(store, ORDER)
    control.settings(feed_lost=False)
    assert [event["state"] for event in take(oms)] == ["ready-for-handling"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unconfigured_feed_is_not_found(oms: httpx.Client, control: SandboxControl, store: str, method: str) -> None:
    """404 with VTEX's error body; taking the feed away empties it."""
    sell(control, store)
    control.vtex.configure_feed(store, configured=False)
    answer = oms.request(method, FEED, params={"maxlot": 10}, json={"handles": []})
    assert (answer.status_code, answer.json()["error"]["exception"]) == (404, None)
    control.vtex.configure_feed(store)
    assert take(oms) == []


def test_a_feed_configured_twice_keeps_its_events(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Saving the same configuration again loses nothing."""
    sell(control, store)
    control.vtex.configure_feed(store)
    assert len(take(oms)) == 1


@pytest.mark.parametrize("lot", ["", "0", "-1", "ten"])
def test_a_lot_must_be_a_number(oms: httpx.Client, lot: str) -> None:
    """From 1."""
    assert oms.get(FEED, params={"maxlot": lot}).status_code == 400


@pytest.mark.parametrize("content", [b"", b"{}", b'{"handles": "one"}', b"[1]"])
def test_a_commit_needs_handles(oms: httpx.Client, content: bytes) -> None:
    """A body of another form is refused."""
    assert oms.post(FEED, content=content).status_code == 400


@pytest.mark.timeout(30)
def test_thousands_of_events_are_read_and_committed(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """A long queue costs no more an event than a short one."""
    sell(control, store, 3000)
    seen = 0
    while events := take(oms):
        seen += len(events)
        commit(oms, events)
    assert (seen, control.report().feed_waiting) == (3000, 0)
