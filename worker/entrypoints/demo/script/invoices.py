"""Stories of invoices: the pickup is requested once the last item is invoiced, and not before."""

from worker.domain.order import Status
from worker.entrypoints.demo.deeds import canceled, invoiced, label_printed, returned
from worker.entrypoints.demo.stories import SEVERAL_SWEEPS, Step, Story, invoices, status

_ONE = {"345117": 1}
_TWO = {"345117": 1, "88": 1}
_THREE = {"345117": 1, "88": 1, "90210": 1}
_FIVE = {"345117": 5}
_PAIR = {"345117": 2}

STORIES = (
    Story(
        title="one item, told by a Celery message",
        code="Lojas Americanas-285264640001",
        steps=(Step(invoiced("1", _ONE, of=_ONE, door="celery"), completes=True),),
    ),
    Story(
        title="three items, invoiced apart",
        code="Submarino-285264640002",
        steps=(
            Step(invoiced("21", {"345117": 1}, of=_THREE)),
            Step(invoiced("22", {"88": 1}, of=_THREE), moment=invoices(1)),
            Step(
                invoiced("23", {"90210": 1}, of=_THREE),
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
            Step(invoiced("31", {"345117": 2}, of=_FIVE, minute=1), moment=invoices(1), completes=True),
            Step(invoiced("31", {"345117": 2}, of=_FIVE, minute=1), moment=status(Status.REQUESTED)),
        ),
    ),
    Story(
        title="complete, until its invoice was replaced by a smaller one",
        code="Submarino-285264640004",
        collectable_after_seconds=None,
        steps=(
            Step(invoiced("41", _TWO, of=_TWO)),
            Step(invoiced("41", {"345117": 1}, of=_TWO, minute=1), moment=status(Status.DUE)),
            Step(label_printed(), moment=status(Status.WAITING)),
            Step(invoiced("42", {"88": 1}, of=_TWO, minute=2), seconds_later=SEVERAL_SWEEPS, completes=True),
        ),
        history=("order.due", "invoice.replaced", "order.waiting", "order.due", "order.requested"),
    ),
    Story(
        title="a return came between its invoices",
        code="Shoptime-285264640005",
        steps=(
            Step(invoiced("51", {"345117": 1}, of=_PAIR)),
            Step(returned("7001", {"345117": 1}, minute=1), moment=invoices(1)),
            Step(
                invoiced("52", {"345117": 1}, of=_PAIR, minute=2),
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
            Step(invoiced("61", {"345117": 1}, of=_TWO)),
            Step(canceled(minute=1), moment=invoices(1)),
            Step(
                invoiced("62", {"88": 1}, of=_TWO, minute=2),
                moment=status(Status.CANCELED),
                completes=True,
            ),
        ),
        status=Status.CANCELED,
        confirmations=0,
    ),
)
