"""Stories of Pick and Pack: what its webhook tells, and what a store does not request before it is packed."""

from worker.domain.order import Status
from worker.entrypoints.demo.deeds import AtPickAndPack, invoiced_at_vtex, label_printed
from worker.entrypoints.demo.stories import ONE, SEVERAL_SWEEPS, Step, Story, held, status

STORIES = (
    Story(
        title="Pick and Pack's webhook alone: INVOICED",
        code="Sou Barato-285264640029",
        store="ipanema",
        packing="INVOICING",
        # SkyHub lists it only once the webhook has told: what is not listed, reconcile cannot find.
        collectable_after_seconds=None,
        steps=(
            Step(invoiced_at_vtex("2901", ONE)),
            Step(AtPickAndPack(status="INVOICED")),
            Step(label_printed(), moment=status(Status.DUE)),
        ),
        history=("fulfilment.changed", "order.announced", "invoice.recorded", "order.due", "order.requested"),
    ),
    Story(
        title="connector push, and held until Pick and Pack says that it is packed",
        code="Lojas Americanas-285264640030",
        store="jangada",
        packing="PACKING",
        steps=(
            Step(invoiced_at_vtex("3001", ONE)),
            Step(AtPickAndPack(status="READY_FOR_INVOICING"), moment=held, seconds_later=SEVERAL_SWEEPS),
        ),
        history=("order.due", "order.held", "fulfilment.changed", "order.packed", "order.requested"),
    ),
)
