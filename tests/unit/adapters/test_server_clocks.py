"""When a server's clock counts as set forward: by what two sights of it prove, never by how long an answer took."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from worker.adapters.redis_ledger.clocks import Clocks, Sight
from worker.telemetry import Log

MOST_MS = 30_000
DAY_SECONDS = 86_400.0


@dataclass
class Server:
    """A server whose clock a test sets; `at` is the true time, in seconds."""

    name: str = "one"
    ahead_ms: int = 1_700_000_000_000
    at: float = 1_000.0
    clocks: Clocks = field(default_factory=lambda: Clocks(MOST_MS))

    def sight(self, asking: float = 0.001, answering: float = 0.001) -> Sight:
        """Tell the time after so many seconds, heard so many seconds later."""
        before = self.at
        told = round((before + asking) * 1000) + self.ahead_ms
        self.at = before + asking + answering
        return Sight(self.name, told, before, self.at)

    def look(self, asking: float = 0.001, answering: float = 0.001, store: str = "acme") -> int | None:
        """Look as a run does that begins."""
        sight = self.sight(asking, answering)
        since = self.clocks.doubted_since(store, sight)
        self.clocks.keep(store, sight)
        return since


@pytest.fixture
def server() -> Server:
    """One that was seen before."""
    server = Server()
    assert server.look() is None
    return server


@pytest.mark.parametrize("forward_ms", [MOST_MS + 10, 200_000, 3_600_000])
def test_a_step_is_noticed_once(server: Server, forward_ms: int) -> None:
    """It is logged with its length; the new time is what the next answer is compared with."""
    server.ahead_ms += forward_ms
    with capture_logs() as logs:
        assert server.look() is not None
        assert server.look() is None
    told = [line for line in logs if line["event"] == Log.CLOCK_SET_FORWARD]
    assert [(line["store"], line["seconds"]) for line in told] == [("acme", round(forward_ms / 1000))]


def test_the_doubt_begins_where_the_clock_was_right_last(server: Server) -> None:
    """As the new clock tells that moment, so that a quarantine begun since covers it, and no earlier one does."""
    seen_at = server.at
    server.at += 40
    server.ahead_ms += 200_000
    since = server.look()
    assert since is not None
    assert seen_at * 1000 + server.ahead_ms - 10 <= since <= seen_at * 1000 + server.ahead_ms


@pytest.mark.parametrize("forward_ms", [0, 1_000, MOST_MS - 10, -200_000])
def test_what_is_little_or_goes_back_is_none(server: Server, forward_ms: int) -> None:
    """A clock that is slewed, and one that is set back, which only prolongs what is held."""
    server.ahead_ms += forward_ms
    assert server.look() is None


@pytest.mark.parametrize(("asking", "answering"), [(300.0, 0.0), (0.0, 300.0), (150.0, 150.0)])
def test_a_slow_answer_is_no_step(server: Server, asking: float, answering: float) -> None:
    """Whichever way of it was slow: a server that does not answer for minutes has its clock still."""
    assert server.look(asking, answering) is None
    assert server.look() is None


def test_a_step_behind_a_slow_answer_is_noticed(server: Server) -> None:
    """What was told slowly is compared with nothing: it would hide a step as long as the telling."""
    assert server.look(asking=300.0) is None
    server.ahead_ms += 200_000
    assert server.look() is not None


def test_drift_adds_up_to_no_step(server: Server) -> None:
    """Neither from look to look for a month, nor at once for a process that had nothing to do for days."""
    for _ in range(30 * 24):
        server.at += 3_600
        server.ahead_ms += 360  # 100 ppm
        assert server.look() is None
    server.at += 7 * DAY_SECONDS
    server.ahead_ms += 7 * 8_640
    assert server.look() is None


def test_an_idle_process_notices_a_step_all_the_same(server: Server) -> None:
    """A day without a look allows for three quarters of a minute of drift, not for what does harm."""
    server.at += DAY_SECONDS
    server.ahead_ms += 105_000
    assert server.look() is not None


def test_each_store_has_its_own_server(server: Server) -> None:
    """The nodes of a cluster have clocks of their own; a store that is met for the first time is not doubted."""
    other = Server("two", server.ahead_ms + 200_000, server.at, server.clocks)
    assert [other.look(store="zeta"), server.look(), other.look(store="zeta"), server.look()] == [None] * 4
    server.ahead_ms += 200_000
    assert other.look(store="zeta") is None
    assert server.look() is not None


def test_another_server_may_have_been_set_forward_since(server: Server) -> None:
    """Whoever did not see it change cannot tell: in doubt since it saw the one before."""
    since = Server("two", server.ahead_ms, server.at + 40, server.clocks).look()
    assert since is not None
    assert since <= server.at * 1000 + server.ahead_ms


def test_a_change_that_was_noted_holds_nothing_again_where_its_clock_was_off(server: Server) -> None:
    """Somebody noted it soon after our last look, by a clock that was put right since by less than a step is."""
    noted = server.ahead_ms + (server.at + 8) * 1000
    since = Server("two", server.ahead_ms + 10_000, server.at + 600, server.clocks).look()
    assert since is not None
    assert since < noted


@pytest.mark.parametrize(("first", "second"), [("", "one"), ("one", ""), ("", "")])
def test_a_server_that_does_not_say_which_it_is_counts_as_the_same(first: str, second: str) -> None:
    """Where INFO is forbidden, or there for the first time."""
    server = Server(first)
    assert server.look() is None
    server.name = second
    assert server.look() is None


def test_threads_share_it(server: Server) -> None:
    """Each sees the step or a look from behind it; whoever keeps an older sight finds the same step once more."""
    older = server.sight()
    server.ahead_ms += 200_000
    newer = [server.sight() for _ in range(200)]

    def look(sight: Sight) -> int | None:
        since = server.clocks.doubted_since("acme", sight)
        server.clocks.keep("acme", sight)
        return since

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(look, newer))
    assert any(since is not None for since in found)
    assert look(older) is None
    again = look(server.sight())
    assert again is not None
    assert again <= newer[0].now  # any quarantine that was begun for it is younger
