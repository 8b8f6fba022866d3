"""The claim directly before its confirmation, and what must still hold when the body is about to leave (design, 3)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import During
from tests.unit.domain.builders import SECOND, canceled
from tests.unit.usecases.world import BEARER, TimedWorld, World, event, order_id
from worker.domain.events import Event
from worker.domain.facts import Carrier
from worker.domain.order import Claim, Order, Status
from worker.ports import Change, CloseKey, Drain, Lease
from worker.usecases.store_trouble import Rest


def test_an_order_is_claimed_directly_before_its_own_confirmation(world: World) -> None:
    """While two calls are on their way, the orders of the third are not claimed yet."""
    world.tuning = replace(world.tuning, batch=1)
    world.ready("1", "2", "3")
    seen: list[list[Status]] = []
    world.skyhub.during[During.SENT].append(lambda: seen.append(sorted(world.statuses("1", "2", "3"))))
    world.pickups()
    assert seen == [[Status.DUE, Status.REQUESTING, Status.REQUESTING]]
    assert sorted(world.skyhub.sent) == [("1",), ("2",), ("3",)]


def test_a_claim_holds_the_code_as_the_lists_spell_it_and_its_idempotency_key(timed: TimedWorld) -> None:
    """The key is taken before the body leaves, with the token that will settle the order."""
    timed.ready("1")
    seen: list[tuple[Order, str]] = []
    timed.skyhub.during[During.CONNECTED].append(
        lambda: seen.append((timed.order("1"), timed.plain.kept.keys["1", 1].token))
    )
    timed.pickups()
    ((order, token),) = seen
    assert order.claim == Claim("claim-1", 1)
    assert (order.remote_code, order.code_frozen, token) == ("1", True, "claim-1")


@pytest.mark.parametrize(
    ("news", "becomes"),
    [
        (canceled(order_id=order_id("1")), Status.CANCELED),
        (event("1", ordered={"a": 2}), Status.WAITING),
        (event("1", carrier=Carrier.CORREIOS, at=2_000_000_000_000), Status.SKIPPED),
    ],
)
@pytest.mark.parametrize("when", ["while the lists are read", "as the claim is saved"])
def test_news_that_come_before_the_claim_stop_it(timed: TimedWorld, news: Event, becomes: Status, when: str) -> None:
    """What was decided from an older version is never sent: canceled, no longer complete, or not Direct."""
    timed.ready("1")
    happens = timed.skyhub.during[During.PAGE] if when == "while the lists are read" else timed.raced.faster
    happens.append(lambda: timed.hear(news))
    timed.pickups()
    assert timed.skyhub.sent == []
    assert timed.statuses("1") == [becomes]


@pytest.mark.parametrize(("claim_seconds", "slow"), [(45, 11), (25, 6)])
def test_nothing_is_sent_when_a_lease_could_end_before_the_call(
    timed: TimedWorld, claim_seconds: int, slow: int
) -> None:
    """Checked as the last act: a slow rate limit or connect leaves the drain's lease, or the claim's, too short."""
    timed.policy = replace(timed.policy, claim_ms=claim_seconds * SECOND)
    timed.ready("1")
    timed.skyhub.during[During.CONNECTED].append(lambda: timed.advance(slow))
    done = timed.pickups()
    assert timed.skyhub.sent == []
    order = timed.order("1")
    assert (order.status, order.uncertain, order.attempts, order.failures) == (Status.DUE, False, 0, 0)
    assert order.at.ms - timed.now() == SECOND
    assert (done.rest, done.drains) == (Rest(BEARER, SECOND), set())
    timed.advance(1)
    timed.pickups()
    assert timed.requests("1") == [1]


def test_orders_left_by_a_lease_that_was_too_short_wait_for_the_rest_to_end(timed: TimedWorld) -> None:
    """The round ends, for its lease is old, and the drain rests: leases that are always too short make no hot loop."""
    timed.tuning = replace(timed.tuning, batch=1)
    timed.ready("1", "2")
    timed.skyhub.during[During.CONNECTED].append(lambda: timed.advance(11))
    done = timed.pickups()
    assert (done.drains, done.rest) == (set(), Rest(BEARER, SECOND))
    assert timed.skyhub.sent == []


def test_a_drain_that_lost_its_lease_claims_nothing(timed: TimedWorld) -> None:
    """Whoever slept while another took the drain over leaves everything to it."""
    timed.ready("1")
    taken: list[Lease | None] = []

    def sleep() -> None:
        timed.advance(31)
        taken.append(timed.plain.lease(Drain.PICKUPS))

    timed.skyhub.during[During.PAGE].append(sleep)
    done = timed.pickups()
    assert taken != [None]
    assert (timed.skyhub.sent, done.drains) == ([], set())
    assert timed.order("1").claim is None


@pytest.mark.parametrize("what", ["the lease", "the pause", "the server"])
def test_a_claim_is_fenced(timed: TimedWorld, what: str) -> None:
    """The lease lost, the store paused or the server changed between the check and the claim: nothing is sent."""
    timed.ready("1")
    happens: dict[str, Callable[[], object]] = {
        "the lease": timed.plain.kept.leases.clear,
        "the pause": timed.pause,
        "the server": lambda: setattr(timed.fleet, "server_id", "second"),
    }
    # The empty last page is read, the lease prolonged for the claim, and then the token is drawn.
    timed.before_claim = happens[what]
    done = timed.pickups()
    assert timed.skyhub.sent == []
    assert (timed.order("1").status, timed.order("1").attempts) == (Status.DUE, 0)
    assert (done.drains, done.rest) == (set(), None)


def test_a_pickup_that_another_order_asked_for_is_skipped(world: World) -> None:
    """Two ids that lead to one remote code are one pickup: the first takes the key, the other says whose it is."""
    world.ready("1")
    world.due("2")
    stored = world.ledger.load([order_id("2")])[0][order_id("2")]
    world.ledger.save([Change(order=replace(stored.order, remote_code="1"), version=stored.version)])
    world.pickups()
    assert world.skyhub.sent == [("1",)]
    assert sorted(world.statuses("1", "2")) == [Status.REQUESTED, Status.SKIPPED]
    skipped = next(order for order in (world.order("1"), world.order("2")) if order.status is Status.SKIPPED)
    assert skipped.reason.startswith("same_pickup: same pickup as BWW-Lojas_Americanas-")


def test_a_pickup_found_under_another_orders_key_is_skipped(timed: TimedWorld) -> None:
    """Also when it is the lists that show it."""
    timed.ready("1")
    timed.pickups()
    timed.due("2")
    stored = timed.plain.load([order_id("2")])[0][order_id("2")]
    doubtful = replace(stored.order, remote_code="1", uncertain=True)
    timed.plain.save([Change(order=doubtful, version=stored.version)])
    timed.pickups()
    assert timed.order("2").reason == f"same_pickup: same pickup as {order_id('1')}"
    assert timed.requests("1") == [1]


def test_a_pickup_whose_key_is_closed_is_requested_without_a_call(world: World) -> None:
    """The key outlives the document: an order that comes back is not requested a second time."""
    world.ready("1")
    stored = world.ledger.load([order_id("1")])[0][order_id("1")]
    world.ledger.save([Change(order=stored.order, version=stored.version, key=CloseKey("1", 1))])
    world.pickups()
    assert world.skyhub.sent == []
    assert world.order("1").status is Status.REQUESTED
    assert "idempotency key" in world.order("1").reason


def test_an_order_that_comes_back_after_its_document_expired_is_not_requested_again(timed: TimedWorld) -> None:
    """Ninety days later the events are heard again and SkyHub lists it again: the key knows."""
    timed.ready("1")
    timed.pickups()
    timed.advance(91 * 86_400)
    timed.skyhub.undo("1")
    timed.due("1")
    assert timed.statuses("1") == [Status.DUE]
    timed.pickups()
    assert timed.statuses("1") == [Status.REQUESTED]
    assert timed.requests("1") == [1]
