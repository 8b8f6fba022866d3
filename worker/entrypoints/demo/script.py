"""The stories that `coleta demo` tells: every kind of order that the promises speak of."""

from worker.domain.order import Status
from worker.entrypoints.demo.stories import BRAVA, Step, Story, canceled, invoiced, invoices, status
from worker.sandbox.faults import Fault

_ONE = {"345117": 1}
_TWO = {"345117": 1, "88": 1}
_THREE = {"345117": 1, "88": 1, "90210": 1}
_FIVE = {"345117": 5}

# Time enough for a request that would be too early.
_SEVERAL_SWEEPS = 2.5

_SINGLE = "Lojas Americanas-285264640001"
_APART = "Submarino-285264640002"
_PARTIAL = "Shoptime-285264640003"
_CORREIOS = "Lojas Americanas-285264640004"
_LEARNED = "Americanas Empresas-285264640005"
_CANCELED = "Submarino-285264640006"
_LABEL_LATE = "Sou Barato-285264640007"
_OWN = "Shoptime-285264640008"
_PANEL = "Lojas Americanas-285264640009"
_UNANSWERED = "Submarino-285264640010-01"

STORIES = (
    Story(
        title="one item, told by a Celery message",
        code=_SINGLE,
        steps=(Step(event=invoiced(_SINGLE, "1", _ONE, of=_ONE), completes=True, door="celery"),),
    ),
    Story(
        title="three items, invoiced apart",
        code=_APART,
        steps=(
            Step(event=invoiced(_APART, "21", {"345117": 1}, of=_THREE)),
            Step(event=invoiced(_APART, "22", {"88": 1}, of=_THREE), moment=invoices(1)),
            Step(
                event=invoiced(_APART, "23", {"90210": 1}, of=_THREE),
                moment=invoices(2),
                seconds_later=_SEVERAL_SWEEPS,
                completes=True,
            ),
        ),
    ),
    Story(
        title="five units in two invoices, out of order and repeated",
        code=_PARTIAL,
        steps=(
            Step(event=invoiced(_PARTIAL, "32", {"345117": 3}, of=_FIVE, minute=2)),
            Step(event=invoiced(_PARTIAL, "32", {"345117": 3}, of=_FIVE, minute=2)),
            Step(event=invoiced(_PARTIAL, "31", {"345117": 2}, of=_FIVE, minute=1), moment=invoices(1), completes=True),
            Step(event=invoiced(_PARTIAL, "31", {"345117": 2}, of=_FIVE, minute=1), moment=status(Status.REQUESTED)),
        ),
    ),
    Story(
        title="ships by Correios, as only SkyHub knows",
        code=_CORREIOS,
        carrier="correios",
        steps=(Step(event=invoiced(_CORREIOS, "4", _ONE, of=_ONE, carrier=None), completes=True),),
        status=Status.SKIPPED,
        confirmations=0,
    ),
    Story(
        title="carrier not told, learned at SkyHub",
        code=_LEARNED,
        steps=(Step(event=invoiced(_LEARNED, "5", _ONE, of=_ONE, carrier=None), completes=True),),
    ),
    Story(
        title="canceled before its last invoice",
        code=_CANCELED,
        expect="none",
        steps=(
            Step(event=invoiced(_CANCELED, "61", {"345117": 1}, of=_TWO)),
            Step(event=canceled(_CANCELED, minute=1), moment=invoices(1)),
            Step(
                event=invoiced(_CANCELED, "62", {"88": 1}, of=_TWO, minute=2),
                moment=status(Status.CANCELED),
                completes=True,
            ),
        ),
        status=Status.CANCELED,
        confirmations=0,
    ),
    Story(
        title="its label is late",
        code=_LABEL_LATE,
        collectable_after_seconds=4,
        steps=(Step(event=invoiced(_LABEL_LATE, "7", _ONE, of=_ONE), completes=True),),
    ),
    Story(
        title="ships with the seller's own logistics",
        code=_OWN,
        carrier="own",
        steps=(Step(event=invoiced(_OWN, "8", _ONE, of=_ONE, carrier=None), completes=True),),
        status=Status.SKIPPED,
        confirmations=0,
    ),
    Story(
        title="a person was faster in the panel",
        code=_PANEL,
        in_panel=True,
        steps=(Step(event=invoiced(_PANEL, "9", _ONE, of=_ONE), completes=True),),
        confirmations=0,
    ),
    Story(
        title="SkyHub accepted it, and its answer got lost",
        code=_UNANSWERED,
        store=BRAVA,
        fault=Fault(call="confirm", when="after", code=_UNANSWERED, hang_seconds=3600),
        steps=(Step(event=invoiced(_UNANSWERED, "10", _ONE, of=_ONE), completes=True),),
    ),
)
