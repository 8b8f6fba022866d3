"""Stories of operators: what is stuck, or was told or done wrong, a person mends."""

import json

from worker.domain.order import Status
from worker.entrypoints.demo.deeds import (
    carried_by_direct,
    invoiced,
    label_printed,
    labels_ungrouped,
    released,
    requested_again,
    retried,
)
from worker.entrypoints.demo.stories import ONE, SEVERAL_SWEEPS, TWO, Step, Story, invoices, one_invoice, status
from worker.sandbox.faults import Fault

_REFUSED = {"result": "erro", "message": "Pedido em analise"}

STORIES = (
    Story(
        title="its last item is sold out: released by hand",
        code="Submarino-285264640018",
        steps=(
            Step(invoiced("18", ONE, of=TWO)),
            # From here on the operator vouches for what is missing.
            Step(
                released("88 is sold out, the customer was refunded"),
                moment=invoices(1),
                seconds_later=SEVERAL_SWEEPS,
                completes=True,
            ),
        ),
        history=("operator.released", "order.due", "order.requested"),
    ),
    Story(
        title="its label list was ungrouped: requested again by hand",
        code="Lojas Americanas-285264640019",
        steps=(
            one_invoice("19"),
            Step(labels_ungrouped(), moment=status(Status.REQUESTED)),
            # SkyHub's lists must have had time to settle.
            Step(requested_again("the label list was ungrouped"), seconds_later=SEVERAL_SWEEPS),
        ),
        confirmations=2,
        history=("order.requested", "operator.requested_again", "order.due", "order.requested"),
    ),
    Story(
        title="SkyHub refused it for a while: retried by hand",
        code="Shoptime-285264640020",
        store="estrela",
        fault=Fault(call="confirm", status=422, body=json.dumps(_REFUSED)),
        steps=(
            one_invoice("20"),
            Step(retried("SkyHub's support has mended it"), moment=status(Status.FAILED)),
        ),
        history=("order.failed", "operator.retried", "order.due", "order.requested"),
    ),
    Story(
        title="its carrier was told wrong: corrected by hand",
        code="Sou Barato-285264640021",
        collectable_after_seconds=None,
        steps=(
            one_invoice("21", carrier="correios"),
            Step(carried_by_direct("the label says Direct"), moment=status(Status.SKIPPED)),
            Step(label_printed(), moment=status(Status.DUE)),
        ),
        history=("order.skipped", "operator.set_carrier", "order.due", "order.requested"),
    ),
)
