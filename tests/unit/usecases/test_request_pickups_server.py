"""Another Redis server answers: a quarantine, then doubt, then the lists (design, 6)."""

from contextlib import suppress
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.fakes.fake_skyhub import ROWS, UNCLEAR_WITHOUT_EFFECT, During
from tests.unit.domain.builders import DAY, NOW, SECOND, an_invoice, canceled
from tests.unit.usecases.world import KilledError, TimedWorld, after, die, event, order_id, pages
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.ports import Drain
from worker.telemetry import Log

QUARANTINE = 45 + 60


def change_server(timed: TimedWorld) -> None:
    """Let another server answer from now on."""
    timed.fleet.server_id = "second"


def forget(timed: TimedWorld, code: str) -> None:
    """Let the next server answer with the order and the reading as they are now, whatever happens until then."""
    kept = timed.plain.kept.documents[order_id(code)]
    keys, scan = dict(timed.plain.kept.keys), timed.plain.kept.scan

    def restore() -> None:
        change_server(timed)
        timed.plain.kept.documents[order_id(code)] = kept
        timed.plain.kept.keys = keys
        timed.plain.kept.scan = scan
        timed.plain.kept.leases.clear()

    timed.skyhub.during[During.DONE].append(restore)


def test_nothing_is_confirmed_in_quarantine(timed: TimedWorld) -> None:
    """For the claim's lease and the settling delay nothing is read or sent, nor asked for again at once."""
    timed.pickups()
    timed.ready("1")
    change_server(timed)
    for seconds in (0, QUARANTINE - 1):
        timed.advance(seconds)
        assert not timed.pickups().drains
    assert (timed.skyhub.read, timed.skyhub.sent) == ([], [])
    assert not timed.order("1").uncertain


def test_a_change_of_server_is_logged_once_with_the_end_of_the_wait(timed: TimedWorld) -> None:
    """Not by each round that meets it; the next change is another one."""
    timed.pickups()
    timed.advance(977)  # no other test's change is at this moment
    with capture_logs() as logs:
        for server in ("second", "third"):
            timed.fleet.server_id = server
            for seconds in (0, 10, QUARANTINE - 11):
                timed.advance(seconds)
                timed.pickups()

    told = [line for line in logs if line["event"] == Log.SERVER_CHANGED]
    assert [line["held_until"][:10] for line in told] == ["2027-01-15"] * 2
    assert told[0]["held_until"] < told[1]["held_until"]


def test_news_are_recorded_in_quarantine(timed: TimedWorld) -> None:
    """Doors and inbox go on at once."""
    timed.pickups()
    change_server(timed)
    timed.due("1")
    assert timed.statuses("1") == [Status.DUE]
    timed.plain.append([canceled(order_id=order_id("1"))])
    timed.drain()
    assert timed.statuses("1") == [Status.CANCELED]


def test_past_the_quarantine_due_orders_are_doubted_and_the_lists_decide(timed: TimedWorld) -> None:
    """What the old server had requested and the new one forgot is found; the rest goes out, once."""
    timed.pickups()
    timed.ready("1", "2")
    timed.skyhub.take("1")
    change_server(timed)
    timed.pickups()
    timed.advance(QUARANTINE)
    timed.pickups()
    assert pages(timed, "true") == ["1", "2"]
    assert timed.statuses("1", "2") == [Status.REQUESTED] * 2
    assert "order.doubted" in {entry.event for entry in timed.order("2").history}
    assert timed.requests("1", "2") == [1, 1]


@pytest.mark.parametrize("lag", [0, 59])
def test_a_request_that_the_server_forgot_is_not_sent_again(timed: TimedWorld, lag: int) -> None:
    """The claim and its key were lost with the old server, while the call took effect."""
    timed.skyhub.lag_ms = lag * SECOND
    timed.pickups()
    timed.ready("1")
    timed.advance(lag)
    forget(timed, "1")
    timed.pickups()
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.DUE], [1])
    timed.sweeps(600)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.REQUESTED], [1])


def test_a_request_that_the_server_forgot_is_not_sent_again_after_a_smaller_invoice(timed: TimedWorld) -> None:
    """It waited while the due orders were doubted; once it is complete again, the lists are asked all the same."""
    timed.skyhub.sticky = True
    timed.pickups()
    timed.due("another, that has the due ones doubted")
    timed.hear(event("1", an_invoice(items={"a": 2}), ordered={"a": 2}))
    timed.skyhub.label("1")
    forget(timed, "1")
    timed.pickups()
    timed.hear(event("1", an_invoice(dated_at=NOW + 1), at=NOW + 1))
    timed.sweeps(2 * QUARANTINE)
    assert (timed.statuses("1"), timed.order("1").uncertain) == ([Status.WAITING], False)
    timed.hear(event("1", an_invoice("2")))
    timed.sweeps(600)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.REQUESTED], [1])


def test_a_request_that_the_server_forgot_with_its_order_is_not_sent_again(timed: TimedWorld) -> None:
    """The order is known anew only after the due ones were doubted: by a late event, or by reconcile."""
    timed.skyhub.sticky = True
    timed.pickups()
    timed.due("another, that has the due ones doubted")
    timed.ready("1")
    forget(timed, "1")
    timed.pickups()
    del timed.plain.kept.documents[order_id("1")]
    timed.sweeps(2 * QUARANTINE)
    timed.due("1")
    timed.sweeps(600)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.REQUESTED], [1])


