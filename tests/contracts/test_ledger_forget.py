"""Rejected events, looked through from the oldest on, taken up again by their ids, and forgotten."""

import pytest

from tests.contracts.racing import race
from tests.contracts.samples import FULL_EVENT, canceled, unreadable
from tests.contracts.worlds import RedisWorld, World
from worker.adapters.redis_ledger.codec import encode_event
from worker.domain.events import Event
from worker.ports import Ledger

NO_IDS = [
    "",
    "1",
    "a-b",
    "1-1-1",
    "-",
    "+",
    "1-",
    "-1",
    "(1-1",
    "1-1\n",
    " 1-1",
    "\u0661-1",
    f"{2**64}-0",
    f"0-{2**64}",
]


def rejected(ledger: Ledger, *bodies: str) -> list[str]:
    """Reject these bodies; returns their ids."""
    ledger.reject([unreadable(body, "reason") for body in bodies])
    return [row.rejected_id for row in ledger.rejected(len(bodies))][::-1]


def bodies(ledger: Ledger) -> list[str]:
    """Return the first letter of all that is kept, the newest first."""
    return [row.body[0] for row in ledger.rejected(100)]


def test_all_are_read_page_by_page_from_the_oldest(ledger: Ledger) -> None:
    """Each once, with what `rejected` tells of them; what arrives meanwhile comes at the end."""
    rejected(ledger, *"abcde")
    seen = ledger.rejected_after("", 2)
    seen += ledger.rejected_after(seen[-1].rejected_id, 2)
    rejected(ledger, "f")
    seen += ledger.rejected_after(seen[-1].rejected_id, 2)
    assert [row.body for row in seen] == list("abcdef")
    assert seen == ledger.rejected(10)[::-1]
    assert ledger.rejected_after(seen[-1].rejected_id, 2) == []


def test_pages_go_on_behind_an_event_that_is_gone(ledger: Ledger) -> None:
    """Whoever forgets what it has read loses no place."""
    ids = rejected(ledger, *"abcd")
    ledger.forget_rejected(ids[:2])
    assert [row.body for row in ledger.rejected_after(ids[1], 10)] == ["c", "d"]
    assert [row.body for row in ledger.rejected_after("", 1)] == ["c"]


def test_events_are_found_by_their_ids(ledger: Ledger) -> None:
    """In the order asked for; those that are not kept any more are left out."""
    ids = rejected(ledger, *"abc")
    ledger.forget_rejected([ids[1]])
    assert [row.body for row in ledger.rejected_by_id([ids[2], ids[1], "0-0", "5-5", ids[0]])] == ["c", "a"]
    assert ledger.rejected_by_id(ids[:1]) == ledger.rejected(10)[-1:]
    assert ledger.rejected_by_id([]) == []


@pytest.mark.parametrize("rejected_id", NO_IDS)
def test_what_is_no_id_is_refused(ledger: Ledger, rejected_id: str) -> None:
    """Before anything is read or forgotten, whatever stands beside it."""
    ids = rejected(ledger, *"ab")
    for act in (ledger.rejected_by_id, ledger.forget_rejected):
        with pytest.raises(ValueError, match="is no id of a rejected event"):
            act([ids[0], rejected_id])
    if rejected_id:
        with pytest.raises(ValueError, match="is no id of a rejected event"):
            ledger.rejected_after(rejected_id, 10)
    assert bodies(ledger) == ["b", "a"]


def test_what_is_forgotten_is_gone_and_the_others_stay(world: World) -> None:
    """The answer counts what was there; how many were ever rejected stays counted."""
    ledger = world.ledger()
    first, second, third = rejected(ledger, *"abc")
    assert ledger.forget_rejected([first, third, "5-5", third]) == 2
    assert bodies(ledger) == ["b"]
    assert ledger.forget_rejected([first, third]) == 0
    assert ledger.forget_rejected([]) == 0
    assert ledger.forget_rejected([second]) == 1
    assert bodies(ledger) == []
    assert world.counters()["rejected"] == 3


@pytest.mark.parametrize("times", [1, 3])
def test_what_is_forgotten_makes_room(world: World, times: int) -> None:
    """The store's limit counts what is kept, however often it was told to forget: three fit, no fourth."""
    ledger = world.ledger(rejected_bytes=100)
    ids = rejected(ledger, *(letter * 20 for letter in "abc"))
    for _ in range(times):
        ledger.forget_rejected([ids[1]])
    rejected(ledger, "d" * 20)
    assert bodies(ledger) == ["d", "c", "a"]
    rejected(ledger, "e" * 20)
    assert bodies(ledger) == ["e", "d", "c"]


def test_room_is_right_after_everything_was_forgotten(world: World) -> None:
    """The count begins anew with the next event."""
    ledger = world.ledger(rejected_bytes=100)
    ledger.forget_rejected(rejected(ledger, *(letter * 20 for letter in "abc")))
    rejected(ledger, *(letter * 20 for letter in "defg"))
    assert bodies(ledger) == ["g", "f", "e"]


def test_bytes_are_counted_to_the_last_one(redis_world: RedisWorld) -> None:
    """Body and reason, as UTF-8."""
    ledger = redis_world.ledger()
    first, _ = rejected(ledger, "ção", "x")
    assert redis_world.counters()["rejected_bytes"] == len("çãoxreasonreason".encode())
    ledger.forget_rejected([first])
    assert redis_world.counters()["rejected_bytes"] == len("xreason")


@pytest.mark.parametrize("racers", [5, 20])
def test_an_event_is_forgotten_once(world: World, racers: int) -> None:
    """Of many that forget it one is told that it was there; its bytes are given back once."""
    ids = rejected(world.ledger(), "a" * 20, "b")
    assert sum(race(world, racers, lambda ledger, _: ledger.forget_rejected(ids[:1]))) == 1
    assert bodies(world.ledger()) == ["b"]
    assert world.counters().get("rejected_bytes", len("breason")) == len("breason")


@pytest.mark.parametrize("event", [canceled(), FULL_EVENT], ids=["cancel", "invoice"])
def test_an_event_that_only_broke_recording_is_there_to_be_resent(ledger: Ledger, event: Event) -> None:
    """As the inbox kept it, by whichever way it is looked up."""
    (rejected_id,) = rejected(ledger, encode_event(event))
    for rows in (ledger.rejected(1), ledger.rejected_after("", 1), ledger.rejected_by_id([rejected_id])):
        assert [row.event for row in rows] == [event]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "",
        "[]",
        '"text"',
        "null",
        "{}",
        '{"store": "acme", "order_id": "1", "occurred_at": "2026-11-20T12:00:00Z", "invoice": {"number": "1"}}',
        '{"i": 1, "t": 1, "x": "why"}',
        encode_event(FULL_EVENT)[:-1],
    ],
)
def test_any_other_body_holds_no_event(ledger: Ledger, body: str) -> None:
    """A producer's own text, one cut in the middle, one of the wrong types: only its sender can mend it."""
    rejected(ledger, body)
    assert [row.event for row in ledger.rejected(1)] == [None]


def test_an_event_whose_body_was_cut_holds_none(world: World) -> None:
    """What is kept of a very long one is no event any more."""
    ledger = world.ledger(body_bytes=20)
    rejected(ledger, encode_event(FULL_EVENT))
    assert [(len(row.body.encode()), row.event) for row in ledger.rejected(1)] == [(20, None)]
