"""Many requests in one write, and an answer for each."""

from collections.abc import Mapping, Sequence

from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as LateError
from structlog.testing import capture_logs

from tests.fakes.door_fleet import DoorFleet
from worker.adapters.redis_ledger import Limits
from worker.domain.events import Event, OrderCanceled
from worker.entrypoints.web.inbox_writer import Delivery, InboxWriter
from worker.ports import Unreadable, Untaken


def _delivery(store: str, *order_ids: str, unreadable: str = "") -> Delivery:
    kept = [Unreadable(unreadable, "no event")] if unreadable else []
    return Delivery(store, [OrderCanceled(order_id=order_id, occurred_at=1) for order_id in order_ids], kept)


def test_all_stores_share_one_round_trip() -> None:
    """In the order in which the requests came."""
    fleet = DoorFleet()

    assert InboxWriter(fleet).write([_delivery("a", "1", "2"), _delivery("b", "3"), _delivery("a", "4")]) == [
        "",
        "",
        "",
    ]
    assert fleet.writes == [{"a": ["1", "2", "4"], "b": ["3"]}]


def test_a_full_store_takes_nothing_of_its_own_and_all_of_others() -> None:
    """What could not be read is kept with the rest of its request or not at all, for it comes again."""
    fleet = DoorFleet()
    fleet.limits = Limits(inbox_limit=2)
    deliveries = [
        _delivery("a", "1", "2", "3", unreadable="first"),
        _delivery("b", "4", unreadable="second"),
        _delivery("a", unreadable="third"),
    ]

    assert InboxWriter(fleet).write(deliveries) == [Untaken.FULL, "", ""]
    assert [event.order_id for store in ("a", "b") for event in fleet.inbox(store)] == ["4"]
    assert fleet.rejected("a") == [("third", "no event")]
    assert fleet.rejected("b") == [("second", "no event")]


def test_only_unreadable_things_need_no_inbox() -> None:
    """They go where an operator sees them."""
    fleet = DoorFleet()

    assert InboxWriter(fleet).write([_delivery("a", unreadable="x")]) == [""]
    assert fleet.writes == []


def test_trouble_of_the_server_is_not_tried_again() -> None:
    """Every request is told, in the time of one; the log has one line."""
    fleet = DoorFleet()
    calls: list[object] = []

    def late(events: Mapping[str, Sequence[Event]]) -> None:
        calls.append(events)
        raise LateError("Timeout reading from socket")

    fleet.trouble = late
    with capture_logs() as logs:
        answers = InboxWriter(fleet).write([_delivery("a", str(number)) for number in range(50)])

    assert set(answers) == {"Redis does not take it now"}
    assert len(calls) == 1
    assert [(line["event"], line["deliveries"]) for line in logs] == [("door.not_saved", 50)]


def test_one_that_breaks_the_write_is_found_in_few_steps() -> None:
    """It alone is refused, also when the fault is ours."""
    for fault in (ResponseError("WRONGTYPE"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")):
        fleet = DoorFleet()
        calls: list[int] = []

        def refuse(events: Mapping[str, Sequence[Event]], fault: Exception = fault, calls: list[int] = calls) -> None:
            calls.append(1)
            if "bad" in events:
                raise fault

        fleet.trouble = refuse
        with capture_logs():
            answers = InboxWriter(fleet).write(
                [_delivery("bad" if number == 37 else "good", str(number)) for number in range(64)]
            )

        assert [number for number, answer in enumerate(answers) if answer] == [37]
        assert len(fleet.inbox("good")) == 63
        assert len(calls) == 13


def test_a_server_that_goes_away_in_the_middle_of_the_search_ends_it() -> None:
    """What was saved before stays so."""
    fleet = DoorFleet()
    calls: list[int] = []

    def worse(_: Mapping[str, Sequence[Event]]) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ResponseError("WRONGTYPE")
        if len(calls) == 3:
            raise LateError("late")

    fleet.trouble = worse
    with capture_logs():
        answers = InboxWriter(fleet).write([_delivery("a", str(number)) for number in range(4)])

    assert answers == ["", "", *["Redis does not take it now"] * 2]
    assert [event.order_id for event in fleet.inbox("a")] == ["0", "1"]
    assert len(calls) == 3
