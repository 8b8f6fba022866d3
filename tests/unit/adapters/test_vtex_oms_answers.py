"""The OMS's answers are sorted: what passes by itself, what a person must mend, and what is an answer."""

from collections.abc import Callable

import pytest

from tests.samples import vtex_samples
from tests.unit.adapters.answers import answer
from tests.unit.adapters.oms_orders import SETTINGS
from worker.adapters.http import Answer
from worker.adapters.vtex_oms.answers import read_commit, read_feed, read_order
from worker.ports import FeedEntry, PermanentError, TransientError

NOW = 1_795_176_000.0  # Fri, 20 Nov 2026 12:00:00 GMT
NOON = 1_795_176_000_000


def _order(given: Answer) -> object:
    return read_order(given, SETTINGS, "A-1", NOW)


def _feed(given: Answer) -> tuple[FeedEntry, ...]:
    return read_feed(given, SETTINGS, NOW)


def _commit(given: Answer) -> None:
    read_commit(given, SETTINGS, NOW)


EVERY_READER = pytest.mark.parametrize("reader", [_order, _feed, _commit])
Reader = Callable[[Answer], object]


@EVERY_READER
@pytest.mark.parametrize("body", [b"", b"<html>x</html>", b'{"error":{}}', b"[]", b'{"orderId":"A-1"}'])
def test_statuses_are_sorted(reader: Reader, body: bytes) -> None:
    """Whatever the body."""
    for status in (302, 408, 425, 429, 500, 502, 503, 504, 599):
        with pytest.raises(TransientError, match=f"VTEX OMS answered {status}"):
            reader(answer(body, status))
    for status in (400, 401, 403, 405, 409, 410, 415, 422, 451):
        with pytest.raises(PermanentError, match=f"VTEX OMS answered {status}"):
            reader(answer(body, status))


@EVERY_READER
@pytest.mark.parametrize("status", [401, 403])
def test_refused_keys_are_named(reader: Reader, status: int) -> None:
    """With the settings that hold them."""
    with pytest.raises(PermanentError, match=r"stores\.<name>\.vtex\.app_key and app_token"):
        reader(answer(vtex_samples.raw("oms_error_401"), status))


def test_an_order_that_the_oms_does_not_know_is_an_answer() -> None:
    """No failure."""
    assert _order(answer(b"", 404)) is None
    assert _order(answer({"error": {"code": "OMS007", "message": "Order Not Found"}}, 404)) is None


@pytest.mark.parametrize("reader", [_feed, _commit])
def test_a_feed_that_is_not_configured_says_so(reader: Reader) -> None:
    """A person must configure it."""
    with pytest.raises(PermanentError, match=r"the account's feed is not configured; .*stores\.<name>\.vtex\.feed"):
        reader(answer(b"", 404))


@EVERY_READER
@pytest.mark.parametrize(
    ("status", "headers", "retry_after"),
    [
        (429, {"retry_after": "7"}, 7),
        (429, {"retry_after": "0"}, 0),
        (429, {"retry_after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30),
        (429, {"retry_after": "soon"}, 60),
        (429, {}, 60),
        (503, {"retry_after": "15"}, 15),
        (503, {}, None),
        (500, {}, None),
    ],
)
def test_a_throttled_call_waits_as_vtex_says(
    reader: Reader, status: int, headers: dict[str, str], retry_after: float | None
) -> None:
    """About a minute where a 429 does not say it."""
    with pytest.raises(TransientError) as raised:
        reader(answer(b"", status, **headers))
    assert raised.value.retry_after == retry_after


@EVERY_READER
def test_an_error_quotes_vtex_and_gives_nothing_away(reader: Reader) -> None:
    """Its code and message, without the account's secrets or anything else of the body."""
    error = {"code": "OMS003", "message": "key APP-KEY\nwrong", "exception": "at Ana Maria", "customer": "Ana Maria"}
    for status, kind in ((400, PermanentError), (500, TransientError)):
        with pytest.raises(kind) as raised:
            reader(answer({"error": error, "name": "Ana Maria"}, status))
        assert str(raised.value) == f"VTEX OMS answered {status} (OMS003: key *** wrong)"
    for body in ({"error": "Ana Maria"}, {"message": "Ana Maria"}, ["Ana Maria"], "Ana Maria", b"Ana Maria"):
        with pytest.raises(TransientError) as raised:
            reader(answer(body, 500))
        assert str(raised.value) == "VTEX OMS answered 500"


def test_the_feeds_events_are_read() -> None:
    """In its order, with the newest date that an event has; a handle is kept to the character."""
    rows = [
        {"eventId": "E", "handle": " h/1+= ", "domain": "Fulfillment", "state": "invoiced", "lastState": "handling"}
        | {"orderId": "BWW-A-1", "lastChange": "2026-11-20T11:00:00Z", "currentChange": "2026-11-20T12:00:00.1234567Z"},
        {"handle": "h2", "orderId": "BWW-A-2", "state": None, "lastChange": "2026-11-20T12:00:00", "currentChange": ""},
        {"handle": "h3", "orderId": "BWW-A-1"},
    ]
    assert _feed(answer(rows)) == (
        FeedEntry(" h/1+= ", "BWW-A-1", "invoiced", NOON + 123),
        FeedEntry("h2", "BWW-A-2", "", NOON),
        FeedEntry("h3", "BWW-A-1", "", None),
    )


@pytest.mark.parametrize("order_id", [None, "", {}, True, "A" * 201])
def test_an_event_of_no_readable_order_can_still_be_committed(order_id: object) -> None:
    """Else it would come back for ever."""
    rows = [{"handle": "h", "state": {}, "orderId": order_id, "currentChange": 7}, {"handle": "i"}]
    assert _feed(answer(rows)) == (FeedEntry("h", ""), FeedEntry("i", ""))


@pytest.mark.parametrize(
    "row", [None, "h", [], {}, {"orderId": "A-1"}, {"handle": None}, {"handle": ""}, {"handle": 1}]
)
def test_an_event_without_a_handle_is_left_out(row: object) -> None:
    """The others are read."""
    assert _feed(answer([row, {"handle": "h", "orderId": "A-1"}])) == (FeedEntry("h", "A-1"),)


def test_a_feed_may_be_empty_or_larger_than_was_asked_for() -> None:
    """Nothing of it is dropped."""
    assert _feed(answer([])) == ()
    assert len(_feed(answer([{"handle": str(number), "orderId": "A-1"} for number in range(50)]))) == 50


@pytest.mark.parametrize("body", [b"", b"{", b'[{"handle":"h"}', None, {}, {"events": []}, "text", {"error": {}}])
def test_a_feed_that_cannot_be_read_is_tried_again(body: object) -> None:
    """It does not pass for an empty one."""
    with pytest.raises(TransientError):
        _feed(answer(body))


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"OK", b'{"handles":[]}'])
@pytest.mark.parametrize("status", [200, 204])
def test_a_commit_is_done_by_any_success(body: bytes, status: int) -> None:
    """No source shows the body of its answer."""
    _commit(answer(body, status))
