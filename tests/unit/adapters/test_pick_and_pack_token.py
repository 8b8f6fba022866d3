"""The token of Pick and Pack: kept while it is young, renewed once when it is refused, and by one thread at a time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.unit.adapters.answers import answer
from worker.adapters.http import Answer, Call, CallFailed, HttpClient
from worker.adapters.pick_and_pack import PickAndPackApi, PickAndPackSettings
from worker.ports import PermanentError, TransientError

SETTINGS = PickAndPackSettings("https://auth.example", "https://pnp.example", "made-up-key", timeout=20.0)
RACERS = 8


class Client(HttpClient):
    """Pick and Pack in memory: it counts, and takes only the tokens that `takes` says."""

    def __init__(self, takes: Callable[[str], bool] = bool) -> None:
        super().__init__()
        self.takes = takes
        self.tokens: Iterator[str | Exception] = (f"token-{number}" for number in count(1))
        self.refusal = answer(b"", 401)
        self.asked = 0
        self.used: list[str] = []

    def call(self, request: Call, *, timeout: float, may_send: Callable[[], bool] | None = None) -> Answer:
        assert (timeout, may_send) == (20.0, None)
        if request.url == "https://auth.example/token":
            self.asked += 1
            token = next(self.tokens)
            if isinstance(token, Exception):
                raise token
            return answer({"data": token})
        token = request.headers["Authorization"]
        self.used.append(token)
        return answer({"data": {"fulfillmentStatus": "PACKING"}}) if self.takes(token) else self.refusal


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_used_while_it_is_young() -> None:
    """For 840 of its 900 seconds, and never longer."""
    client, clock = Client(), Clock()
    api = PickAndPackApi(SETTINGS, client, clock)
    for now in (100.0, 939.9, 940.0, 1779.9, 1780.0):
        clock.now = now
        assert api.status("A-1") == "PACKING"
    assert client.used == ["token-1", "token-1", "token-2", "token-2", "token-3"]
    assert client.asked == 3


def test_the_age_of_a_token_counts_from_the_question() -> None:
    """A slow answer does not make it younger."""
    client, clock = Client(), Clock()

    def slow() -> Iterator[str]:
        for number in count(1):
            clock.now += 800.0
            yield f"token-{number}"

    client.tokens = slow()
    api = PickAndPackApi(SETTINGS, client, clock)
    api.status("A-1")
    clock.now += 40.0
    api.status("A-1")
    assert client.used == ["token-1", "token-2"]


@pytest.mark.parametrize("refusal", [answer(b"", 401), answer({"code": "EXPIRED_TOKEN"}, 403)])
def test_a_refused_token_is_renewed_once(refusal: Answer) -> None:
    """The call is made again with the new one, which is kept."""
    client = Client(takes=lambda token: token != "token-1")
    client.refusal = refusal
    api = PickAndPackApi(SETTINGS, client, Clock())
    assert [api.status("A-1"), api.status("A-1")] == ["PACKING", "PACKING"]
    assert client.used == ["token-1", "token-2", "token-2"]
    assert client.asked == 2


def test_two_refused_tokens_are_a_persons_matter() -> None:
    """There is no third one; the next call tries anew."""
    client = Client(takes=lambda _: False)
    api = PickAndPackApi(SETTINGS, client, Clock())
    with pytest.raises(PermanentError, match=r"stores\.<name>\.pick_and_pack\.api_key"):
        api.status("A-1")
    assert client.used == ["token-1", "token-2"]
    client.takes = bool
    assert api.status("A-1") == "PACKING"


def test_an_order_that_may_not_be_read_costs_no_token() -> None:
    """A plain 403 is no expired token."""
    client = Client(takes=lambda _: False)
    client.refusal = answer({"code": "SHR0007B", "message": "no access"}, 403)
    with pytest.raises(PermanentError, match="no access"):
        PickAndPackApi(SETTINGS, client, Clock()).status("A-1")
    assert client.asked == 1


def test_a_failed_renewal_is_tried_again_by_the_next_call() -> None:
    """A failure is not kept."""
    client = Client()
    client.tokens = iter([CallFailed("timed out", sent=True), "token-2"])
    api = PickAndPackApi(SETTINGS, client, Clock())
    with pytest.raises(TransientError, match="Pick and Pack: timed out"):
        api.status("A-1")
    assert api.status("A-1") == "PACKING"


class Slow(Client):
    """Hold every question for a token until all racers but one wait for it."""

    def __init__(self, tokens: Iterator[str | Exception]) -> None:
        super().__init__()
        self.all_here = threading.Event()
        self.entered = 0
        self.tokens = self._held(tokens)

    def _held(self, tokens: Iterator[str | Exception]) -> Iterator[str | Exception]:
        for token in tokens:
            assert self.all_here.wait(20)
            yield token


def race(client: Slow, api: PickAndPackApi) -> list[object]:
    """Let the racers ask at once; returns what each got, or how it failed."""
    start = threading.Barrier(RACERS)

    def ask() -> object:
        start.wait(20)
        try:
            return api.status("A-1")
        except TransientError as error:
            return error.reason

    with ThreadPoolExecutor(RACERS) as pool:
        racers = [pool.submit(ask) for _ in range(RACERS)]
        _until_waiting(api)
        client.all_here.set()
        return [racer.result(20) for racer in racers]


def _until_waiting(api: PickAndPackApi) -> None:
    """Return when all racers but the one that asks wait for its answer."""
    condition = threading.Event()
    for _ in range(2_000):
        coming = api._token._coming
        if coming is not None and len(coming._condition._waiters) == RACERS - 1:  # type: ignore[attr-defined]
            return
        condition.wait(0.01)
    raise AssertionError("the racers do not wait for one renewal")


def test_racing_threads_cause_one_renewal() -> None:
    """Eight threads without a token: one asks, all use its answer."""
    client = Slow(iter(["token-1"]))
    api = PickAndPackApi(SETTINGS, client, Clock())
    assert race(client, api) == ["PACKING"] * RACERS
    assert client.asked == 1
    assert client.used == ["token-1"] * RACERS


def test_racing_threads_share_a_failure() -> None:
    """A token service that hangs is waited for once, not once a thread."""
    client = Slow(iter([CallFailed("timed out", sent=True)]))
    api = PickAndPackApi(SETTINGS, client, Clock())
    assert race(client, api) == ["Pick and Pack: timed out"] * RACERS
    assert client.asked == 1
