"""Calls to SkyHub are counted by what is asked and how it ended, over real sockets."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.fixtures.raw_server import (
    Peer,
    Serve,
    answering,
    client,
    http,
    no_answer,
    reset_after_request,
    serve,
)
from tests.fixtures.redis_servers import free_port
from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import HttpClient
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys
from worker.adapters.skyhub.counting import CountedCaller, CountedLimit
from worker.ports import PermanentError, TransientError

__all__ = ["client", "serve"]

KEYS = SkyHubRateKeys("shipments", "orders", "order")
LISTED = b'{"orders": []}'


class Tallied(Counter[tuple[str, str]]):
    """What was counted, by store and field."""

    def add(self, store: str, field: str, times: int = 1) -> None:
        self[store, field] += times


class Pace:
    """A rate limit that takes so long, or grants nothing."""

    def __init__(self, seconds: float = 0.0, *, grants: bool = True) -> None:
        self.now = 0.0
        self.seconds = seconds
        self.grants = grants

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        assert key
        assert interval < deadline
        self.now += self.seconds
        return self.grants


def _asked(url: str, client: HttpClient, *, may_send: bool = True, timeout: float = 15) -> Counter[str]:
    """Ask everything that is asked of SkyHub at this address, and return what was counted."""
    tally = Tallied()
    account = skyhub_account(base_url=url, timeout=timeout)
    skyhub = SkyHubApi(account, CountedCaller(client, tally, "acme"), CountedLimit(Pace(), tally, "acme"), KEYS)
    asks: list[Callable[[], object]] = [
        lambda: skyhub.collectables(requested=False, page=1),
        lambda: skyhub.collectables(requested=True, page=1),
        lambda: skyhub.order("Site-1"),
        lambda: skyhub.invoiced_orders(1),
        lambda: skyhub.confirm(["1"], lambda: may_send),
    ]
    for ask in asks:
        try:
            ask()
        except (TransientError, PermanentError):
            continue
    assert {store for store, _ in tally} == {"acme"}
    return Counter({field: times for (_, field), times in tally.items()})


ENDPOINTS = ("collectables_open", "collectables_requested", "order", "orders", "confirm")


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (answering(http("200 OK", LISTED)), "2xx"),
        (answering(http("302 Found", b"")), "3xx"),
        (answering(http("401 Unauthorized", b"")), "401"),
        (answering(http("429 Too Many Requests", b"")), "429"),
        (answering(http("503 Service Unavailable", b"")), "5xx"),
        (no_answer, "timeout"),
        (reset_after_request, "broken"),
    ],
    ids=["2xx", "3xx", "401", "429", "5xx", "timeout", "broken"],
)
def test_each_call_is_counted_once(
    serve: Serve, client: HttpClient, behaviour: Callable[[Peer], None], outcome: str
) -> None:
    """Under its endpoint, whatever came of it."""
    # A machine that is busy must not be taken for a server that is.
    counted = _asked(serve(behaviour).url, client, timeout=0.3 if outcome == "timeout" else 15)
    assert counted == {f"call:{endpoint}:{outcome}": 1 for endpoint in ENDPOINTS}


def test_what_did_not_connect_is_told_from_what_was_lost(client: HttpClient) -> None:
    """SkyHub saw nothing of it."""
    counted = _asked(f"http://127.0.0.1:{free_port()}", client)
    assert counted == {f"call:{endpoint}:not_connected": 1 for endpoint in ENDPOINTS}


def test_a_confirmation_that_was_held_back_is_no_failure(serve: Serve, client: HttpClient) -> None:
    """The check before sending said no: nothing was sent."""
    counted = _asked(serve(answering(http("200 OK", LISTED))).url, client, may_send=False)
    assert counted["call:confirm:held"] == 1


@pytest.mark.parametrize("grants", [True, False])
def test_waits_for_the_pace_are_counted(monkeypatch: pytest.MonkeyPatch, grants: bool) -> None:  # noqa: FBT001 - a parameter
    """How often and how long; what Redis itself takes is no wait."""
    tally, pace = Tallied(), Pace(grants=grants)
    monkeypatch.setattr("worker.adapters.skyhub.counting.time.monotonic", lambda: pace.now)
    limit = CountedLimit(pace, tally, "acme")
    for seconds in (0.009, 0.25, 1.5):
        pace.seconds = seconds
        assert limit.wait("key", interval=1, deadline=9) is grants
    assert tally == {("acme", "paced"): 2, ("acme", "paced_ms"): 1750}
