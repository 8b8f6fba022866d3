"""Stories of carriers, which the events do not name: only what Direct carries is requested."""

from worker.domain.order import Status
from worker.entrypoints.demo.stories import Story, one_invoice
from worker.sandbox.skyhub.orders import Carrier

_NOT_OURS: tuple[tuple[str, str, str, Carrier], ...] = (
    ("Correios", "Lojas Americanas-285264640008", "8", "correios"),
    ("own logistics", "Shoptime-285264640009", "9", "own"),
    ("B2W Fulfillment", "Submarino-285264640010", "10", "fulfillment"),
)

STORIES = (
    Story(
        title="Direct, as only SkyHub knows",
        code="Sou Barato-285264640007",
        steps=(one_invoice("7", carrier=None),),
    ),
    *(
        Story(
            title=f"{name}, as only SkyHub knows",
            code=code,
            carrier=carrier,
            steps=(one_invoice(number, carrier=None),),
            status=Status.SKIPPED,
            reason=carrier,
            confirmations=0,
        )
        for name, code, number, carrier in _NOT_OURS
    ),
)
