"""What an operator does on the pages, by its effect at the simulated SkyHub, while a worker and beat run."""

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.page_operator import PageOperator
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, sales
from worker.domain.order import Status
from worker.sandbox.faults import Fault
from worker.sandbox.skyhub.orders import OrderChange

_AT_ONCE = 2
_SIGNED = "the customer waits (Ana Souza, pages)"


def _page(sale: Sale) -> str:
    return f"/stores/{sale.store}/orders/{sale.order_id}"


def _wishes(staffed: RunningService, sale: Sale) -> list[tuple[str, str]]:
    """Return what operators did to an order and why, as its history tells it."""
    history = staffed.recorded(sale).history
    return [(entry.event, entry.detail) for entry in history if entry.event.startswith("operator.")]


def _waiting(staffed: RunningService) -> Sale:
    """Return an order that waits for its last invoice, which an operator vouches for."""
    (sale,) = sold = staffed.sold("acme")
    staffed.hand_in([sale.event(0)])
    staffed.await_status(sold, Status.WAITING)
    staffed.sandbox.complete([sale.code])
    return sale


def test_a_released_order_is_requested_once(staffed: RunningService, operator: PageOperator) -> None:
    """By two clicks at once and one more; history and log say who did it and why."""
    sale = _waiting(staffed)

    both = operator.post_at_once(_AT_ONCE, _page(sale), action="release")
    staffed.await_status([sale], Status.REQUESTED)
    again = operator.post(_page(sale), action="release")

    assert [answer.status_code for answer in (*both, again)] == [303, 303, 303]
    assert sorted(answer.headers["location"].partition("?")[2] for answer in (*both, again)) == [
        "done=nothing",
        "done=nothing",
        "done=released",
    ]
    assert _wishes(staffed, sale) == [("operator.released", _SIGNED)]
    (line,) = staffed.told("wish.granted", order_id=sale.order_id)
    assert (line["store"], line["action"], line["who"], line["why"]) == (
        "acme",
        "release",
        "Ana Souza",
        "the customer waits",
    )
    staffed.another_goes_through("acme")
    assert (staffed.accepted([sale]), staffed.violations([sale])) == ([1], {})


def test_a_failed_order_is_retried_once(staffed: RunningService, operator: PageOperator) -> None:
    """Whoever comes second is told how the order stands, and what was typed is still there."""
    sale = staffed.failed("acme")

    both = operator.post_at_once(_AT_ONCE, _page(sale), action="retry")
    staffed.await_status([sale], Status.REQUESTED)

    assert sorted(answer.status_code for answer in both) == [303, 409]
    assert _wishes(staffed, sale) == [("operator.retried", _SIGNED)]
    assert (staffed.accepted([sale]), staffed.violations([sale])) == ([1], {})


def test_all_failed_orders_are_retried_and_each_is_requested_once(
    staffed: RunningService, operator: PageOperator
) -> None:
    """By two at once: one is named, the others are all that failed."""
    failed = [staffed.failed("brava") for _ in range(2)]

    operator.post("/stores/brava/failed", action="retry", order=[failed[0].order_id])
    operator.post("/stores/brava/failed", action="retry", all="1")
    staffed.await_status(failed, Status.REQUESTED)

    assert [_wishes(staffed, sale) for sale in failed] == [[("operator.retried", _SIGNED)]] * 2
    assert (staffed.accepted(failed), staffed.violations(failed)) == ([1, 1], {})


def test_a_discarded_order_is_never_requested(staffed: RunningService, operator: PageOperator) -> None:
    """Although SkyHub lists it; discarding it again does nothing."""
    sale = staffed.failed("acme")
    staffed.sandbox.change([sale.code], OrderChange(expect="none"))

    both = operator.post_at_once(_AT_ONCE, _page(sale), action="discard")

    assert [answer.status_code for answer in both] == [303, 303]
    assert _wishes(staffed, sale) == [("operator.discarded", _SIGNED)]
    staffed.another_goes_through("acme")
    assert (staffed.statuses([sale]), staffed.accepted([sale])) == ({Status.CANCELED}, [0])
    assert staffed.violations([sale]) == {}


