"""What SkyHub can do to a running service, and what becomes of the orders.

Every store has a trouble of its own, all at the same time, in one worker; the lists of all of them lag.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.deployment import MANAGER_KEY, SHORT, account, api_key
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Status
from worker.ports import Drain
from worker.sandbox.faults import Fault

# Longer than a lag plus what a late call takes effect after; shorter would be one of the design's residuals.
SETTINGS = {**SHORT, "SETTLING_SECONDS": "2"}
LAG_SECONDS = 1.0
LATE_SECONDS = 1.2
REST_SECONDS = 3

Plan = Callable[[RunningService], list[Sale]]
PLANS: dict[str, Plan] = {}


def plan(trouble: Plan) -> Plan:
    """Let a store of this name have this trouble; it returns the orders that meet it."""
    PLANS[trouble.__name__] = trouble
    return trouble


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One worker and beat for all stores."""
    with running(RunningService(tmp_path_factory.mktemp("trouble"), list(PLANS), SETTINGS)) as service:
        service.sandbox.settings(lists_lag_seconds=LAG_SECONDS)
        service.start_beat()
        service.start_worker()
        yield service


@pytest.fixture(scope="module")
def sold(service: RunningService) -> dict[str, list[Sale]]:
    """Each store's orders, every item of them invoiced."""
    orders = {name: trouble(service) for name, trouble in PLANS.items()}
    service.invoice([sale for each in orders.values() for sale in each])
    return orders


@plan
def down(service: RunningService) -> list[Sale]:
    """Answer 503 for a while, to reads and to confirmations."""
    service.sandbox.fault(Fault(call="collectables", account=account("down"), status=503, times=3))
    service.sandbox.fault(Fault(call="confirm", account=account("down"), status=503, times=2))
    return service.sold("down", 30)


def test_an_outage_delays_and_nothing_else(service: RunningService, sold: dict[str, list[Sale]]) -> None:
    """What SkyHub could not take is requested once when it is back."""
    service.requested_once(sold["down"])


@plan
def limited(service: RunningService) -> list[Sale]:
    """Answer one confirmation with 429 and so many seconds' rest."""
    name = account("limited")
    service.sandbox.fault(Fault(call="confirm", account=name, status=429, headers={"Retry-After": str(REST_SECONDS)}))
    return service.sold("limited", 3)


def test_a_throttled_store_rests_as_long_as_skyhub_says(service: RunningService, sold: dict[str, list[Sale]]) -> None:
    """After a 429 with Retry-After no confirmation is sent before that time is over."""
    service.requested_once(sold["limited"])
    histories = [service.recorded(sale).history for sale in sold["limited"]]
    refused_at = [entry.at for history in histories for entry in history if "429" in entry.detail]
    accepted = service.sandbox.report(account("limited")).accepted
    assert min(at for times in accepted.values() for at in times) >= max(refused_at) / 1000 + REST_SECONDS


@plan
def refusing(service: RunningService) -> list[Sale]:
    """Refuse every batch with one certain order in it."""
    orders = service.sold("refusing", 8)
    code = orders[3].remote_code
    body = f'{{"result": "erro", "message": "Pedido {code} sem contrato"}}'
    service.sandbox.fault(Fault(call="confirm", code=code, status=422, body=body, times=None))
    return orders


def test_one_refused_order_fails_alone(service: RunningService, sold: dict[str, list[Sale]]) -> None:
    """The others of its batch are requested; the one that SkyHub refuses is shown with SkyHub's words."""
    bad = sold["refusing"][3]
    service.requested_once([sale for sale in sold["refusing"] if sale is not bad])
    service.await_status([bad], Status.FAILED)
    assert service.accepted([bad]) == [0]
    assert "sem contrato" in service.recorded(bad).reason


@plan
def unlabelled(service: RunningService) -> list[Sale]:
    """Refuse an order for want of a label, in a batch and alone."""
    orders = service.sold("unlabelled", 2)
    body = '{"result": "erro", "message": "Etiqueta não encontrada"}'
    service.sandbox.fault(Fault(call="confirm", code=orders[0].remote_code, status=422, body=body, times=2))
    return orders


