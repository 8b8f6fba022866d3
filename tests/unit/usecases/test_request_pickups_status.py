"""Orders that neither list shows for half an hour: their status at SkyHub decides (design, 2)."""

import pytest

from tests.fakes.fake_skyhub import TAKEN_BUT_UNCLEAR, During
from tests.unit.domain.builders import MINUTE
from tests.unit.usecases.world import TimedWorld, at_skyhub, skyhub_code
from worker.domain.facts import Carrier, SkyHubStatus
from worker.domain.order import Status
from worker.ports import Drain, PermanentError, TransientError

DOWN = TransientError("SkyHub answered 500")
REFUSED = PermanentError("SkyHub answered 400")


def absent_for_half_an_hour(timed: TimedWorld, *codes: str) -> None:
    """Look for orders that no list shows until their next look asks for their status."""
    timed.due(*codes)
    for _ in range(5):
        timed.pickups()
        timed.advance((timed.order(codes[0]).at.ms - timed.now()) / 1000)


def asked(timed: TimedWorld) -> list[str]:
    """Return the orders whose status was asked for."""
    return [what for what in timed.skyhub.read if what.startswith("Lojas")]


@pytest.mark.parametrize(
    ("status", "becomes", "reason"),
    [
        (SkyHubStatus.SHIPPED, Status.REQUESTED, "SkyHub says it is shipped"),
        (SkyHubStatus.DELIVERED, Status.REQUESTED, "SkyHub says it is delivered"),
        (SkyHubStatus.CANCELED, Status.CANCELED, "SkyHub says it is canceled"),
        (SkyHubStatus.INVOICED, Status.DUE, "not collectable yet"),
        (SkyHubStatus.UNKNOWN, Status.DUE, "not collectable yet"),
        (None, Status.DUE, "not collectable yet"),
    ],
)
def test_the_status_of_an_order_that_is_absent_for_long_decides(
    timed: TimedWorld, status: SkyHubStatus | None, becomes: Status, reason: str
) -> None:
    """Gone or canceled is the end; everything else, also an order that SkyHub does not know, waits on."""
    if status is not None:
        timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1", status=status)
    absent_for_half_an_hour(timed, "1")
    assert asked(timed) == []
    timed.pickups()
    assert asked(timed) == [skyhub_code("1")]
    order = timed.order("1")
    assert order.status is becomes
    assert order.reason.startswith(reason)
    assert timed.skyhub.sent == []


def test_an_absent_order_that_ships_by_correios_after_all_is_skipped(timed: TimedWorld) -> None:
    """What SkyHub says of the carrier is taken on the way."""
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1", Carrier.CORREIOS)
    absent_for_half_an_hour(timed, "1")
    timed.pickups()
    assert timed.statuses("1") == [Status.SKIPPED]


def test_an_uncertain_order_that_no_list_shows_keeps_its_doubt(timed: TimedWorld) -> None:
    """SkyHub's word that an order is invoiced does not say that it was not requested."""
    timed.ready("1")
    timed.skyhub.script.append(TAKEN_BUT_UNCLEAR)
    timed.pickups()
    del timed.skyhub.deliveries["1"]
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1")
    timed.sweeps(2 * 60 * 60)
    assert asked(timed) != []
    assert (timed.order("1").status, timed.order("1").uncertain) == (Status.DUE, True)


@pytest.mark.parametrize("fault", [DOWN, REFUSED])
def test_an_order_that_skyhub_cannot_tell_about_keeps_no_other_waiting(
    timed: TimedWorld, fault: TransientError | PermanentError
) -> None:
    """Statuses are asked for after the confirmations, and who breaks the call is put off behind the others."""
    timed.skyhub.faults[skyhub_code("1")] = fault
    timed.skyhub.orders[skyhub_code("2")] = at_skyhub("2", status=SkyHubStatus.SHIPPED)
    absent_for_half_an_hour(timed, "1", "2")
    timed.ready("3")
    timed.pickups()
    assert timed.statuses("1", "2", "3") == [Status.DUE, Status.DUE, Status.REQUESTED]
    assert timed.order("1").at.ms - timed.now() == 30 * MINUTE
    timed.sweeps(120)
    assert timed.statuses("2") == [Status.REQUESTED]
    assert asked(timed) == [skyhub_code("1"), skyhub_code("2")]


def test_many_absent_orders_outlast_no_lease(timed: TimedWorld) -> None:
    """SkyHub tells one order a second: some are asked for a round, the lease is prolonged before each, none is lost."""
    codes = [str(number) for number in range(60)]
    absent_for_half_an_hour(timed, *codes)
    others: list[object] = []

    def takes_a_second() -> None:
        timed.advance(1)
        others.append(timed.plain.lease(Drain.PICKUPS))

    timed.skyhub.during[During.ORDER].extend([takes_a_second] * 60)
    timed.pickups()
    assert len(asked(timed)) == 10
    assert others == [None] * 10
    assert {timed.order(code).status for code in codes} == {Status.DUE}
    assert all(timed.order(code).at.ms > timed.now() for code in codes)


def test_a_process_that_ends_asks_for_no_more_statuses(timed: TimedWorld) -> None:
    """It stops between two calls; what it leaves is due still."""
    absent_for_half_an_hour(timed, "1", "2", "3")
    stopped: list[bool] = []
    timed.skyhub.during[During.ORDER].append(lambda: stopped.append(True))
    assert timed.pickups(stop=lambda: bool(stopped)).drains == {Drain.PICKUPS}
    assert asked(timed) == [skyhub_code("1")]