def test_an_order_whose_carrier_is_corrected_is_requested(staffed: RunningService, operator: PageOperator) -> None:
    """Its events named the wrong carrier."""
    (sale,) = sales("acme", carrier="correios")
    staffed.sandbox.register_orders(account("acme"), [Sale(sale.store, sale.number).at_skyhub(None)])
    staffed.invoice([sale])
    staffed.await_status([sale], Status.SKIPPED)

    answer = operator.post(_page(sale), action="set-carrier", carrier="direct")
    staffed.sandbox.make_collectable([sale.code])
    staffed.await_status([sale], Status.REQUESTED)

    assert answer.headers["location"] == f"{_page(sale)}?done=carrier-set"
    assert _wishes(staffed, sale) == [("operator.set_carrier", f"direct: {_SIGNED}")]
    assert (staffed.accepted([sale]), staffed.violations([sale])) == ([1], {})


def test_a_pickup_that_was_undone_is_requested_again_once(staffed: RunningService, operator: PageOperator) -> None:
    """The web process reads SkyHub's list for it, at the store's pace and counted as every call; a second click too."""
    (sale,) = sold = staffed.sold("brava")
    staffed.invoice(sold)
    staffed.await_status(sold, Status.REQUESTED)
    settled = 1000 * float(SHORT["SETTLING_SECONDS"])
    ledger = staffed.ledger("brava")
    staffed.until(
        lambda: ledger.now() - (staffed.recorded(sale).requested_at or 0) > settled, "SkyHub's lists have settled"
    )
    unlisted = operator.post(_page(sale), action="request-again")
    staffed.sandbox.change([sale.code], OrderChange(requested=False, allowed=2))

    both = operator.post_at_once(_AT_ONCE, _page(sale), action="request-again")
    staffed.until(lambda: staffed.accepted([sale]) == [2], "it is requested again")
    staffed.await_status([sale], Status.REQUESTED)

    assert unlisted.status_code == 409
    assert "nothing to request again" in unlisted.text
    assert sorted(answer.status_code for answer in both) == [303, 409]
    assert _wishes(staffed, sale) == [("operator.requested_again", _SIGNED)]
    staffed.another_goes_through("brava")
    assert (staffed.accepted([sale]), staffed.violations([sale])) == ([2], {})


def test_what_is_read_at_skyhub_for_a_page_is_counted(staffed: RunningService, operator: PageOperator) -> None:
    """As every call of the store, by the same adapter, which keeps its pace; the page says what SkyHub said."""
    (sale,) = sold = staffed.sold("brava")
    staffed.invoice(sold)
    staffed.await_status(sold, Status.REQUESTED)
    staffed.sandbox.fault(Fault(call="collectables", account=account("brava"), status=451))

    answer = operator.post(_page(sale), action="request-again")

    assert answer.status_code == 409
    assert "451" in answer.text
    staffed.until(lambda: _counts(operator.get("/metrics").text), "the call is counted")


def _counts(metrics: str) -> bool:
    calls = [line for line in metrics.splitlines() if line.startswith("coleta_skyhub_calls_total{")]
    return any('store="brava"' in line and 'outcome="451"' in line for line in calls)


def test_a_paused_store_requests_nothing_until_it_is_resumed(staffed: RunningService, operator: PageOperator) -> None:
    """The pause says who and why; what became due is requested at once afterwards."""
    paused = operator.post("/stores/brava", action="pause", reason="inventory")
    try:
        staffed.another_goes_through("acme")  # whoever was at brava's has noticed by now
        sold = staffed.sold("brava")
        staffed.invoice(sold)
        staffed.await_status(sold, Status.DUE)
        shown = operator.get("/stores/brava").text
        refused = operator.post("/stores/brava", action="reconcile")
        staffed.another_goes_through("acme")
        assert staffed.accepted(sold) == [0]
    finally:
        resumed = operator.post("/stores/brava", action="resume", reason="counted")
    staffed.await_status(sold, Status.REQUESTED)

    assert [answer.headers["location"] for answer in (paused, resumed)] == [
        "/stores/brava?done=paused",
        "/stores/brava?done=resumed",
    ]
    assert "inventory (Ana Souza, pages)" in shown
    assert refused.status_code == 409
    (line,) = staffed.told("store.resumed", store="brava", who="Ana Souza")
    assert line["why"] == "counted"


def test_what_nobody_told_of_is_found_when_somebody_compares(staffed: RunningService, operator: PageOperator) -> None:
    """Long before it would be found by itself."""
    sold = staffed.sold("brava")

    answer = operator.post("/stores/brava", action="reconcile")
    staffed.until(lambda: staffed.order(sold[0]) is not None, "the order is known")

    assert answer.headers["location"] == "/stores/brava?done=reconciling"
