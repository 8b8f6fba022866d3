"""What every counterparty's answers share: values are read loosely, and what is shown gives nothing away."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.answers import answer
from worker.adapters.reading import cleaned, coded, json_of, loose, moment, pooled, prose, read_retry_after
from worker.ports import TransientError

NOW = 1_795_176_000.0  # Fri, 20 Nov 2026 12:00:00 GMT
NOON = 1_795_176_000_000
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("7.5", 7.5),
        ("999999", 3600),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_spellings(header: str, seconds: float | None) -> None:
    """Seconds or a date, within an hour; what is neither is not said."""
    assert read_retry_after(answer(retry_after=header), NOW) == seconds


@pytest.mark.parametrize("our_clock", [NOW - 3600, NOW, NOW + 3600])
@pytest.mark.parametrize(("date", "told"), [("Fri, 20 Nov 2026 12:00:00 GMT", True), ("yesterday", False)])
def test_a_dated_retry_after_is_counted_on_the_answers_own_clock(our_clock: float, date: str, *, told: bool) -> None:
    """A clock of ours that is wrong makes a rest neither an hour nor nothing; an answer without a date is trusted."""
    given = answer(retry_after="Fri, 20 Nov 2026 12:00:07 GMT", date=date)
    ours = min(max(NOW + 7 - our_clock, 0), 3600)
    assert read_retry_after(given, our_clock) == (7 if told else ours)


@pytest.mark.parametrize(
    ("spelled", "milliseconds"),
    [
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T12:00:00", NOON),
        (" 2026-11-20T12:00:00+00:00 ", NOON),
        ("2026-11-20T09:00:00.1234567-03:00", NOON + 123),
        ("2026-11-20T12:00:00.5Z", NOON + 500),
        ("2026-11-20", NOON - 12 * 3_600_000),
        ("0001-01-01T00:00:00", None),
        ("20/11/2026 12:00:00", None),
        ("2026-11-31T12:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (NOON, None),
        ({}, None),
    ],
)
def test_dates_as_vtex_writes_them(spelled: object, milliseconds: int | None) -> None:
    """Any fraction and offset, UTC where there is none; what is no date, .NET's first day included, is not said."""
    assert moment(spelled) == milliseconds


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine's own zone be another one."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "XYZ+7")  # POSIX: no zone files are needed
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
def test_a_date_without_an_offset_is_utc_on_every_machine() -> None:
    """The machine's own zone says nothing about VTEX."""
    assert moment("2026-11-20T12:00:00") == NOON


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)), st.integers(0, 9))  # noqa: DTZ001
def test_a_seventh_digit_changes_nothing(date: datetime, digit: int) -> None:
    """Milliseconds are exact, whatever .NET adds behind the microseconds."""
    spelled = f"{date.strftime('%Y-%m-%dT%H:%M:%S.%f')}{digit}Z"
    assert moment(spelled) == round(date.replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" A-1 ", "A-1"),
        (345117, "345117"),
        (345117.0, "345117"),
        ("0088", "0088"),
        (None, ""),
        (True, ""),
        (1.5, ""),
        ([], ""),
        ({"id": "1"}, ""),
        ("\ud800", ""),
        ("A" * 200, "A" * 200),
        ("A" * 201, ""),
    ],
)
def test_a_name_is_text_or_a_whole_number(value: object, text: str) -> None:
    """What is neither, or longer than any name, is not said."""
    assert loose(value) == text


@given(ANYTHING)
def test_no_value_breaks_the_reading(value: object) -> None:
    """Whatever JSON holds is read as something or as not said."""
    loose(value)
    moment(value)
    prose(value, ("secret",), 50).encode()
    coded(value, ("secret",))
    coded({"code": value, "message": value}, ("secret",))


def test_a_message_is_one_short_line_without_secrets() -> None:
    """It can stand in a log, on a page and in a terminal."""
    assert cleaned("key\tS3CR et\n\x1b[1m a/b%20c A%2Fb%2520c ", ("s3cr", "a/b%20c"), 99) == "key *** et [1m *** ***"
    assert cleaned("x" * 50, (), 10) == "xxxxxxxxx…"
    assert cleaned("nothing hidden", ("",), 99) == "nothing hidden"


def test_of_an_error_only_code_and_message_are_quoted() -> None:
    """The rest of it may hold a customer's data or a stack."""
    error = {"code": 1, "message": "wrong token T0K", "exception": "at T0K", "customer": "Ana"}
    assert coded(error, ("t0k",)) == "1: wrong token ***"
    assert coded({"code": None, "message": "only words"}, ()) == "only words"
    assert coded({"code": "OMS003", "message": {"customer": "Ana"}}, ()) == "OMS003"
    assert coded({"message": "x" * 10_000}, ()) == "x" * 299 + "…"
    assert coded("text", ()) == coded(None, ()) == coded([error], ()) == ""


@pytest.mark.parametrize("body", [b"", b"{", b"<html>Ana</html>", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_not_quoted(body: bytes) -> None:
    """Its length says enough."""
    with pytest.raises(TransientError) as raised:
        json_of(answer(body), "Somebody")
    assert raised.value.reason == f"Somebody answered 200 with {len(body)} bytes that are not JSON"
    assert raised.value.__cause__ is None


def test_units_of_a_sku_are_pooled() -> None:
    """Lines of one SKU add up, and a line of no units names nothing."""
    assert pooled([("1", 2), ("2", 0), ("1", 3)]) == {"1": 5}
