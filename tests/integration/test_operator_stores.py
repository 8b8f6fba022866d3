"""Requesting again, pausing and resending, by their effect at the simulated SkyHub, while a worker and beat run."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from tests.fixtures.deployment import account
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Attention, Status
from worker.sandbox.faults import Fault
from worker.sandbox.skyhub.orders import OrderChange

_AT_ONCE = 2
_WHY = ("--reason", "label list ungrouped")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One worker, beat, and two stores."""
    with running(RunningService(tmp_path_factory.mktemp("stores"), ("acme", "brava"))) as service:
        service.start_beat()
        service.start_worker()
        yield service


def _requested(service: RunningService) -> Sale:
    """Let an order be requested, so long ago that SkyHub's lists tell."""
    (sale,) = sold = service.sold("acme")
    service.invoice(sold)
    service.await_status(sold, Status.REQUESTED)
    service.until(lambda: _age_ms(service, sale) > 1500, "SkyHub's lists have settled")
    return sale


def _age_ms(service: RunningService, sale: Sale) -> int:
    order = service.order(sale)
    assert order is not None
    return service.ledger(sale.store).now() - (order.requested_at or 0)


def _ungroup(service: RunningService, sale: Sale) -> None:
    """Undo the pickup at SkyHub, and allow another one."""
    service.sandbox.change([sale.code], OrderChange(requested=False, allowed=2))


def _another_goes_through(service: RunningService, store: str) -> None:
    sold = service.sold(store)
    service.invoice(sold)
    service.await_status(sold, Status.REQUESTED)


@contextmanager
def _paused(service: RunningService, store: str) -> Iterator[None]:
    assert service.coleta("stores", "pause", store, "--reason", "inventory").returncode == 0
    try:
        yield
    finally:
        assert service.coleta("stores", "resume", store).returncode == 0


def test_a_pickup_that_was_undone_is_requested_again_once(service: RunningService) -> None:
    """A second accepted confirmation, however many ask for it."""
    sale = _requested(service)
    _ungroup(service, sale)

    both = service.coleta_at_once(_AT_ONCE, "order", "request-again", "acme", sale.order_id, *_WHY)
    service.until(lambda: service.accepted([sale]) == [2], "it is requested again")
    service.await_status([sale], Status.REQUESTED)
    again = service.coleta("order", "request-again", "acme", sale.order_id, *_WHY)

    assert sorted(done.returncode for done in both) == [0, 1], [done.stderr for done in both]
    assert again.returncode == 1
    _another_goes_through(service, "acme")
    assert (service.accepted([sale]), service.violations([sale])) == ([2], {})


def test_all_that_skyhub_lists_again_are_requested_again(service: RunningService) -> None:
    """The service flags them by itself; nobody need name them."""
    undone = [_requested(service) for _ in range(2)]
    left = _requested(service)
    for sale in undone:
        _ungroup(service, sale)
    _another_goes_through(service, "acme")  # whoever reads the list notices

    def flagged(sale: Sale) -> bool:
        order = service.order(sale)
        return order is not None and Attention.LISTED_AFTER_REQUEST in order.flags

    service.until(lambda: all(map(flagged, undone)), "they are flagged")
    done = service.coleta("order", "request-again", "acme", "--all", *_WHY, "--yes")
    service.until(lambda: service.accepted(undone) == [2, 2], "both are requested again")

    assert (done.returncode, done.stdout) == (0, "requested again 2\n")
    service.await_status(undone, Status.REQUESTED)
    assert service.accepted([left]) == [1]
    assert service.violations([*undone, left]) == {}


def test_what_skyhub_does_not_list_is_not_requested_again(service: RunningService) -> None:
    """Its pickup stands."""
    sale = _requested(service)

    done = service.coleta("order", "request-again", "acme", sale.order_id, *_WHY)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"SkyHub does not list {sale.order_id} as not requested; nothing to request again" in done.stderr


