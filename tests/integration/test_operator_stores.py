"""Requesting again, pausing and resending, by their effect at the simulated SkyHub, while a worker and beat run.

All in the store that may be held up; the other one shows that work goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from tests.fixtures.customer_data import FIELDS, spoken_of
from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.domain.order import Attention, Status
from worker.sandbox.faults import Fault
from worker.sandbox.skyhub.orders import OrderChange

_AT_ONCE = 2
_WHY = ("--reason", "label list ungrouped")


def _requested(staffed: RunningService, count: int = 1) -> list[Sale]:
    """Let orders be requested, so long ago that SkyHub's lists tell."""
    sold = staffed.sold("brava", count)
    staffed.invoice(sold)
    staffed.await_status(sold, Status.REQUESTED)
    settled = 1000 * float(SHORT["SETTLING_SECONDS"])
    staffed.until(lambda: min(_age_ms(staffed, sale) for sale in sold) > settled, "SkyHub's lists have settled")
    return sold


def _age_ms(staffed: RunningService, sale: Sale) -> int:
    return staffed.ledger(sale.store).now() - (staffed.recorded(sale).requested_at or 0)


def _ungroup(staffed: RunningService, sale: Sale) -> None:
    """Undo the pickup at SkyHub, and allow another one."""
    staffed.sandbox.change([sale.code], OrderChange(requested=False, allowed=2))


@contextmanager
def _paused(staffed: RunningService, store: str) -> Iterator[None]:
    assert staffed.coleta("stores", "pause", store, "--reason", "inventory").returncode == 0
    try:
        yield
    finally:
        assert staffed.coleta("stores", "resume", store).returncode == 0


def test_a_pickup_that_was_undone_is_requested_again_once(staffed: RunningService) -> None:
    """A second accepted confirmation, however many ask for it."""
    (sale,) = _requested(staffed)
    _ungroup(staffed, sale)

    both = staffed.coleta_at_once(_AT_ONCE, "order", "request-again", "brava", sale.order_id, *_WHY)
    staffed.until(lambda: staffed.accepted([sale]) == [2], "it is requested again")
    staffed.await_status([sale], Status.REQUESTED)
    again = staffed.coleta("order", "request-again", "brava", sale.order_id, *_WHY)

    assert sorted(done.returncode for done in both) == [0, 1], [done.stderr for done in both]
    assert again.returncode == 1
    staffed.another_goes_through("brava")
    assert (staffed.accepted([sale]), staffed.violations([sale])) == ([2], {})


def test_all_that_skyhub_lists_again_are_requested_again(staffed: RunningService) -> None:
    """The service flags them by itself; nobody need name them."""
    *undone, left = _requested(staffed, 3)
    for sale in undone:
        _ungroup(staffed, sale)
    staffed.another_goes_through("brava")  # whoever reads the list notices

    def flagged(sale: Sale) -> bool:
        return Attention.LISTED_AFTER_REQUEST in staffed.recorded(sale).flags

    staffed.until(lambda: all(map(flagged, undone)), "they are flagged")
    done = staffed.coleta("order", "request-again", "brava", "--all", *_WHY, "--yes")
    staffed.until(lambda: staffed.accepted(undone) == [2, 2], "both are requested again")

    assert (done.returncode, done.stdout) == (0, "requested again 2\n")
    staffed.await_status(undone, Status.REQUESTED)
    assert staffed.accepted([left]) == [1]
    assert staffed.violations([*undone, left]) == {}


def test_what_skyhub_does_not_list_is_not_requested_again(staffed: RunningService) -> None:
    """Its pickup stands."""
    (sale,) = _requested(staffed)

    done = staffed.coleta("order", "request-again", "brava", sale.order_id, *_WHY)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"SkyHub does not list {sale.order_id} as not requested; nothing to request again" in done.stderr


