"""An operator's retry as a message, for instance from `celery call`, through a real worker."""

from collections.abc import Callable

import pytest

from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.domain.order import Status

TIMES = 8
TASK = "coleta.retry_order"


@pytest.fixture
def failed(staffed: RunningService) -> Sale:
    """Let SkyHub refuse an order, once."""
    return staffed.failed("acme")


def retried(staffed: RunningService, sale: Sale) -> list[str]:
    """Return the reasons of the retries in an order's history."""
    return [entry.detail for entry in staffed.recorded(sale).history if entry.event == "operator.retried"]


@pytest.mark.parametrize(
    "name",
    [lambda sale: sale.order_id, lambda sale: sale.number, lambda sale: f"BWW-{sale.order_id}"],
    ids=["ledger id", "number", "VTEX order id"],
)
def test_a_failed_order_is_retried_by_any_of_its_names(
    staffed: RunningService, failed: Sale, name: Callable[[Sale], object]
) -> None:
    """Its pickup is requested, once; the reason stands in its history."""
    staffed.app.send_task(TASK, args=["acme", name(failed), "contract mended"])
    staffed.requested_once([failed])
    assert retried(staffed, failed) == ["contract mended"]


def test_a_retry_may_name_its_arguments(staffed: RunningService, failed: Sale) -> None:
    """The log line of it names its store, its order and its task like any other."""
    staffed.app.send_task(TASK, kwargs={"store": "acme", "order_id": failed.order_id, "reason": "by name"})
    staffed.await_status([failed], Status.REQUESTED)
    assert retried(staffed, failed) == ["by name"]
    (line,) = staffed.told("wish.granted", order_id=failed.order_id)
    assert (line["store"], line["task"], line["status"]) == ("acme", TASK, "due")


def test_the_same_retry_many_times_at_once_is_done_once(staffed: RunningService, failed: Sale) -> None:
    """Every message is answered in the log; SkyHub gets one request."""
    for number in range(TIMES):
        staffed.app.send_task(TASK, args=["acme", failed.order_id, f"reason {number}"])

    def answered() -> list[int]:
        return [len(staffed.told(event, order_id=failed.order_id)) for event in ("wish.granted", "wish.denied")]

    staffed.until(lambda: sum(answered()) == TIMES, "every message is answered")
    staffed.requested_once([failed])
    assert answered() == [1, TIMES - 1]
    assert len(retried(staffed, failed)) == 1


def test_a_retry_that_comes_too_late_is_denied_in_the_log(staffed: RunningService, failed: Sale) -> None:
    """The order was requested meanwhile: it stays, and nothing is sent to SkyHub again."""
    staffed.app.send_task(TASK, args=["acme", failed.order_id, "first"])
    staffed.await_status([failed], Status.REQUESTED)
    staffed.app.send_task(TASK, args=["acme", failed.order_id, "second"])
    staffed.until(lambda: staffed.told("wish.denied", order_id=failed.order_id), "the second one is denied")
    (line,) = staffed.told("wish.denied", order_id=failed.order_id)
    assert line["reason"] == f"only a failed or canceled order can be retried; {failed.order_id} is requested"
    assert (retried(staffed, failed), staffed.accepted([failed])) == (["first"], [1])


def test_a_retry_of_what_is_not_there_is_told_and_changes_nothing(staffed: RunningService, failed: Sale) -> None:
    """No such order or store, an argument too few, a reason that is none: the worker goes on with the next one."""
    (worker,) = (part for part in staffed.parts if part.name == "worker")
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
        staffed.app.send_task(TASK, args=args)
    staffed.until(lambda: all(said in worker.text for _, said in sent), "each is told")
    assert retried(staffed, failed) == []

    staffed.app.send_task(TASK, args=["acme", failed.order_id, "next"])
    staffed.await_status([failed], Status.REQUESTED)
