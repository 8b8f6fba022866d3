"""Walking along the indexes, as a person turns pages and searches, on every engine."""

from dataclasses import replace

import pytest

from tests.contracts.samples import keep, order
from tests.contracts.worlds import RedisWorld
from worker.domain.order import At, Attention, Status
from worker.ports import Ledger, Spot, Walk, Walked

LISTED, LONG = Attention.LISTED_AFTER_REQUEST, Attention.WAITING_LONG
# Orders that one save brought together have one time, and go by their bytes then: capitals first, no locale.
LINES = tuple(Spot(at, name) for at, name in ((1, "b"), (2, "A"), (2, "_"), (2, "a"), (2, "aa"), (2, "é"), (3, "C")))
EVERY = Walk(index=Status.WAITING, most=100, lines=1000)


@pytest.fixture
def lined(ledger: Ledger) -> Ledger:
    """Fill an index."""
    keep(ledger, *(order(spot.order_id, at=At(spot.at)) for spot in reversed(LINES)))
    return ledger


def _names(walked: Walked) -> list[str]:
    return [spot.order_id for spot in walked.found]


def test_a_walk_goes_from_end_to_end(lined: Ledger) -> None:
    """By time and then by id, in the direction that was wished."""
    assert lined.walk(EVERY) == Walked(found=LINES, total=7, last=None)
    assert lined.walk(replace(EVERY, descending=True)).found == LINES[::-1]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_have_each_order_once(lined: Ledger, size: int, *, descending: bool) -> None:
    """However a page's end cuts through orders of one time."""
    walk, found = Walk(index=Status.WAITING, descending=descending, most=size, lines=1000), list[Spot]()
    while True:
        walked = lined.walk(walk)
        found += walked.found
        if walked.last is None:
            break
        assert walked.last == walked.found[-1]
        walk = replace(walk, after=walked.last)
    assert found == list(LINES[::-1] if descending else LINES)


@pytest.mark.parametrize("descending", [False, True])
def test_a_place_holds_when_its_order_has_left(lined: Ledger, *, descending: bool) -> None:
    """The walk goes on behind where the order stood, also among others of the same time."""
    lines = LINES[::-1] if descending else LINES
    for number, spot in enumerate(lines):
        keep(lined, order(spot.order_id, Status.FAILED), version=1)
        walked = lined.walk(replace(EVERY, after=spot, descending=descending))
        assert walked.found == tuple(lines[number + 1 :])


def test_a_part_of_an_id_is_found_in_any_case(ledger: Ledger) -> None:
    """Letter by letter: no sign has a meaning of its own."""
    keep(ledger, *(order(name, at=At(1)) for name in ("BWW-Lojas-12", "BWW-Sub-112", "a*c", "abc", "a.c", "a[b]c")))
    parts = {"lojas": ["BWW-Lojas-12"], "12": ["BWW-Lojas-12", "BWW-Sub-112"], "a*c": ["a*c"], "a.c": ["a.c"]}
    for part, names in {**parts, "[b]": ["a[b]c"], "x": [], "%a": []}.items():
        assert _names(ledger.walk(replace(EVERY, part=part))) == names


def test_orders_are_found_by_a_reason_for_attention(ledger: Ledger) -> None:
    """Among all with attention, those flagged first come first; also within one status, and among a status's orders."""
    keep(ledger, order("a", flags=frozenset({LISTED, LONG})), order("b", flags=frozenset({LONG})), order("c"))
    keep(ledger, order("d", Status.DUE, flags=frozenset({LONG})))
    flagged = replace(EVERY, index=None)
    assert _names(ledger.walk(flagged)) == ["a", "b", "d"]
    assert _names(ledger.walk(replace(flagged, reason=LISTED))) == ["a"]
    assert _names(ledger.walk(replace(flagged, reason=LONG, within=Status.DUE))) == ["d"]
    assert _names(ledger.walk(replace(flagged, within=Status.WAITING))) == ["a", "b"]
    assert _names(ledger.walk(replace(flagged, part="b", reason=LONG))) == ["b"]
    assert _names(ledger.walk(replace(EVERY, reason=LONG))) == ["a", "b"]
    assert ledger.walk(flagged).total == 3
    assert ledger.attention_counts() == {LISTED: 1, LONG: 3}


def test_a_reason_is_not_found_by_a_part_of_its_name(redis_world: RedisWorld) -> None:
    """Whatever other reasons are called."""
    ledger = redis_world.ledger()
    keep(ledger, order("a", flags=frozenset({LISTED})), order("b", flags=frozenset({LONG})))
    redis_world.raw.hset(redis_world.keys("flags"), mapping={"a": f"x{LONG},{LONG}x"})
    assert _names(ledger.walk(replace(EVERY, index=None, reason=LONG))) == ["b"]


def test_a_walk_looks_at_no_more_than_it_may(lined: Ledger) -> None:
    """It says where it stopped, whether it found anything or not."""
    first = lined.walk(replace(EVERY, part="c", lines=4))
    assert first == Walked(found=(), total=7, last=LINES[3])
    rest = lined.walk(replace(EVERY, part="c", lines=4, after=first.last))
    assert rest == Walked(found=(LINES[6],), total=7, last=None)


def test_a_search_that_found_enough_stops_there(lined: Ledger) -> None:
    """The rest is for the next page; what was found last of all ends the walk."""
    assert lined.walk(replace(EVERY, part="a", most=2)) == Walked(found=(LINES[1], LINES[3]), total=7, last=LINES[3])
    assert lined.walk(replace(EVERY, part="c", most=1)).last is None


def test_many_lines_of_one_time_are_walked(server_world: RedisWorld) -> None:
    """More than a script's stack holds, with every sieve."""
    ledger = server_world.ledger()
    names = [f"BWW-{number:05}" for number in range(4000)]
    for index in ("orders:waiting", "attention"):
        server_world.raw.zadd(server_world.keys(index), dict.fromkeys(names, 1.0))
    server_world.raw.hset(server_world.keys("flags"), mapping=dict.fromkeys(names[1::2], LONG.value))
    walk = Walk(index=None, most=5000, lines=5000, part="bww", reason=LONG, within=Status.WAITING)
    assert _names(ledger.walk(walk)) == names[1::2]
    assert _names(ledger.walk(replace(walk, most=2, after=Spot(1, "BWW-029995")))) == ["BWW-03001", "BWW-03003"]


def test_an_empty_index_is_walked_at_once(ledger: Ledger) -> None:
    """From either end, and from a place that was in it once."""
    nothing = Walked(found=(), total=0, last=None)
    for after in (None, Spot(5, "gone")):
        assert ledger.walk(replace(EVERY, after=after)) == nothing
        assert ledger.walk(replace(EVERY, after=after, descending=True)) == nothing
    assert ledger.attention_counts() == {}
