"""Polling the orders feed of VTEX: into the inbox first, then out of the feed (contracts/vtex-oms.md)."""

import pytest

from tests.unit.domain.builders import NOW, SECOND
from tests.unit.usecases.world import BEARER, KilledError, TimedWorld, World, after, die, order_id
from worker.adapters.redis_ledger import Limits
from worker.domain.events import Announcer, Event, OrderAnnounced
from worker.ports import Drain, FeedEntry, PermanentError, TransientError, Unreadable
from worker.usecases.poll_feed import Polled
from worker.usecases.store_trouble import Rest


def entry(number: int, name: str = "", *, changed_at: int | None = NOW, state: str = "invoiced") -> FeedEntry:
    """Give one event of an order's own, unless it is named."""
    return FeedEntry(f"handle {number}", name or order_id(str(number)), state, changed_at)


def waiting(world: World, *entries: FeedEntry) -> None:
    """Let events wait in the feed of a store with an OMS."""
    world.with_oms()
    world.oms.queue += entries


def inbox(world: World) -> list[Event]:
    """Return the events that are kept."""
    entries = world.ledger.exchange((), (), 1000)[1]
    return [each.event for each in entries if not isinstance(each.event, Unreadable)]


def handles(*numbers: int) -> list[str]:
    """Name what commits these events."""
    return [f"handle {number}" for number in numbers]


def test_events_go_into_the_inbox_and_out_of_the_feed(world: World) -> None:
    """With VTEX's id, the state and the date of the change; one without a date is dated by its arrival."""
    waiting(world, entry(1), entry(2, changed_at=None, state=""))
    assert world.poll() == Polled(events=2, drains={Drain.INBOX})
    first, second = inbox(world)
    name = order_id("1")
    assert first == OrderAnnounced(order_id=name, occurred_at=NOW, by=Announcer.FEED, state="invoiced", vtex_id=name)
    assert second.order_id == order_id("2")
    assert 0 <= world.now() - second.occurred_at < 60 * SECOND
    assert (world.oms.committed, world.oms.queue) == (handles(1, 2), [])


def test_an_empty_feed_is_left_alone(world: World) -> None:
    """Nothing is kept, nothing committed."""
    waiting(world)
    assert world.poll() == Polled()
    assert world.oms.committed == []


@pytest.mark.parametrize(("count", "reads"), [(9, 1), (10, 2), (11, 2), (25, 3)])
def test_full_pages_are_followed(world: World, count: int, reads: int) -> None:
    """After ten there may be more; after fewer there is not."""
    waiting(world, *(entry(number) for number in range(count)))
    assert world.poll() == Polled(events=count, drains={Drain.INBOX})
    assert (len(inbox(world)), len(world.oms.committed), world.oms.read) == (count, count, ["feed"] * reads)


def test_nothing_is_committed_before_it_is_kept(timed: TimedWorld) -> None:
    """A process that dies between the two loses nothing: the events come again, and count once."""
    waiting(timed, entry(1))
    kept = timed.raced.append

    def append(events: list[Event]) -> None:
        assert timed.oms.committed == []
        kept(events)
        die()

    timed.raced.append = append  # type: ignore[method-assign,assignment]
    with pytest.raises(KilledError):
        timed.poll()
    assert (timed.oms.committed, len(inbox(timed)), timed.plain.lease(Drain.FEED) is None) == ([], 1, False)
    timed.raced.append = kept  # type: ignore[method-assign]
    timed.advance(31)
    assert timed.poll().events == 1
    assert timed.drain().drains == {Drain.REREAD}
    assert timed.plain.kept.counters["foreign"] == 0
    assert timed.order("1").news_at is not None


def test_a_full_inbox_leaves_the_events_in_the_feed(timed: TimedWorld) -> None:
    """All of a page or none; the drain rests, and takes them when there is room."""
    timed.raced.limits = Limits(inbox_limit=2)
    waiting(timed, entry(1), entry(2), entry(3))
    polled = timed.poll()
    assert (polled.events, polled.rest) == (0, Rest(BEARER, SECOND))
    assert (timed.oms.committed, inbox(timed)) == ([], [])
    timed.raced.limits = Limits(inbox_limit=3)
    timed.advance(1)
    assert timed.poll() == Polled(events=3, drains={Drain.INBOX})


def test_a_commit_that_fails_brings_the_events_again(timed: TimedWorld) -> None:
    """They are in the inbox already: hearing them twice wishes no more than once."""
    waiting(timed, entry(1))
    timed.oms.faults["commit"] = TransientError("503")
    assert timed.poll().rest == Rest(BEARER, SECOND)
    timed.oms.faults.clear()
    timed.advance(1)
    assert timed.poll().events == 1
    assert timed.drain().drains == {Drain.REREAD}
    assert timed.plain.wishes(Drain.REREAD, timed.now(), 9) == [order_id("1")]


def test_an_event_that_names_no_order_is_kept_as_rejected_and_committed(world: World) -> None:
    """It would come again for ever, and a person may want to see it; the others are taken."""
    nameless = FeedEntry("handle 7", "")
    waiting(world, entry(1), nameless, entry(2))
    assert world.poll() == Polled(events=3, drains={Drain.INBOX})
    assert world.oms.committed == handles(1, 7, 2)
    assert [event.order_id for event in inbox(world)] == [order_id("1"), order_id("2")]
    (kept,) = world.ledger.rejected(9)
    assert kept.reason == "an event of the orders feed that names no order"
    assert "handle 7" in kept.body
    waiting(world, FeedEntry("handle 8", ""))
    assert world.poll() == Polled(events=1, drains={Drain.INBOX})
    assert world.oms.queue == []


def test_a_feed_that_repeats_itself_is_cut(timed: TimedWorld) -> None:
    """A run ends when it was long enough, and says that there may be more."""
    waiting(timed, *(entry(number) for number in range(10)))
    timed.oms.endless = True
    assert timed.poll(late=after(3)) == Polled(events=40, drains={Drain.INBOX, Drain.FEED})


@pytest.mark.parametrize(
    ("error", "seconds"), [(TransientError("429", 60.0), 60), (PermanentError("the account's feed is missing"), 60)]
)
def test_a_feed_in_trouble_rests(timed: TimedWorld, error: Exception, seconds: int) -> None:
    """Its bearer comes back, others return at once; SkyHub's drains and the reading of orders go on."""
    waiting(timed, entry(1))
    timed.oms.faults["feed"] = error
    assert timed.poll() == Polled(rest=Rest(BEARER, seconds * SECOND))
    timed.oms.faults.clear()
    assert timed.poll("other") == Polled()
    assert (timed.oms.committed, timed.paused.active) == ([], False)
    assert timed.plain.standing(Drain.REREAD).backoff.until == 0
    timed.advance(seconds)
    assert timed.poll() == Polled(events=1, drains={Drain.INBOX})
    assert timed.plain.standing(Drain.FEED).backoff.tries == 0


def test_events_of_other_channels_are_taken_out_too(timed: TimedWorld) -> None:
    """Every event is committed, also one that is nobody's business here."""
    waiting(timed, entry(1, "1253881550433-01"), entry(2))
    timed.poll()
    assert timed.drain().events == 2
    assert timed.plain.kept.counters["foreign"] == 1
    assert timed.oms.queue == []
