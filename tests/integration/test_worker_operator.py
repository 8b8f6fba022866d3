"""An operator's retry as a message, for instance from `celery call`, through a real worker."""

from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Status
from worker.sandbox.faults import Fault

TIMES = 8
TASK = "coleta.retry_order"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One worker and beat."""
    with running(RunningService(tmp_path_factory.mktemp("operator"))) as service:
        service.start_beat()
        service.start_worker()
        yield service


@pytest.fixture
def failed(service: RunningService) -> Sale:
    """Let SkyHub refuse an order, once."""
    (sale,) = sold = service.sold("acme")
    body = '{"result": "erro", "message": "Pedido sem contrato"}'
    service.sandbox.fault(Fault(call="confirm", code=sale.remote_code, status=422, body=body))
    service.invoice(sold)
    service.await_status(sold, Status.FAILED)
    return sale


def retried(service: RunningService, sale: Sale) -> list[str]:
    """Return the reasons of the retries in an order's history."""
    order = service.order(sale)
    assert order is not None
    return [entry.detail for entry in order.history if entry.event == "operator.retried"]


@pytest.mark.parametrize(
    "name",
    [lambda sale: sale.order_id, lambda sale: sale.number, lambda sale: f"BWW-{sale.order_id}"],
    ids=["ledger id", "number", "VTEX order id"],
)
def test_a_failed_order_is_retried_by_any_of_its_names(
    service: RunningService, failed: Sale, name: Callable[[Sale], object]
) -> None:
    """Its pickup is requested, once; the reason stands in its history."""
    service.app.send_task(TASK, args=["acme", name(failed), "contract mended"])
    service.await_status([failed], Status.REQUESTED)
    assert retried(service, failed) == ["contract mended"]
    assert service.accepted([failed]) == [1]
    assert service.violations([failed]) == {}


def test_a_retry_may_name_its_arguments(service: RunningService, failed: Sale) -> None:
    """The log line of it names its store, its order and its task like any other."""
    service.app.send_task(TASK, kwargs={"store": "acme", "order_id": failed.order_id, "reason": "by name"})
    service.await_status([failed], Status.REQUESTED)
    assert retried(service, failed) == ["by name"]
    (line,) = service.told("wish.granted", order_id=failed.order_id)
    assert (line["store"], line["task"], line["status"]) == ("acme", TASK, "due")


def test_the_same_retry_many_times_at_once_is_done_once(service: RunningService, failed: Sale) -> None:
    """Every message is answered in the log; SkyHub gets one request."""
    for number in range(TIMES):
        service.app.send_task(TASK, args=["acme", failed.order_id, f"reason {number}"])

    def answered() -> list[int]:
        return [len(service.told(event, order_id=failed.order_id)) for event in ("wish.granted", "wish.denied")]

    service.until(lambda: sum(answered()) == TIMES, "every message is answered")
    service.await_status([failed], Status.REQUESTED)
    assert answered() == [1, TIMES - 1]
    assert len(retried(service, failed)) == 1
    assert service.accepted([failed]) == [1]


def test_a_retry_that_comes_too_late_is_denied_in_the_log(service: RunningService, failed: Sale) -> None:
    """The order was requested meanwhile: it stays, and nothing is sent to SkyHub again."""
    service.app.send_task(TASK, args=["acme", failed.order_id, "first"])
    service.await_status([failed], Status.REQUESTED)
    service.app.send_task(TASK, args=["acme", failed.order_id, "second"])
    service.until(lambda: service.told("wish.denied", order_id=failed.order_id), "the second one is denied")
    (line,) = service.told("wish.denied", order_id=failed.order_id)
    assert line["reason"] == f"only a failed or canceled order can be retried; {failed.order_id} is requested"
    assert (retried(service, failed), service.accepted([failed])) == (["first"], [1])


def test_a_retry_of_what_is_not_there_is_told_and_changes_nothing(service: RunningService, failed: Sale) -> None:
    """No such order or store, an argument too few, a reason that is none: the worker goes on with the next one."""
    worker = service.parts[-1]
    sent: list[tuple[list[object], str]] = [
        (["acme", "Submarino-9", "why"], "store acme has no order Submarino-9"),
        (["acme", "", "why"], 'store acme has no order "'),
        (["nobody", failed.order_id, "why"], '"store": "nobody"'),
        ([7, failed.order_id, "why"], '"store": 7'),
        ([["acme"], failed.order_id, "why"], '"store": ["acme"]'),
        (["acme", failed.order_id], "missing 1 required positional argument: 'reason'"),
        ([], "missing 3 required positional arguments"),
        (["acme", failed.order_id, {"why": "x"}], "it is no text but of type dict"),
        (["acme", failed.order_id, 7], "it is no text but of type int"),
        (["acme", failed.order_id, "x" * 200_000], "it has 200000 characters; 500 are the most"),
        (["acme", failed.order_id, "\n"], "it is empty; say why"),
    ]
    for args, _ in sent:
        service.app.send_task(TASK, args=args)
    service.until(lambda: all(said in worker.text for _, said in sent), "each is told")
    assert retried(service, failed) == []

    service.app.send_task(TASK, args=["acme", failed.order_id, "next"])
    service.await_status([failed], Status.REQUESTED)