def test_an_order_without_a_label_waits_for_it(service: RunningService, sold: dict[str, list[Sale]]) -> None:
    """A refusal that means "no label yet" is no failure: the order is requested when the label is there."""
    service.requested_once(sold["unlabelled"])


@plan
def early(service: RunningService) -> list[Sale]:
    """List an order a while after its last invoice."""
    return service.sold("early", 3, collectable_after=2.0)


def test_an_order_that_is_listed_late_is_requested_then(service: RunningService, sold: dict[str, list[Sale]]) -> None:
    """Complete and not yet collectable is the normal case: it stays due and is asked for again."""
    service.requested_once(sold["early"])


@plan
def lagging(service: RunningService) -> list[Sale]:
    """Lose the answer to a confirmation that took effect, while the lists show the old state."""
    service.sandbox.fault(Fault(call="confirm", account=account("lagging"), when="after", reset=True))
    return service.sold("lagging", 3)


def test_lists_that_lag_cause_no_second_request(service: RunningService, sold: dict[str, list[Sale]]) -> None:
    """What may have been requested is left alone until the lists had time to show it."""
    service.requested_once(sold["lagging"])


@plan
def slow(service: RunningService) -> list[Sale]:
    """Take effect, then hang instead of answering."""
    service.sandbox.fault(Fault(call="confirm", account=account("slow"), when="after", hang_seconds=5))
    return service.sold("slow", 3)


@plan
def late(service: RunningService) -> list[Sale]:
    """Take effect after this side has given up."""
    service.sandbox.fault(Fault(call="confirm", account=account("late"), hang_seconds=LATE_SECONDS))
    return service.sold("late", 3)


@pytest.mark.parametrize("store", ["slow", "late"])
def test_a_call_that_timed_out_is_not_repeated(
    service: RunningService, sold: dict[str, list[Sale]], store: str
) -> None:
    """It took effect, before or after the timeout: the lists tell, and nothing is sent twice."""
    service.requested_once(sold[store])


@plan
def locked(service: RunningService) -> list[Sale]:
    """Refuse the account from the start."""
    service.sandbox.register_account(account("locked"), "another-key", MANAGER_KEY)
    return service.sold("locked", 3)


def test_a_refused_account_pauses_its_store_and_a_probe_resumes_it(
    service: RunningService, sold: dict[str, list[Sale]]
) -> None:
    """While SkyHub answers 401, events are recorded and nothing is requested; with the key back, all of it is."""
    ledger, before = service.ledger("locked"), sold["locked"]
    service.until(lambda: ledger.standing(Drain.PICKUPS).pause.active, "the store is paused")
    assert "401" in ledger.standing(Drain.PICKUPS).pause.reason
    during = service.sold("locked", 3)
    service.invoice(during)
    service.await_status([*before, *during], Status.DUE)
    assert service.accepted([*before, *during]) == [0] * 6

    service.sandbox.register_account(account("locked"), api_key("locked"), MANAGER_KEY)
    service.requested_once([*before, *during])
    assert not ledger.standing(Drain.PICKUPS).pause.active


@plan
def hanging(service: RunningService) -> list[Sale]:
    """Answer nothing, ever."""
    service.sandbox.fault(Fault(call="collectables", account=account("hanging"), hang_seconds=60, times=None))
    return service.sold("hanging", 3)


@plan
def healthy(service: RunningService) -> list[Sale]:
    """No trouble at all."""
    return service.sold("healthy", 3)


def test_a_store_whose_skyhub_hangs_stops_no_other(service: RunningService, sold: dict[str, list[Sale]]) -> None:
    """A store without trouble is served beside one whose every call runs into its timeout."""
    service.requested_once(sold["healthy"])
    service.await_status(sold["hanging"], Status.DUE)
    more = service.sold("healthy", 3)
    service.invoice(more)
    service.requested_once(more)
    assert service.statuses(sold["hanging"]) == {Status.DUE}