def test_what_was_requested_a_moment_ago_is_not_requested_again(staffed: RunningService) -> None:
    """SkyHub's lists may not show it yet; it says how long to wait, and that is all it takes."""
    (sale,) = _requested(staffed)
    _ungroup(staffed, sale)

    done = staffed.coleta("order", "request-again", "brava", sale.order_id, *_WHY, COLETA_SETTLING_SECONDS="60")

    assert done.returncode == 1
    assert "was requested a moment ago; SkyHub's lists can tell in " in done.stderr
    assert staffed.accepted([sale]) == [1]
    assert staffed.coleta("order", "request-again", "brava", sale.order_id, *_WHY).returncode == 0
    staffed.until(lambda: staffed.accepted([sale]) == [2], "it is requested again")


def test_nothing_is_requested_again_while_the_store_is_paused_or_skyhub_is_down(staffed: RunningService) -> None:
    """It says which, and what to do; afterwards it goes through."""
    (sale,) = _requested(staffed)
    _ungroup(staffed, sale)

    with _paused(staffed, "brava"):
        paused = staffed.coleta("order", "request-again", "brava", sale.order_id, *_WHY)
    outage = staffed.sandbox.fault(Fault(call="collectables", account=account("brava"), times=None, status=503))
    down = staffed.coleta("order", "request-again", "brava", sale.order_id, *_WHY)
    staffed.sandbox.clear_faults(outage)

    assert (paused.returncode, down.returncode) == (1, 1)
    assert "the SkyHub calls of store brava are paused (inventory); resume it first" in paused.stderr
    assert "SkyHub's list could not be read" in down.stderr
    assert "try again later" in down.stderr
    assert staffed.accepted([sale]) == [1]
    assert staffed.coleta("order", "request-again", "brava", sale.order_id, *_WHY).returncode == 0
    staffed.until(lambda: staffed.accepted([sale]) == [2], "it is requested again")


def test_a_paused_store_calls_nobody_and_records_everything(staffed: RunningService) -> None:
    """Others go on; resuming it requests at once what became due."""
    both = staffed.coleta_at_once(_AT_ONCE, "stores", "pause", "brava", "--reason", "inventory")
    assert sorted("paused already" in done.stdout for done in both) == [False, True]
    staffed.another_goes_through("acme")  # whoever was at brava's has noticed by now
    before = staffed.sandbox.report(account("brava")).calls

    sold = staffed.sold("brava", 3)
    staffed.invoice(sold)
    staffed.await_status(sold, Status.DUE)
    for _ in range(3):
        staffed.another_goes_through("acme")
    assert staffed.sandbox.report(account("brava")).calls == before
    assert staffed.accepted(sold) == [0, 0, 0]

    both = staffed.coleta_at_once(_AT_ONCE, "stores", "resume", "brava")

    assert sorted("is not paused" in done.stdout for done in both) == [False, True]
    staffed.await_status(sold, Status.REQUESTED)
    assert (staffed.accepted(sold), staffed.violations(sold)) == ([1, 1, 1], {})


def test_an_event_that_was_rejected_is_resent_and_its_pickup_requested(staffed: RunningService) -> None:
    """Its document could not be read, and was mended; twice at once, it counts once. A customer's data is not kept."""
    (sale,) = sold = staffed.sold("brava")
    key = f"coleta:{{brava}}:order:{sale.order_id}"
    with Redis.from_url(staffed.redis.url) as redis:
        redis.set(key, "1 a-write - waiting 0 - - not-a-document")
        for event in sale.events:
            staffed.app.send_task("coleta.order_invoiced", args=[{**event, "customer": FIELDS}], queue="inbox")
        staffed.until(lambda: len(staffed.ledger("brava").rejected(10)) == 2, "the events are kept")
        redis.delete(key)
    assert spoken_of([kept.body for kept in staffed.ledger("brava").rejected(10)]) == []
    staffed.sandbox.complete([sale.code])

    both = staffed.coleta_at_once(_AT_ONCE, "rejected", "resend", "--store", "brava", "--yes")
    staffed.await_status(sold, Status.REQUESTED)

    assert {done.returncode for done in both} == {0}, [done.stderr for done in both]
    assert staffed.ledger("brava").rejected(10) == []
    assert len(staffed.recorded(sale).invoices) == 2
    staffed.another_goes_through("brava")
    assert (staffed.accepted(sold), staffed.violations(sold)) == ([1], {})
