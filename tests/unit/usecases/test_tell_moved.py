"""Orders that a decision moved, in few log lines."""

from structlog.testing import capture_logs

from tests.unit.usecases.world import TimedWorld, order_id
from worker.domain.order import Status
from worker.telemetry import Log


def test_orders_that_are_put_off_are_named_together(timed: TimedWorld) -> None:
    """With the reason that they share; nobody has to ask the ledger why nothing was sent."""
    timed.due("1", "2")
    with capture_logs() as logs:
        timed.pickups()

    (line,) = (each for each in logs if each["event"] == Log.ORDERS_MOVED)
    assert (line["status"], line["reason"].partition(":")[0]) == (Status.DUE, "not collectable yet")
    assert sorted(line["order_ids"]) == [order_id("1"), order_id("2")]


def test_an_order_that_the_lists_show_as_requested_is_told(timed: TimedWorld) -> None:
    """It is the end of its story, without a confirmation of ours."""
    timed.due("1")
    timed.skyhub.label("1")
    timed.skyhub.take("1")
    with capture_logs() as logs:
        for _ in range(4):
            timed.pickups()
            timed.clock.advance(3_600_000)

    told = [each["status"] for each in logs if each["event"] == Log.ORDERS_MOVED]
    assert told[-1] == Status.REQUESTED
