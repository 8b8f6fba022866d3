"""Stories of doors: how an invoice becomes known, each way alone in a store of its own.

Where only one way may have done it, SkyHub lists the order no sooner than that way has told: what is not listed,
reconcile cannot find.
"""

from worker.domain.order import Attention, Status
from worker.entrypoints.demo.deeds import (
    all_ways_lost,
    canceled_at_vtex,
    invoiced_at_vtex,
    label_printed,
    tracked_at_vtex,
)
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

_WHOLE_VALUE = 2000

STORIES = (
    Story(
        title="native event over HTTP: one item",
        code="Lojas Americanas-285264640022",
        steps=(one_invoice("2201", door="native over HTTP"),),
    ),
    Story(
        title="connector push: two invoices, each pushed again with tracking by Correios",
        code="Submarino-285264640023",
        store="fluvial",
        items=PAIR,
        collectable_after_seconds=None,
        steps=(
            Step(invoiced_at_vtex("2301", ONE)),
            Step(label_printed(), moment=invoices(1)),
            # Counted twice, it would complete the order.
            Step(tracked_at_vtex("2301", "Correios")),
            Step(invoiced_at_vtex("2302", ONE), seconds_later=SEVERAL_SWEEPS),
            Step(tracked_at_vtex("2302", "Correios"), moment=status(Status.REQUESTED)),
        ),
        history=("invoice.recorded", "invoice.recorded", "order.due", "order.requested"),
    ),
    Story(
        title="connector push: canceled before its last invoice",
        code="Shoptime-285264640024",
        store="fluvial",
        items=TWO,
        steps=(
            Step(invoiced_at_vtex("2401", ONE)),
            Step(canceled_at_vtex("canceled by the customer"), moment=invoices(1)),
            Step(invoiced_at_vtex("2402", {"88": 1}), moment=status(Status.CANCELED)),
        ),
        status=Status.CANCELED,
        reason="canceled",  # by the push, or in the OMS's own words where it was read before the push came
        confirmations=0,
    ),
    Story(
        title="Orders hook alone: three packages",
        code="Sou Barato-285264640025",
        store="garoa",
        items=THREE,
        collectable_after_seconds=None,
        steps=(
            Step(invoiced_at_vtex("2501", ONE)),
            Step(invoiced_at_vtex("2502", {"88": 1}), moment=invoices(1)),
            Step(label_printed(), moment=invoices(2)),
            Step(invoiced_at_vtex("2503", {"90210": 1}), seconds_later=SEVERAL_SWEEPS),
        ),
        history=("order.announced", *("invoice.recorded",) * 3, "order.due", "order.requested"),
    ),
    Story(
        title="Orders hook: VTEX calls it invoiced, and an item is missing",
        code="Lojas Americanas-285264640026",
        store="garoa",
        items=TWO,
        expect="none",
        steps=(Step(invoiced_at_vtex("2601", ONE, cents=_WHOLE_VALUE)),),
        status=Status.WAITING,
        reason="1 of 2 units invoiced",
        attention=frozenset({Attention.OMS_INVOICED_ITEMS_MISSING}),
        confirmations=0,
        history=("order.announced", "invoice.recorded"),
    ),
    Story(
        title="Orders feed alone: two invoices",
        code="Submarino-285264640027",
        store="horizonte",
        items=TWO,
        collectable_after_seconds=None,
        steps=(
            Step(invoiced_at_vtex("2701", ONE)),
            Step(invoiced_at_vtex("2702", {"88": 1}), moment=invoices(1)),
            Step(label_printed(), moment=status(Status.DUE)),
        ),
        history=("order.announced", "invoice.recorded", "invoice.recorded", "order.due", "order.requested"),
    ),
    Story(
        title="hook, push and feed lost in mid-run: reconcile alone",
        code="Shoptime-285264640028",
        store="lagoa",
        items=TWO,
        steps=(
            Step(invoiced_at_vtex("2801", ONE)),
            Step(all_ways_lost(), moment=invoices(1)),
            # What was told before has no effect any more by then.
            Step(invoiced_at_vtex("2802", {"88": 1}), seconds_later=SEVERAL_SWEEPS),
        ),
        history=("invoice.recorded", "invoice.recorded", "order.due", "order.requested"),
    ),
)
