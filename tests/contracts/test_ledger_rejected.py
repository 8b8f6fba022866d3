import pytest

from tests.contracts.samples import canceled, unreadable
from tests.contracts.worlds import MemoryWorld, RedisWorld, World
from worker.adapters.redis_ledger import Limits
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.events import Dropped
from worker.ports import Drop, Ledger, Unreadable

DAY = 86_400_000


def test_rejected_events_are_kept_with_reason_and_time_the_newest_first(world: World) -> None:
    """What could not be read stays to be looked at, at least its newest part."""
    ledger = world.ledger()
    before = ledger.now()
    ledger.reject([unreadable("a", "first"), unreadable("b", "second")])
    ledger.reject([unreadable("c", "third")])
    kept = ledger.rejected(10)
    assert [(each.body, each.reason) for each in kept] == [("c", "third"), ("b", "second"), ("a", "first")]
    assert all(before <= each.at <= ledger.now() for each in kept)
    assert len({each.rejected_id for each in kept}) == 3
    assert ledger.rejected(2) == kept[:2]
    assert world.counters()["rejected"] == 3


def test_rejected_events_are_turned_over_page_by_page(ledger: Ledger) -> None:
    """From the newest to the oldest, though the last one of a page is forgotten meanwhile."""
    for n in range(5):
        ledger.reject([unreadable(str(n))])
    page = ledger.rejected(2)
    ledger.forget_rejected([page[-1].rejected_id])
    assert [each.body for each in page] == ["4", "3"]
    assert [each.body for each in ledger.rejected(2, page[-1].rejected_id)] == ["2", "1"]
    assert ledger.rejected(2, ledger.rejected(9)[-1].rejected_id) == []
    with pytest.raises(ValueError, match="'x' is no id of a rejected event"):
        ledger.rejected(2, "x")


def test_nothing_stands_beyond_the_first_and_the_last_id(ledger: Ledger) -> None:
    """Somebody wrote them into an address by hand."""
    first, last = "0-0", f"{2**64 - 1}-{2**64 - 1}"
    ledger.reject([unreadable("a")])
    assert ledger.rejected(2, first) == ledger.rejected_after(last, 2) == []
    assert ledger.rejected(2, last) == ledger.rejected_after(first, 2) != []


def test_nothing_to_reject_rejects_nothing(ledger: Ledger) -> None:
    """An empty call leaves nothing."""
    ledger.reject([])
    assert ledger.rejected(10) == []


def test_a_long_body_is_cut(ledger: Ledger) -> None:
    """64 KiB of a body are kept."""
    ledger.reject([unreadable("x" * 70_000)])
    assert [len(each.body) for each in ledger.rejected(1)] == [64 * 1024]


def test_a_body_is_never_cut_inside_a_character(world: World) -> None:
    """Half a character would make the whole list unreadable."""
    ledger = world.ledger(body_bytes=4)
    ledger.reject([unreadable("ação"), unreadable("çãoç")])
    assert [each.body for each in ledger.rejected(2)] == ["çã", "aç"]


def test_a_text_that_no_encoding_knows_is_kept(redis_world: RedisWorld) -> None:
    """A lone surrogate, which JSON can spell and UTF-8 cannot, stops nobody."""
    ledger = redis_world.ledger()
    ledger.reject([unreadable("\ud800x", "no text: \ud800")])
    assert [(each.body, each.reason) for each in ledger.rejected(1)] == [("?x", "no text: ?")]


def test_the_oldest_fall_out_when_a_store_keeps_too_much(world: World) -> None:
    """Bodies and reasons together stay within the limit, the newest survive."""
    ledger = world.ledger(rejected_bytes=100)
    for n in range(10):
        ledger.reject([unreadable(str(n) * 20, "reason")])
    assert [each.body[0] for each in ledger.rejected(10)] == ["9", "8", "7"]
    ledger.reject([unreadable("x" * 90, "reason")])
    assert [each.body[0] for each in ledger.rejected(10)] == ["x"]


def test_a_body_that_fills_the_limit_alone_is_not_kept(world: World) -> None:
    """The limit holds whatever comes, and the next smaller one is kept again."""
    ledger = world.ledger(rejected_bytes=100)
    ledger.reject([unreadable("x" * 200)])
    assert ledger.rejected(10) == []
    ledger.reject([unreadable("y")])
    assert [each.body for each in ledger.rejected(10)] == ["y"]


def test_empty_bodies_fall_out_like_others(world: World) -> None:
    """An entry without a body has a reason still, and is trimmed without ado."""
    ledger = world.ledger(rejected_bytes=10)
    for _ in range(3):
        ledger.reject([Unreadable("", "reason")])
    assert len(ledger.rejected(10)) == 1


def test_what_is_too_old_falls_out_with_the_next(redis_world: RedisWorld) -> None:
    """After thirty days an event is trimmed with the next drop of any kind; what is younger stays."""
    ledger, now = redis_world.ledger(), redis_world.ledger().now()
    for days in (40, 31, 29):
        row = {"reason": "r", "body": str(days), "size": "3"}
        redis_world.raw.xadd(redis_world.keys("rejected"), row, id=f"{now - days * DAY}-0")
        redis_world.raw.hincrby(redis_world.keys("counters"), "rejected_bytes", 3)
    ledger.append([canceled()])
    [entry] = ledger.exchange([], [], 1)[1]
    ledger.exchange([], [Drop(entry.entry_id, Dropped.REPEATED)], 1)
    assert [each.body for each in ledger.rejected(10)] == ["29"]
    assert redis_world.counters()["rejected_bytes"] == 3


def test_what_is_too_old_falls_out_of_memory_too() -> None:
    """The fake trims like a server."""
    world = MemoryWorld()
    ledger = world.ledger()
    for body in ("old", "young", "youngest"):
        ledger.reject([unreadable(body)])
        world.memory.clock.advance(16 * DAY)
    assert [each.body for each in ledger.rejected(10)] == ["youngest", "young"]


def test_what_a_quiet_store_keeps_ends_by_itself(redis_world: RedisWorld) -> None:
    """Without any further event the kept bodies end too, and the count of their bytes begins anew."""
    quiet = redis_world.ledger(rejected_ms=20)
    quiet.reject([unreadable("x" * 20, "reason")])
    redis_world.eventually(lambda: not quiet.rejected(10))
    ledger = redis_world.ledger(rejected_bytes=30)
    ledger.reject([unreadable("y" * 20, "reason")])
    assert [each.body[0] for each in ledger.rejected(10)] == ["y"]


def test_events_of_unknown_stores_are_kept_together(world: World) -> None:
    """Whoever names a store that nobody configured finds the event under one name, and no store is touched."""
    fleet = world.fleet()
    fleet.reject_unknown([unreadable("body", "no such store")])
    assert [each.body for each in fleet.ledger(NO_STORE).rejected(10)] == ["body"]
    assert fleet.ledger("acme").rejected(10) == []


def test_the_limits_are_the_documented_ones() -> None:
    """64 KiB a body, 50 MiB a store, 30 days; documents 90 days, keys 400."""
    limits = Limits()
    assert (limits.body_bytes, limits.rejected_bytes) == (65_536, 52_428_800)
    days = [ms / DAY for ms in (limits.rejected_ms, limits.retention_ms, limits.key_ms)]
    assert days == [30, 90, 400]
