"""The documented rate limits, over a window of one second."""

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.skyhub_calls import COLLECTABLES, CONFIRM
from worker.sandbox.control import SandboxControl

CALLS = {
    "collectables": ("GET", f"{COLLECTABLES}?requested=false", 9),
    "confirm": ("POST", CONFIRM, 9),
    "order": ("GET", "/orders/Submarino-1", 1),
    "orders": ("GET", "/orders", 1),
}


@pytest.fixture
def limited(control: SandboxControl) -> SandboxControl:
    """Return the control client with the limits on."""
    control.settings(rate_limits=True)
    return control


def statuses(skyhub: httpx.Client, call: str, times: int) -> list[int]:
    """Call so many times and return the statuses."""
    method, path, _ = CALLS[call]
    body = {"order_codes": ["1"]} if method == "POST" else None
    return [skyhub.request(method, path, json=body).status_code for _ in range(times)]


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("call", CALLS)
def test_calls_beyond_the_limit_are_throttled_until_the_window_moves(
    skyhub: httpx.Client, time: ManualTime, call: str
) -> None:
    """The limit itself is let through, the next call is a 429, and a second later there is room again."""
    allowed = CALLS[call][2]
    assert 429 not in statuses(skyhub, call, allowed)
    time.advance(0.99)
    assert statuses(skyhub, call, 2) == [429, 429]
    time.advance(0.01)
    assert 429 not in statuses(skyhub, call, allowed)
    assert statuses(skyhub, call, 1) == [429]


@pytest.mark.usefixtures("limited")
def test_each_endpoint_and_account_has_its_own_window(skyhub: httpx.Client, control: SandboxControl) -> None:
    """One full window leaves the others open."""
    control.register_account("other@example.org", "key", "manager")
    assert statuses(skyhub, "order", 2)[1] == 429
    assert 429 not in statuses(skyhub, "orders", 1) + statuses(skyhub, "collectables", 1)
    skyhub.headers["X-User-Email"] = "other@example.org"
    assert 429 not in statuses(skyhub, "order", 1)


@pytest.mark.parametrize("seconds", [None, 15])
def test_retry_after_is_sent_only_if_asked_for(
    skyhub: httpx.Client, limited: SandboxControl, seconds: int | None
) -> None:
    """The public material does not say whether SkyHub sends it, so both occur."""
    limited.settings(retry_after_seconds=seconds)
    skyhub.get("/orders")
    answer = skyhub.get("/orders")
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == (None if seconds is None else str(seconds))


@pytest.mark.usefixtures("control")
def test_limits_can_be_switched_off(skyhub: httpx.Client) -> None:
    """Without limits nothing is throttled."""
    assert 429 not in statuses(skyhub, "collectables", 30)
