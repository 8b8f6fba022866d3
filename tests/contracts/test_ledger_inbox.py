import pytest

from tests.contracts.samples import FULL_EVENT, canceled, keep, order, rejecting
from tests.contracts.worlds import RedisWorld, World
from worker.adapters.redis_ledger.codec import encode_event
from worker.domain.events import Dropped, Event
from worker.ports import Change, Drop, InboxEntry, InboxFullError, Ledger, Lost, Saved, Unreadable

FOREIGN = {
    "no JSON": "not json",
    "a list": "[1]",
    "a text": '"x"',
    "a number": "5",
    "an empty object": "{}",
    "an invoice of another shape": '{"i":"1","t":1,"v":[1,2]}',
    "a carrier of tomorrow": encode_event(FULL_EVENT).replace('"direct"', '"drone"'),
    "an order id that is no text": '{"i":5,"t":1,"x":""}',
    "a date that is no number": '{"i":"1","t":"today","x":""}',
    "units that are no number": encode_event(FULL_EVENT).replace('"b":1', '"b":"1"'),
    "a bottomless list": "[" * 100_000,
}


def inbox(ledger: Ledger, limit: int = 100) -> list[InboxEntry]:
    """Return what the inbox holds."""
    return ledger.exchange([], [], limit)[1]


def test_events_come_back_whole_and_in_their_order(ledger: Ledger) -> None:
    """What a door acknowledged is what a drain reads, the oldest first."""
    events: list[Event] = [FULL_EVENT, canceled("1"), canceled("2")]
    ledger.append(events[:2])
    ledger.append(events[2:])
    entries = inbox(ledger)
    assert [entry.event for entry in entries] == events
    assert [entry.text for entry in entries] == [encode_event(event) for event in events]


def test_events_that_do_not_fit_are_refused_all_together(world: World) -> None:
    """A full inbox takes all of a call's events or none, and takes them again once there is room."""
    ledger = world.ledger(inbox_limit=3)
    ledger.append([canceled("1"), canceled("2")])
    with pytest.raises(InboxFullError):
        ledger.append([canceled("3"), canceled("4")])
    assert len(inbox(ledger)) == 2
    ledger.append([canceled("3")])
    ledger.exchange([], [Drop(entry.entry_id, Dropped.REPEATED) for entry in inbox(ledger)], 1)
    ledger.append([canceled("3"), canceled("4")])
    assert len(inbox(ledger)) == 2


def test_an_exchange_takes_out_what_was_saved_and_dropped_and_reads_the_rest(world: World) -> None:
    """One call saves, drops, and returns the next entries."""
    ledger = world.ledger()
    ledger.append([canceled(str(n)) for n in range(4)])
    first, second, third, _ = inbox(ledger)
    results, entries = ledger.exchange(
        [Change(order=order("0"), version=0, entries=(first.entry_id, second.entry_id))],
        [Drop(third.entry_id, Dropped.REPEATED)],
        10,
    )
    assert results == [Saved(1)]
    assert [entry.event for entry in entries] == [canceled("3")]
    assert world.counters()["events"] == 2
    assert world.counters()["repeated"] == 1


def test_an_exchange_for_nothing_reads_nothing(world: World) -> None:
    """The last one of a run saves what it has and leaves the rest unread, for the next run."""
    ledger = world.ledger()
    ledger.append([canceled("1"), canceled("2")])
    first, second = inbox(ledger)
    change = Change(order=order("1"), version=0, entries=(first.entry_id,))
    assert ledger.exchange([change], [], 0) == ([Saved(1)], [])
    assert inbox(ledger) == [second]


def test_the_entries_of_a_lost_save_stay_in_the_inbox(world: World) -> None:
    """An event leaves only together with the save that took it in."""
    ledger = world.ledger()
    keep(ledger, order("0"))
    ledger.append([canceled("0")])
    [entry] = inbox(ledger)
    results, left = ledger.exchange([Change(order=order("0"), version=0, entries=(entry.entry_id,))], [], 10)
    assert results == [Lost()]
    assert left == [entry]
    assert not world.counters().get("events")


def test_a_read_stops_at_its_limit(ledger: Ledger) -> None:
    """A drain takes the oldest entries, as many as it asked for."""
    ledger.append([canceled(str(n)) for n in range(5)])
    assert [entry.event for entry in inbox(ledger, 2)] == [canceled("0"), canceled("1")]


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_event_comes_back_as_unreadable_and_blocks_nothing(world: World, text: str) -> None:
    """A foreign entry is returned with its text and a reason, and what is behind it is read."""
    ledger = world.ledger()
    world.put(text)
    ledger.append([canceled()])
    foreign, sound = inbox(ledger)
    assert isinstance(foreign.event, Unreadable)
    assert foreign.event.body == foreign.text == text
    assert "not an event of this service" in foreign.event.reason
    assert sound.event == canceled()
    assert ledger.exchange([], [rejecting(foreign.entry_id, text)], 10)[1] == [sound]


@pytest.mark.parametrize("fields", [{"other": "x"}, {"e": b"\xff\xfe"}, {"e": ""}], ids=["field", "bytes", "empty"])
def test_an_entry_that_no_ledger_wrote_blocks_nothing(redis_world: RedisWorld, fields: dict[str, str]) -> None:
    """An entry of foreign fields or bytes that are no text is returned, and what is behind it is read."""
    ledger = redis_world.ledger()
    redis_world.raw.xadd(redis_world.keys("inbox"), fields)
    ledger.append([canceled()])
    foreign, sound = inbox(ledger)
    assert isinstance(foreign.event, Unreadable)
    assert sound.event == canceled()
    assert ledger.exchange([], [rejecting(foreign.entry_id, foreign.text)], 10)[1] == [sound]


def test_an_entry_is_dropped_and_counted_once(world: World) -> None:
    """Whoever drops an entry again drops nothing."""
    ledger = world.ledger()
    ledger.append([canceled()])
    [entry] = inbox(ledger)
    for _ in range(2):
        ledger.exchange([], [rejecting(entry.entry_id, "body")], 1)
    assert world.counters()["rejected"] == 1
    assert [kept.body for kept in ledger.rejected(10)] == ["body"]


def test_an_entry_that_two_saves_took_in_is_counted_once(world: World) -> None:
    """Two drains that read the same entry count one event."""
    ledger = world.ledger()
    ledger.append([canceled()])
    [entry] = inbox(ledger)
    for version in range(2):
        ledger.exchange([Change(order=order(), version=version, entries=(entry.entry_id,))], [], 1)
    assert world.counters()["events"] == 1


def test_an_order_takes_in_thousands_of_entries_at_once(server_world: RedisWorld) -> None:
    """However many events of one order wait, one save takes them (Lua unpacks some 8,000 values, not more)."""
    ledger = server_world.ledger()
    ledger.append([canceled()] * 9_000)
    entries = tuple(entry.entry_id for entry in inbox(ledger, 10_000))
    results, left = ledger.exchange([Change(order=order(), version=0, entries=entries)], [], 1)
    assert results == [Saved(1)]
    assert left == []
    assert server_world.counters()["events"] == 9_000
