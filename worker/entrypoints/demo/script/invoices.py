"""Stories of invoices: the pickup is requested once the last item is invoiced, and not before."""

from worker.domain.order import Status
from worker.entrypoints.demo.deeds import canceled, invoiced, label_printed, returned
from worker.entrypoints.demo.stories import (
    ONE,
    PAIR,
    SEVERAL_SWEEPS,
    THREE,
    TWO,
    Step,
    Story,
    invoices,
    one_invoice,
    status,
)

_FIVE = {"345117": 5}

STORIES = (
    Story(
        title="one item, told by a Celery message",
        code="Lojas Americanas-285264640001",
        steps=(one_invoice("1", door="Celery task"),),
    ),
    Story(
        title="three items, invoiced apart",
        code="Submarino-285264640002",
        steps=(
            Step(invoiced("21", ONE, of=THREE)),
            Step(invoiced("22", {"88": 1}, of=THREE), moment=invoices(1)),
            Step(
                invoiced("23", {"90210": 1}, of=THREE),
                moment=invoices(2),
                seconds_later=SEVERAL_SWEEPS,
                completes=True,
            ),
        ),
    ),
    Story(
        title="five units in two invoices, out of order and repeated",
        code="Shoptime-285264640003",
        steps=(
            Step(invoiced("32", {"345117": 3}, of=_FIVE, minute=2)),
            Step(invoiced("32", {"345117": 3}, of=_FIVE, minute=2)),
            Step(invoiced("31", PAIR, of=_FIVE, minute=1), moment=invoices(1), completes=True),
            Step(invoiced("31", PAIR, of=_FIVE, minute=1), moment=status(Status.REQUESTED)),
        ),
    ),
    Story(
        title="complete, until its invoice was replaced by a smaller one",
        code="Submarino-285264640004",
        collectable_after_seconds=None,
        steps=(
            Step(invoiced("41", TWO, of=TWO)),
            Step(invoiced("41", ONE, of=TWO, minute=1), moment=status(Status.DUE)),
            Step(label_printed(), moment=status(Status.WAITING)),
            Step(invoiced("42", {"88": 1}, of=TWO, minute=2), seconds_later=SEVERAL_SWEEPS, completes=True),
        ),
        history=("order.due", "invoice.replaced", "order.waiting", "order.due", "order.requested"),
    ),
    Story(
        title="a return came between its invoices",
        code="Shoptime-285264640005",
        steps=(
            Step(invoiced("51", ONE, of=PAIR)),
            Step(returned("7001", ONE, minute=1), moment=invoices(1)),
            Step(
                invoiced("52", ONE, of=PAIR, minute=2),
                moment=invoices(2),
                seconds_later=SEVERAL_SWEEPS,
                completes=True,
            ),
        ),
        history=("invoice.return_heard", "invoice.recorded", "order.due", "order.requested"),
    ),
    Story(
        title="canceled before its last invoice",
        code="Submarino-285264640006",
        expect="none",
        steps=(
            Step(invoiced("61", ONE, of=TWO)),
            Step(canceled(minute=1), moment=invoices(1)),
            Step(
                invoiced("62", {"88": 1}, of=TWO, minute=2),
                moment=status(Status.CANCELED),
                completes=True,
            ),
        ),
        status=Status.CANCELED,
        confirmations=0,
    ),
)