def test_a_request_that_the_server_forgot_with_its_becoming_due_is_not_sent_again_days_later(timed: TimedWorld) -> None:
    """What stayed says that the order waits for its carrier; nothing in it tells that it was claimed."""
    timed.skyhub.sticky = True
    timed.pickups()
    timed.due("2")  # it has the due ones doubted
    timed.hear(event("1", carrier=Carrier.UNKNOWN))
    timed.skyhub.label("1")
    forget(timed, "1")
    timed.hear(event("1", carrier=Carrier.DIRECT, at=NOW + 1))
    timed.pickups()
    timed.sweeps(2 * QUARANTINE)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.WAITING], [1])
    timed.skyhub.label("2")
    timed.advance(DAY / SECOND)
    timed.sweeps(QUARANTINE)
    assert timed.statuses("2") == [Status.REQUESTED]  # else it would have `requested=true` read for its own sake
    timed.hear(event("1", carrier=Carrier.DIRECT, at=NOW + 1))
    timed.sweeps(600)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.REQUESTED], [1])


def test_a_reading_of_the_requested_ones_from_before_the_change_is_begun_anew(timed: TimedWorld) -> None:
    """Its pages were read before the request that the new server forgot could show on them."""
    timed.tuning = replace(timed.tuning, requested_pages=1)
    timed.skyhub.sticky = True
    panel = [f"9{number}" for number in range(ROWS)]
    timed.ready("1")
    timed.skyhub.label(*panel)
    timed.skyhub.take(*panel)
    timed.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT)
    timed.pickups()
    timed.advance(70)
    timed.pickups(late=after(1))
    forget(timed, "1")
    timed.pickups(late=after(1))
    assert (pages(timed, "true"), timed.requests("1")) == (["1", "2"], [1])
    assert (timed.order("1").uncertain, timed.ledger.scan() is not None) == (True, True)
    timed.sweeps(600)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.REQUESTED], [1])


def test_a_server_that_changes_during_a_round_is_noticed_by_the_claim(timed: TimedWorld) -> None:
    """The guarded save compares the server itself: a round that began before sends nothing."""
    timed.ready("1")
    timed.skyhub.during[During.PAGE].append(lambda: change_server(timed))
    assert not timed.pickups().drains
    assert timed.skyhub.sent == []
    timed.advance(QUARANTINE)
    timed.pickups()
    assert timed.skyhub.sent == []
    timed.advance(QUARANTINE)
    timed.pickups()
    assert timed.requests("1") == [1]


def test_another_drain_that_notices_the_change_first_shortens_nothing(timed: TimedWorld) -> None:
    """The quarantine is the store's: begun when any drain looked, doubted by the pickups."""
    timed.pickups()
    timed.ready("1")
    change_server(timed)
    timed.learn()
    assert timed.plain.standing(Drain.PICKUPS).changed_at == timed.now()
    timed.advance(QUARANTINE - 1)
    timed.pickups()
    assert timed.skyhub.read == []
    timed.advance(1)
    timed.pickups()
    assert pages(timed, "true") == ["1"]
    assert timed.requests("1") == [1]


def test_a_server_that_changes_again_is_doubted_again(timed: TimedWorld) -> None:
    """Each change has its own quarantine and its own doubt."""
    timed.pickups()
    for number, server in enumerate(("second", "third"), 1):
        timed.ready(str(number))
        timed.fleet.server_id = server
        timed.sweeps(QUARANTINE - 10)
        assert len(timed.skyhub.sent) == number - 1
        timed.sweeps(60)
        assert len(timed.skyhub.sent) == number


@pytest.mark.parametrize("writers", [1, 5])
def test_an_order_that_others_write_while_it_is_doubted_is_doubted_all_the_same(
    timed: TimedWorld, writers: int
) -> None:
    """All due orders, however busy the inbox is: one that slipped through would be sent without a look."""
    timed.pickups()
    timed.ready("1")
    change_server(timed)
    timed.pickups()
    timed.advance(QUARANTINE)
    timed.raced.faster.extend([lambda: timed.touch("1")] * writers)
    timed.pickups()
    events = [entry.event for entry in timed.order("1").history]
    assert events.index("order.doubted") == events.index("somebody.looked") + writers
    assert pages(timed, "true") == ["1"]


def test_more_due_orders_than_fit_one_reading_are_all_doubted(timed: TimedWorld) -> None:
    """Also where an order leaves the index while it is being read."""
    codes = [str(number) for number in range(1000, 1600)]
    timed.pickups()
    timed.due(*codes)
    change_server(timed)
    timed.pickups()
    timed.advance(QUARANTINE)
    timed.raced.faster.append(lambda: timed.hear(canceled(order_id=order_id("1000"))))
    timed.pickups()
    doubted = [code for code in codes[1:] if "order.doubted" in {entry.event for entry in timed.order(code).history}]
    assert doubted == codes[1:]


def test_a_claim_that_the_change_left_behind_is_taken_back_in_doubt(timed: TimedWorld) -> None:
    """What was on its way when the server changed is settled by the lists as every lost claim is."""
    timed.ready("1")
    timed.skyhub.during[During.DONE].append(die)
    with suppress(KilledError):
        timed.pickups()
    change_server(timed)
    timed.sweeps(600)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.REQUESTED], [1])
