"""What the doors took is in the log: at once, and in few lines where there is much."""

import asyncio

import pytest
import structlog
from structlog.testing import capture_logs

from worker.domain.events import OrderCanceled
from worker.entrypoints.tracing.context import Trace
from worker.entrypoints.web.inbox_writer import Delivery
from worker.entrypoints.web.taken import TakenLog

_FIELDS = ("event", "store", "events", "order_ids", "unnamed", "trace_id", "trace_ids")
Line = dict[str, object]


def _delivery(*order_ids: str, store: str = "acme", trace: str = "a") -> Delivery:
    events = [OrderCanceled(order_id=order_id, occurred_at=1) for order_id in order_ids]
    return Delivery(store, events, trace=Trace(trace, "0"))


def _lines(*batches: list[Delivery]) -> list[Line]:
    async def note() -> None:
        taken = TakenLog()
        structlog.contextvars.bind_contextvars(trace_id="of whichever request came first")
        for batch in batches:
            taken.note(batch)
        taken.close()

    with capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        asyncio.run(note())
    return [{name: line[name] for name in _FIELDS if name in line} for line in logs]


def test_an_event_is_told_at_once_with_its_order_and_trace() -> None:
    """A line a store."""
    assert _lines([_delivery("1"), _delivery("2", store="brava", trace="b")]) == [
        {"event": "events.taken", "store": "acme", "events": 1, "order_ids": ["1"], "trace_id": "a"},
        {"event": "events.taken", "store": "brava", "events": 1, "order_ids": ["2"], "trace_id": "b"},
    ]


def test_what_comes_closer_than_a_tenth_of_a_second_shares_a_line() -> None:
    """Which names every order once, and every trace; the end leaves nothing untold."""
    first, second = _lines([_delivery("1")], [_delivery("2")], [_delivery("3", "2", trace="b")])

    assert first["order_ids"] == ["1"]
    assert second == {
        "event": "events.taken",
        "store": "acme",
        "events": 3,
        "order_ids": ["2", "3"],
        "trace_ids": ["a", "b"],
    }


def test_what_waits_is_told_a_little_later() -> None:
    """Without another event."""

    async def note() -> None:
        taken = TakenLog()
        taken.note([_delivery("1")])
        taken.note([_delivery("2")])
        async with asyncio.timeout(5):
            while len(logs) < 2:  # noqa: ASYNC110 - a log line sets no event
                await asyncio.sleep(0.01)

    with capture_logs() as logs:
        asyncio.run(note())
    assert [line["order_ids"] for line in logs] == [["1"], ["2"]]


@pytest.mark.parametrize(("count", "more"), [(100, {}), (101, {"unnamed": 1}), (5000, {"unnamed": 4900})])
def test_a_line_names_a_hundred_orders_and_says_how_many_more(count: int, more: dict[str, int]) -> None:
    """Ten kilobytes are enough."""
    (line,) = _lines([_delivery(*map(str, range(count)))])

    assert line["order_ids"] == list(map(str, range(min(count, 100))))
    assert {name: value for name, value in line.items() if name == "unnamed"} == more
