"""Stories of carriers, which the events do not name: only what Direct carries is requested."""

from worker.domain.order import Status
from worker.entrypoints.demo.deeds import invoiced
from worker.entrypoints.demo.stories import Step, Story

_ONE = {"345117": 1}

STORIES = (
    Story(
        title="Direct, as only SkyHub knows",
        code="Sou Barato-285264640007",
        steps=(Step(invoiced("7", _ONE, of=_ONE, carrier=None), completes=True),),
    ),
    Story(
        title="Correios, as only SkyHub knows",
        code="Lojas Americanas-285264640008",
        carrier="correios",
        steps=(Step(invoiced("8", _ONE, of=_ONE, carrier=None), completes=True),),
        status=Status.SKIPPED,
        reason="correios",
        confirmations=0,
    ),
    Story(
        title="own logistics, as only SkyHub knows",
        code="Shoptime-285264640009",
        carrier="own",
        steps=(Step(invoiced("9", _ONE, of=_ONE, carrier=None), completes=True),),
        status=Status.SKIPPED,
        reason="own",
        confirmations=0,
    ),
    Story(
        title="B2W Fulfillment, as only SkyHub knows",
        code="Submarino-285264640010",
        carrier="fulfillment",
        steps=(Step(invoiced("10", _ONE, of=_ONE, carrier=None), completes=True),),
        status=Status.SKIPPED,
        reason="fulfillment",
        confirmations=0,
    ),
)
