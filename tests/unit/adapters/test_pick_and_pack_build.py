"""Requests to Pick and Pack are spelled as the contract has them, and the token that they carry is read."""

import json

import pytest

from tests.unit.adapters.answers import answer
from worker.adapters.pick_and_pack import (
    PickAndPackSettings,
    build_status,
    build_token,
    read_token,
)
from worker.ports import PermanentError, TransientError

SETTINGS = PickAndPackSettings("https://auth.example/prod/", "https://legacy.example/prod/", "made-up-key", 20.0)


NOW = 1_795_176_000.0


def test_a_token_is_asked_for_with_the_key_in_the_body() -> None:
    """And with no other credential."""
    call = build_token(SETTINGS)
    assert (call.method, call.url) == ("POST", "https://auth.example/prod/token")
    assert json.loads(call.body) == {"apiKey": "made-up-key"}
    assert call.headers == {"Accept": "application/json", "Content-Type": "application/json"}


def test_a_status_is_asked_for_with_the_bare_token() -> None:
    """Without "Bearer", and with the order's id percent-encoded."""
    call = build_status(SETTINGS, "XDE/1 253-01", "made.up.token")
    assert (call.method, call.url) == ("GET", "https://legacy.example/prod/picking-tracking/XDE%2F1%20253-01")
    assert call.headers["Authorization"] == "made.up.token"


@pytest.mark.parametrize("token", ["made.up.token", "no jwt at all", "a.b"])
def test_a_token_is_opaque(token: str) -> None:
    """The announcement's own sample is malformed; only blanks around it are none of it."""
    assert read_token(answer({"message": "success", "data": f" {token}\n"}), SETTINGS, NOW) == token


@pytest.mark.parametrize(
    "body", [b"", b"{", None, [], {}, {"data": None}, {"data": ""}, {"data": " "}, {"data": {"token": "x"}}]
)
def test_a_200_without_a_token_is_tried_again(body: object) -> None:
    """Nothing of it is quoted."""
    with pytest.raises(TransientError):
        read_token(answer(body), SETTINGS, NOW)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422])
def test_a_refused_key_is_a_persons_matter(status: int) -> None:
    """The settings that hold it are named; the key is not, even if the answer does."""
    with pytest.raises(PermanentError, match=r"stores\.<name>\.pick_and_pack\.api_key") as raised:
        read_token(answer({"code": 1000, "message": "MADE-UP-KEY is wrong"}, status), SETTINGS, NOW)
    assert f"answered {status} (1000: *** is wrong)" in raised.value.reason


@pytest.mark.parametrize("status", [302, 408, 425, 429, 500, 502, 503])
def test_a_token_service_in_trouble_is_tried_again(status: int) -> None:
    """As late as it says."""
    with pytest.raises(TransientError, match=f"token service answered {status}") as raised:
        read_token(answer(b"", status, retry_after="9"), SETTINGS, NOW)
    assert raised.value.retry_after == 9
