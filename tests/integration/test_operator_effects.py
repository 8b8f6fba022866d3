"""What an operator types, by its effect at the simulated SkyHub, while a worker and beat run."""

from tests.fixtures.deployment import account
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, sales
from worker.domain.order import Status
from worker.sandbox.skyhub.orders import OrderChange

_AT_ONCE = 2
_WHY = ("--reason", "the customer waits")


def _wishes(staffed: RunningService, sale: Sale) -> list[str]:
    """Return what operators did to an order, as its history tells it."""
    return [entry.event for entry in staffed.recorded(sale).history if entry.event.startswith("operator.")]


def _nothing_expected(staffed: RunningService, sale: Sale) -> None:
    """Tell the sandbox that no pickup of this order is wanted any more."""
    staffed.sandbox.change([sale.code], OrderChange(expect="none"))


def test_a_released_order_is_requested_before_its_last_invoice(staffed: RunningService) -> None:
    """The operator knows that nothing else comes; twice at once and once more it is one request."""
    (sale,) = sold = staffed.sold("acme")
    staffed.hand_in([sale.event(0)])
    staffed.await_status(sold, Status.WAITING)
    staffed.sandbox.complete([sale.code])  # what the operator vouches for

    both = staffed.coleta_at_once(_AT_ONCE, "order", "acme", sale.remote_code, "release", *_WHY)
    staffed.await_status(sold, Status.REQUESTED)
    again = staffed.coleta("order", "release", "acme", sale.order_id, *_WHY)

    assert [done.returncode for done in (*both, again)] == [0, 0, 0], [done.stderr for done in (*both, again)]
    assert _wishes(staffed, sale) == ["operator.released"]
    staffed.another_goes_through("acme")
    assert (staffed.accepted(sold), staffed.violations(sold)) == ([1], {})


def test_an_order_that_is_not_released_waits(staffed: RunningService) -> None:
    """A dry run of it releases nothing, whatever it says."""
    (sale,) = sold = staffed.sold("acme")
    staffed.hand_in([sale.event(0)])
    staffed.await_status(sold, Status.WAITING)

    done = staffed.coleta("order", "release", "acme", sale.order_id, *_WHY, "--dry-run")

    assert "it would be released" in done.stdout
    staffed.another_goes_through("acme")
    assert (staffed.statuses(sold), staffed.accepted(sold)) == ({Status.WAITING}, [0])


def test_a_failed_order_that_is_retried_is_requested_once(staffed: RunningService) -> None:
    """Of two who retry it at once, one is told that it was retried already, or requested."""
    sale = staffed.failed("acme")

    both = staffed.coleta_at_once(_AT_ONCE, "order", "retry", "acme", sale.order_id, *_WHY)
    staffed.await_status([sale], Status.REQUESTED)
    again = staffed.coleta("order", "acme", sale.order_id, "retry", *_WHY)

    assert sorted(done.returncode for done in both) == [0, 1]
    assert again.returncode == 1
    assert f"only a failed or canceled order can be retried; {sale.order_id} is requested" in again.stderr
    assert _wishes(staffed, sale) == ["operator.retried"]
    assert (staffed.accepted([sale]), staffed.violations([sale])) == ([1], {})


def test_all_failed_orders_of_all_stores_are_retried(staffed: RunningService) -> None:
    """By two at once, each is requested once."""
    failed = [staffed.failed(store) for store in ("acme", "acme", "brava")]

    both = staffed.coleta_at_once(_AT_ONCE, "failed", "retry", "--all", *_WHY, "--yes")
    for sale in failed:
        staffed.await_status([sale], Status.REQUESTED)

    assert sum(int(done.stdout.split()[1].strip(",")) for done in both if done.stdout) == 3
    assert (staffed.accepted(failed), staffed.violations(failed)) == ([1, 1, 1], {})


def test_a_discarded_order_is_never_requested(staffed: RunningService) -> None:
    """Although SkyHub lists it; discarding it again is no error."""
    sale = staffed.failed("acme")
    _nothing_expected(staffed, sale)

    both = staffed.coleta_at_once(_AT_ONCE, "order", "discard", "acme", sale.order_id, *_WHY)

    assert [done.returncode for done in both] == [0, 0]
    assert sum("it was discarded before" in done.stdout for done in both) == 1
    assert _wishes(staffed, sale) == ["operator.discarded"]
    staffed.another_goes_through("acme")
    assert (staffed.statuses([sale]), staffed.accepted([sale])) == ({Status.CANCELED}, [0])
    assert staffed.violations([sale]) == {}


def test_an_order_that_was_taken_for_correios_is_requested_once_its_carrier_is_corrected(
    staffed: RunningService,
) -> None:
    """Its events named the wrong carrier, and SkyHub does not list it yet."""
    (sale,) = sales("acme", carrier="correios")
    direct = Sale(sale.store, sale.number)
    staffed.sandbox.register_orders(account("acme"), [direct.at_skyhub(None)])
    staffed.invoice([sale])
    staffed.await_status([sale], Status.SKIPPED)

    both = staffed.coleta_at_once(_AT_ONCE, "order", "set-carrier", "acme", sale.order_id, "direct", *_WHY)
    staffed.await_status([sale], Status.DUE)
    assert staffed.accepted([sale]) == [0]
    staffed.sandbox.make_collectable([sale.code])
    staffed.await_status([sale], Status.REQUESTED)

    assert [done.returncode for done in both] == [0, 0]
    assert _wishes(staffed, sale) == ["operator.set_carrier"]
    assert (staffed.accepted([sale]), staffed.violations([sale])) == ([1], {})


def test_a_due_order_that_an_operator_gives_to_correios_is_never_requested(staffed: RunningService) -> None:
    """Not even when SkyHub lists it, and says that Direct carries it."""
    (sale,) = sold = staffed.sold("acme", collectable_after=None)
    staffed.invoice(sold)
    staffed.await_status(sold, Status.DUE)
    _nothing_expected(staffed, sale)

    both = staffed.coleta_at_once(_AT_ONCE, "order", "acme", sale.order_id, "set-carrier", "correios", *_WHY)
    staffed.sandbox.make_collectable([sale.code])

    assert [done.returncode for done in both] == [0, 0]
    assert _wishes(staffed, sale) == ["operator.set_carrier"]
    for _ in range(2):
        staffed.another_goes_through("acme")
    assert (staffed.statuses(sold), staffed.accepted(sold)) == ({Status.SKIPPED}, [0])
    assert staffed.violations(sold) == {}
