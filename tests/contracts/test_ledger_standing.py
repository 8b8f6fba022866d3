from dataclasses import replace

from tests.contracts.worlds import RedisWorld, World
from worker.ports import Backoff, Drain, Ledger, Pause, Scan


def paused(ledger: Ledger) -> Pause:
    """Return the store's pause as it stands."""
    return ledger.standing(Drain.PICKUPS).pause


def pass_time(world: World, ledger: Ledger, ms: int = 3) -> None:
    """Let some of the server's time pass."""
    until = ledger.now() + ms
    world.eventually(lambda: ledger.now() >= until)


def test_a_new_store_stands_untroubled(ledger: Ledger) -> None:
    """No pause, no rest, no other server, and the server's time."""
    before = ledger.now()
    standing = ledger.standing(Drain.PICKUPS)
    assert before <= standing.now <= ledger.now()
    assert (standing.changed_at, standing.doubted) == (0, True)
    assert (standing.pause, standing.backoff) == (Pause(), Backoff())


def test_a_pause_is_stamped_by_the_servers_clock(ledger: Ledger) -> None:
    """It says since when, by whom and why, and when to probe."""
    before = ledger.now()
    assert ledger.pause(Pause(), "service", "401", 60_000, 1)
    after = ledger.now()
    pause = paused(ledger)
    assert pause == Pause(
        active=True, by="service", reason="401", since=pause.since, probe_at=pause.since + 60_000, growth=1
    )
    assert before <= pause.since <= after


def test_a_pause_that_goes_on_keeps_its_beginning(world: World) -> None:
    """A probe that failed moves the next probe, not the start."""
    ledger = world.ledger()
    ledger.pause(Pause(), "service", "401", 1, 1)
    first = paused(ledger)
    pass_time(world, ledger)
    assert ledger.pause(first, "service", "403", 5, 2)
    second = paused(ledger)
    assert (second.since, second.reason, second.growth) == (first.since, "403", 2)
    assert second.probe_at > first.probe_at


def test_a_pause_over_another_pause_is_refused(ledger: Ledger) -> None:
    """Two that read an unpaused store: the second must look again, the first one's word stays."""
    assert ledger.pause(Pause(), "operator", "holidays", 0, 0)
    assert not ledger.pause(Pause(), "service", "401", 60_000, 1)
    assert (paused(ledger).by, paused(ledger).reason) == ("operator", "holidays")


def test_a_pause_that_ended_meanwhile_is_not_prolonged(world: World) -> None:
    """A probe that failed does not stop a store that an operator has just resumed."""
    ledger = world.ledger()
    ledger.pause(Pause(), "service", "401", 1, 1)
    before = paused(ledger)
    pass_time(world, ledger)
    assert ledger.resume(before, growth=0)
    assert not ledger.pause(before, "service", "401", 1, 2)
    assert not paused(ledger).active


def test_a_pause_that_an_operator_took_over_is_not_ended_by_a_probe(world: World) -> None:
    """An operator's pause ends by an operator, although it goes on from an automatic one."""
    ledger = world.ledger()
    ledger.pause(Pause(), "service", "401", 1, 1)
    before = paused(ledger)
    pass_time(world, ledger)
    assert ledger.pause(before, "operator", "we look into it", 0, 1)
    assert not ledger.resume(before, growth=1)
    assert (paused(ledger).active, paused(ledger).by) == (True, "operator")


def test_ended_pauses_are_summed(world: World) -> None:
    """Times in which a store could not ask are known, each pause once."""
    ledger = world.ledger()
    total = 0
    for _ in range(2):
        ledger.pause(paused(ledger), "service", "401", 1, 3)
        pass_time(world, ledger, 10)
        before = paused(ledger)
        assert ledger.resume(before, growth=2)
        assert not ledger.resume(before, growth=2)
        ended = paused(ledger)
        assert ledger.now() - before.since >= ended.total_ms - total >= 10
        assert (ended.active, ended.growth) == (False, 2)
        total = ended.total_ms


def test_the_growth_is_reset_without_a_pause(ledger: Ledger) -> None:
    """A confirmation that succeeded forgets how often the store was in trouble; the sum of pauses stays."""
    ledger.pause(Pause(), "service", "401", 1, 3)
    ledger.resume(paused(ledger), growth=3)
    before = paused(ledger)
    assert ledger.resume(before, growth=0)
    assert paused(ledger) == replace(before, growth=0)


def test_a_reason_is_kept_as_it_was_given(ledger: Ledger) -> None:
    """Whatever it begins with: words are never read as a time."""
    assert ledger.pause(Pause(), "+55 11", "+5", 0, 0)
    assert (paused(ledger).by, paused(ledger).reason) == ("+55 11", "+5")


def test_a_drain_rests_for_its_bearer_to_come_back(ledger: Ledger) -> None:
    """The rest is one drain's, stamped by the server's clock, and says who may end it."""
    before = ledger.now()
    ledger.back_off(Drain.PICKUPS, "token", 2, 60_000, "down")
    after = ledger.now()
    backoff = ledger.standing(Drain.PICKUPS).backoff
    assert (backoff.token, backoff.tries) == ("token", 2)
    assert before <= backoff.until - 60_000 <= after
    assert ledger.standing(Drain.LEARN).backoff == Backoff()
    ledger.back_off(Drain.PICKUPS, "other", 3, 1, "down")
    assert ledger.standing(Drain.PICKUPS).backoff.token == "other"
    ledger.clear_backoff(Drain.PICKUPS)
    assert ledger.standing(Drain.PICKUPS).backoff == Backoff()


def test_a_half_read_list_is_kept_for_the_next_round(ledger: Ledger) -> None:
    """The reading of `requested=true` goes on where it stopped, or is forgotten."""
    assert ledger.scan() is None
    scan = Scan(1_700_000_000_000, 7, whole=True, codes=frozenset({"1", "2-01"}))
    ledger.save_scan(scan)
    assert ledger.scan() == scan
    ledger.save_scan(None)
    assert ledger.scan() is None


def test_a_half_read_list_grows_stale(redis_world: RedisWorld) -> None:
    """What was read an hour ago says nothing of now."""
    redis_world.ledger().save_scan(Scan(1))
    assert 0 < redis_world.raw.pttl(redis_world.keys("scan")) <= 3_600_000
