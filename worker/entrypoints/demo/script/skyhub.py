"""Stories of SkyHub: not ready yet, faster than we, silent, down, or refusing.

Each trouble has a store of its own, with an account of its own: it holds nobody else up.
"""

import json

from worker.domain.order import Status
from worker.entrypoints.demo.stories import Story, one_invoice
from worker.sandbox.faults import Fault

_BLOCKED = "Pedido bloqueado para coleta: 285264640015"
# What an order goes through whose confirmation tells nothing, each time.
_NO_CLEAR_ANSWER = ("order.requesting", "order.due")

STORIES = (
    Story(
        title="its label is late",
        code="Sou Barato-285264640011",
        collectable_after_seconds=4,
        steps=(one_invoice("11"),),
        history=("order.not_yet", "order.requested"),
    ),
    Story(
        title="a person was faster in the panel",
        code="Lojas Americanas-285264640012",
        in_panel=True,
        steps=(one_invoice("12"),),
        reason="found",
        confirmations=0,
    ),
    Story(
        title="SkyHub accepted it, and its answer got lost",
        code="Submarino-285264640013-01",
        store="brava",
        fault=Fault(call="confirm", when="after", hang_seconds=3600),
        steps=(one_invoice("13"),),
        reason="found",
        history=(*_NO_CLEAR_ANSWER, "order.requested"),
    ),
    Story(
        title="SkyHub answered 503 three times",
        code="Shoptime-285264640014",
        store="carioca",
        fault=Fault(call="confirm", status=503, times=3, body=json.dumps({"error": "Service Unavailable"})),
        steps=(one_invoice("14"),),
        history=(*_NO_CLEAR_ANSWER * 3, "order.requesting", "order.requested"),
    ),
    Story(
        title="SkyHub refused its batch because of it",
        code="Submarino-285264640015",
        store="dourada",
        expect="none",
        fault=Fault(call="confirm", status=422, times=None, body=json.dumps({"result": "erro", "message": _BLOCKED})),
        steps=(one_invoice("15"),),
        status=Status.FAILED,
        reason=_BLOCKED,
        confirmations=0,
        history=(*_NO_CLEAR_ANSWER * 2, "order.failed"),
    ),
    *(
        Story(
            title="in that batch, which SkyHub refused at first",
            code=code,
            store="dourada",
            steps=(one_invoice(number),),
            history=(*_NO_CLEAR_ANSWER, "order.requesting", "order.requested"),
        )
        for code, number in (("Shoptime-285264640016", "16"), ("Sou Barato-285264640017", "17"))
    ),
)
