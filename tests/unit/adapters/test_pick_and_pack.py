"""Pick and Pack's answers about an order."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import vtex_samples
from tests.unit.adapters.answers import answer
from worker.adapters.pick_and_pack import (
    PickAndPackSettings,
    is_expired,
    read_status,
    read_token,
)
from worker.ports import PermanentError, TransientError

SETTINGS = PickAndPackSettings("https://auth.example/prod/", "https://legacy.example/prod/", "made-up-key", 20.0)
NOW = 1_795_176_000.0
FORBIDDEN = vtex_samples.body("pick_and_pack_403")["Forbidden"]["value"]
EXPIRED = vtex_samples.body("pick_and_pack_403")["ExpiredToken"]["value"]


def status_of(body: object = b"", status: int = 200, order_id: str = "A-1", **headers: str) -> str | None:
    """Read an answer about an order."""
    return read_status(answer(body, status, **headers), SETTINGS, order_id, "made.up.token", NOW)


@pytest.mark.parametrize(
    ("spelled", "status"),
    [
        ("PACKING", "PACKING"),
        (" invoiced ", "INVOICED"),
        ("PENDING", "PENDING"),
        ("BRAND_NEW", "BRAND_NEW"),
        (7, "7"),
    ],
)
def test_a_status_is_given_as_it_is(spelled: object, status: str) -> None:
    """In capitals; words that nobody listed pass."""
    assert status_of({"message": "OK", "data": {"fulfillmentStatus": spelled}}) == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Ana</html>",
        None,
        [],
        "PACKING",
        {},
        {"data": None},
        {"data": []},
        {"data": "PACKING"},
        {"data": {}},
        {"data": {"fulfillmentStatus": None}},
        {"data": {"fulfillmentStatus": " "}},
        {"data": {"fulfillmentStatus": ["PACKING"]}},
        {"data": {"fulfillmentStatus": "\ud800"}},
        {"fulfillmentStatus": "PACKING"},
        {"code": 1002, "message": "Ana"},
    ],
)
def test_a_200_without_a_status_is_tried_again(body: object) -> None:
    """It says nothing about the order, least of all that it is unknown; nothing of it is quoted."""
    with pytest.raises(TransientError) as raised:
        status_of(body)
    assert "Ana" not in raised.value.reason


def test_the_answer_for_another_order_is_not_taken() -> None:
    """One order's box is not another's."""
    with pytest.raises(TransientError, match="another order"):
        status_of({"data": {"orderId": "A-2", "fulfillmentStatus": "PACKING"}})


@pytest.mark.parametrize(
    "body",
    [
        vtex_samples.body("pick_and_pack_error_400"),
        {"code": "1002"},
        {"error": {"code": 1002}},
        {"data": {"errorCode": 1002.0}},
        {"code": {"value": 1002}},
        {"errors": [{"internalCode": " 1002 "}]},
        {"Internal response Code": 1002},
    ],
)
def test_an_order_that_pick_and_pack_does_not_know_is_an_answer(body: object) -> None:
    """Wherever in a 400 the internal code stands; or a 404."""
    assert status_of(body, 400) is None
    assert status_of(body, 404) is None
    assert status_of(b"", 404) is None


@pytest.mark.parametrize("body", [b"", None, [1002], {"message": "1002"}, {"code": 1003}, {"code": [{"x": [None]}]}])
def test_another_400_is_no_answer_about_the_order(body: object) -> None:
    """A person must see it."""
    with pytest.raises(PermanentError, match="answered 400"):
        status_of(body, 400)


def test_an_order_that_the_key_may_not_read_is_a_persons_matter() -> None:
    """With Pick and Pack's own words."""
    assert not is_expired(answer(FORBIDDEN, 403))
    with pytest.raises(PermanentError, match=r"403 \(SHR0007B: You do not have access .*pick_and_pack\.api_key"):
        status_of(FORBIDDEN, 403)


@pytest.mark.parametrize(
    ("body", "status", "expired"),
    [
        (b"", 401, True),
        (vtex_samples.body("pick_and_pack_error_401"), 401, True),
        (EXPIRED, 403, True),
        ({"error": EXPIRED}, 403, True),
        ({"code": "expired_token"}, 403, True),
        (b"", 403, False),
        ({"message": "EXPIRED_TOKEN"}, 403, False),
        (EXPIRED, 400, False),
        (EXPIRED, 500, False),
        ([[[[]]]], 403, False),
    ],
)
def test_an_expired_token_is_told_from_a_forbidden_order(body: object, status: int, expired: bool) -> None:  # noqa: FBT001
    """A 401, or a 403 whose code says so."""
    assert is_expired(answer(body, status)) is expired


@pytest.mark.parametrize(("body", "status"), [(b"", 401), (EXPIRED, 403)])
def test_a_new_token_that_is_refused_is_a_persons_matter(body: object, status: int) -> None:
    """There is no third one."""
    with pytest.raises(PermanentError, match=r"a token that it had just given; .*pick_and_pack\.api_key"):
        status_of(body, status)


@pytest.mark.parametrize("status", [302, 408, 425, 429, 500, 502, 503])
def test_pick_and_pack_in_trouble_is_asked_again(status: int) -> None:
    """As late as it says."""
    with pytest.raises(TransientError, match=f"Pick and Pack answered {status}") as raised:
        status_of(vtex_samples.body("pick_and_pack_error_500"), status, retry_after="9")
    assert raised.value.retry_after == 9


def test_an_error_gives_nothing_away() -> None:
    """Neither the key, nor the token, nor anything but code and message."""
    body = {"error": {"code": 1, "message": "made.up.token of MADE-UP-KEY"}, "customer": "Ana"}
    with pytest.raises(TransientError) as raised:
        status_of(body, 500)
    assert raised.value.reason == "Pick and Pack answered 500 (1: *** of ***)"


def test_a_deep_error_does_not_break_the_reading() -> None:
    """Codes are looked for at any depth that JSON has."""
    body = b'{"code":' + b"[" * 900 + b"1002" + b"]" * 900 + b"}"
    assert status_of(body, 400) is None


ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "code", "error", "message", "fulfillmentStatus"]), inner)
    ),
    max_leaves=8,
)


@given(ANYTHING, st.sampled_from([200, 204, 302, 400, 401, 403, 404, 429, 500]))
def test_no_answer_breaks_the_reading(body: object, status: int) -> None:
    """Whatever comes is a status, an unknown order, or one of the two errors."""
    with suppress(TransientError, PermanentError):
        read = status_of(body, status)
        assert read is None or read == read.strip().upper()
    with suppress(TransientError, PermanentError):
        assert read_token(answer(body, status), SETTINGS, NOW)
