"""What an operator types, by its effect at the simulated SkyHub, while a worker and beat run."""

from collections.abc import Iterator

import pytest

from tests.fixtures.deployment import account
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale, sales
from worker.domain.order import Order, Status
from worker.sandbox.faults import Fault
from worker.sandbox.skyhub.orders import OrderChange

_AT_ONCE = 2
_WHY = ("--reason", "the customer waits")
_REFUSAL = '{"result": "erro", "message": "Pedido sem contrato"}'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One worker, beat, and two stores."""
    with running(RunningService(tmp_path_factory.mktemp("effects"), ("acme", "brava"))) as service:
        service.start_beat()
        service.start_worker()
        yield service


def _order(service: RunningService, sale: Sale) -> Order:
    order = service.order(sale)
    assert order is not None
    return order


def _wishes(service: RunningService, sale: Sale) -> list[str]:
    """Return what operators did to an order, as its history tells it."""
    return [entry.event for entry in _order(service, sale).history if entry.event.startswith("operator.")]


def _failed(service: RunningService) -> Sale:
    """Let SkyHub refuse an order, once."""
    (sale,) = sold = service.sold("acme")
    service.sandbox.fault(Fault(call="confirm", code=sale.remote_code, status=422, body=_REFUSAL))
    service.invoice(sold)
    service.await_status(sold, Status.FAILED)
    return sale


def _nothing_expected(service: RunningService, sale: Sale) -> None:
    """Tell the sandbox that no pickup of this order is wanted any more."""
    service.sandbox.change([sale.code], OrderChange(expect="none"))


def _another_goes_through(service: RunningService, store: str = "acme") -> None:
    """Let an order of the store be requested: whatever was due before it had its turn."""
    sold = service.sold(store)
    service.invoice(sold)
    service.await_status(sold, Status.REQUESTED)


def test_a_released_order_is_requested_before_its_last_invoice(service: RunningService) -> None:
    """The operator knows that nothing else comes; twice at once and once more it is one request."""
    (sale,) = sold = service.sold("acme")
    service.hand_in([sale.event(0)])
    service.await_status(sold, Status.WAITING)
    service.sandbox.complete([sale.code])  # what the operator vouches for

    both = service.coleta_at_once(_AT_ONCE, "order", "acme", sale.remote_code, "release", *_WHY)
    service.await_status(sold, Status.REQUESTED)
    again = service.coleta("order", "release", "acme", sale.order_id, *_WHY)

    assert [done.returncode for done in (*both, again)] == [0, 0, 0], [done.stderr for done in (*both, again)]
    assert _wishes(service, sale) == ["operator.released"]
    _another_goes_through(service)
    assert (service.accepted(sold), service.violations(sold)) == ([1], {})


def test_an_order_that_is_not_released_waits(service: RunningService) -> None:
    """A dry run of it releases nothing, whatever it says."""
    (sale,) = sold = service.sold("acme")
    service.hand_in([sale.event(0)])
    service.await_status(sold, Status.WAITING)

    done = service.coleta("order", "release", "acme", sale.order_id, *_WHY, "--dry-run")

    assert "it would be released" in done.stdout
    _another_goes_through(service)
    assert (service.statuses(sold), service.accepted(sold)) == ({Status.WAITING}, [0])


def test_a_failed_order_that_is_retried_is_requested_once(service: RunningService) -> None:
    """Of two who retry it at once, one is told that it was retried already, or requested."""
    sale = _failed(service)

    both = service.coleta_at_once(_AT_ONCE, "order", "retry", "acme", sale.order_id, *_WHY)
    service.await_status([sale], Status.REQUESTED)
    again = service.coleta("order", "acme", sale.order_id, "retry", *_WHY)

    assert sorted(done.returncode for done in both) == [0, 1]
    assert again.returncode == 1
    assert f"only a failed or canceled order can be retried; {sale.order_id} is requested" in again.stderr
    assert _wishes(service, sale) == ["operator.retried"]
    assert (service.accepted([sale]), service.violations([sale])) == ([1], {})


def test_all_failed_orders_of_all_stores_are_retried(service: RunningService) -> None:
    """By two at once, each is requested once."""
    failed = [_failed(service) for _ in range(3)]

    both = service.coleta_at_once(_AT_ONCE, "failed", "retry", "--all", *_WHY, "--yes")
    service.await_status(failed, Status.REQUESTED)

    assert sum(int(done.stdout.split()[1].strip(",")) for done in both if done.stdout) == 3
    assert (service.accepted(failed), service.violations(failed)) == ([1, 1, 1], {})


def test_a_discarded_order_is_never_requested(service: RunningService) -> None:
    """Although SkyHub lists it; discarding it again is no error."""
    sale = _failed(service)
    _nothing_expected(service, sale)

    both = service.coleta_at_once(_AT_ONCE, "order", "discard", "acme", sale.order_id, *_WHY)

    assert [done.returncode for done in both] == [0, 0]
    assert sum("it was discarded before" in done.stdout for done in both) == 1
    assert _wishes(service, sale) == ["operator.discarded"]
    _another_goes_through(service)
    assert (service.statuses([sale]), service.accepted([sale])) == ({Status.CANCELED}, [0])
    assert service.violations([sale]) == {}


def test_an_order_that_was_taken_for_correios_is_requested_once_its_carrier_is_corrected(
    service: RunningService,
) -> None:
    """Its events named the wrong carrier, and SkyHub does not list it yet."""
    (sale,) = sales("acme", carrier="correios")
    direct = Sale(sale.store, sale.number)
    service.sandbox.register_orders(account("acme"), [direct.at_skyhub(None)])
    service.invoice([sale])
    service.await_status([sale], Status.SKIPPED)

    both = service.coleta_at_once(_AT_ONCE, "order", "set-carrier", "acme", sale.order_id, "direct", *_WHY)
    service.await_status([sale], Status.DUE)
    assert service.accepted([sale]) == [0]
    service.sandbox.make_collectable([sale.code])
    service.await_status([sale], Status.REQUESTED)

    assert [done.returncode for done in both] == [0, 0]
    assert _wishes(service, sale) == ["operator.set_carrier"]
    assert (service.accepted([sale]), service.violations([sale])) == ([1], {})


def test_a_due_order_that_an_operator_gives_to_correios_is_never_requested(service: RunningService) -> None:
    """Not even when SkyHub lists it, and says that Direct carries it."""
    (sale,) = sold = service.sold("acme", collectable_after=None)
    service.invoice(sold)
    service.await_status(sold, Status.DUE)
    _nothing_expected(service, sale)

    both = service.coleta_at_once(_AT_ONCE, "order", "acme", sale.order_id, "set-carrier", "correios", *_WHY)
    service.sandbox.make_collectable([sale.code])

    assert [done.returncode for done in both] == [0, 0]
    assert _wishes(service, sale) == ["operator.set_carrier"]
    for _ in range(2):
        _another_goes_through(service)
    assert (service.statuses(sold), service.accepted(sold)) == ({Status.SKIPPED}, [0])
    assert service.violations(sold) == {}