def test_what_was_requested_a_moment_ago_is_not_requested_again(service: RunningService) -> None:
    """SkyHub's lists may not show it yet; it says how long to wait, and that is all it takes."""
    sale = _requested(service)
    _ungroup(service, sale)

    done = service.coleta("order", "request-again", "acme", sale.order_id, *_WHY, COLETA_SETTLING_SECONDS="60")

    assert done.returncode == 1
    assert "was requested a moment ago; SkyHub's lists can tell in " in done.stderr
    assert service.accepted([sale]) == [1]
    assert service.coleta("order", "request-again", "acme", sale.order_id, *_WHY).returncode == 0
    service.until(lambda: service.accepted([sale]) == [2], "it is requested again")


def test_nothing_is_requested_again_while_the_store_is_paused_or_skyhub_is_down(service: RunningService) -> None:
    """It says which, and what to do; afterwards it goes through."""
    sale = _requested(service)
    _ungroup(service, sale)

    with _paused(service, "acme"):
        paused = service.coleta("order", "request-again", "acme", sale.order_id, *_WHY)
    outage = service.sandbox.fault(Fault(call="collectables", account=account("acme"), times=None, status=503))
    down = service.coleta("order", "request-again", "acme", sale.order_id, *_WHY)
    service.sandbox.clear_faults(outage)

    assert (paused.returncode, down.returncode) == (1, 1)
    assert "the SkyHub calls of store acme are paused (inventory); resume it first" in paused.stderr
    assert "SkyHub's list could not be read" in down.stderr
    assert "try again later" in down.stderr
    assert service.accepted([sale]) == [1]
    assert service.coleta("order", "request-again", "acme", sale.order_id, *_WHY).returncode == 0
    service.until(lambda: service.accepted([sale]) == [2], "it is requested again")


def test_a_paused_store_calls_nobody_and_records_everything(service: RunningService) -> None:
    """Others go on; resuming it requests at once what became due."""
    both = service.coleta_at_once(_AT_ONCE, "stores", "pause", "acme", "--reason", "inventory")
    assert sorted("paused already" in done.stdout for done in both) == [False, True]
    _another_goes_through(service, "brava")  # whoever was at acme's has noticed by now
    before = service.sandbox.report(account("acme")).calls

    sold = service.sold("acme", 3)
    service.invoice(sold)
    service.await_status(sold, Status.DUE)
    for _ in range(3):
        _another_goes_through(service, "brava")
    assert service.sandbox.report(account("acme")).calls == before
    assert service.accepted(sold) == [0, 0, 0]

    both = service.coleta_at_once(_AT_ONCE, "stores", "resume", "acme")

    assert sorted("is not paused" in done.stdout for done in both) == [False, True]
    service.await_status(sold, Status.REQUESTED)
    assert (service.accepted(sold), service.violations(sold)) == ([1, 1, 1], {})


def test_an_event_that_was_rejected_is_resent_and_its_pickup_requested(service: RunningService) -> None:
    """Its recording failed, what it failed for was mended; twice at once, it counts once."""
    (sale,) = sold = service.sold("acme")
    key = f"coleta:{{acme}}:order:{sale.order_id}"
    with Redis.from_url(service.redis.url) as redis:
        redis.hset(key, mapping={"v": "1", "s": "waiting", "t": "0", "l": "", "d": "not a document"})
        service.app.send_task("coleta.order_invoiced", args=[sale.event(0)], queue="inbox")
        service.app.send_task("coleta.order_invoiced", args=[sale.event(1)], queue="inbox")
        service.until(lambda: len(service.ledger("acme").rejected(10)) == 2, "the events are kept")
        redis.delete(key)
    service.sandbox.complete([sale.code])

    both = service.coleta_at_once(_AT_ONCE, "rejected", "resend", "--all", "--yes")
    service.await_status(sold, Status.REQUESTED)

    assert {done.returncode for done in both} == {0}, [done.stderr for done in both]
    assert service.ledger("acme").rejected(10) == []
    order = service.order(sale)
    assert order is not None
    assert len(order.invoices) == 2
    _another_goes_through(service, "acme")
    assert (service.accepted(sold), service.violations(sold)) == ([1], {})
