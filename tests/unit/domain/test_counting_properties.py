"""The counting rules of the design, for any events in any order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.domain.builders import NOW, ORDER_ID, POLICY, saved
from worker.domain.events import Event, OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.invoices import Invoice, Items, Source
from worker.domain.order import Attention, Order, Status
from worker.domain.progress import record

SKUS = ("a", "b", "c")
moments = st.integers(NOW, NOW + 3)
bodies = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), max_size=3)
item_lists = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), max_size=3)
carriers = st.sampled_from((Carrier.DIRECT, Carrier.DIRECT, Carrier.DIRECT, Carrier.CORREIOS, Carrier.UNKNOWN))
cancels = st.builds(OrderCanceled, order_id=st.just(ORDER_ID), occurred_at=moments, reason=st.just("fraud"))


@st.composite
def invoice_events(draw: st.DrawFn, carriers: st.SearchStrategy[Carrier] = carriers) -> OrderInvoiced:
    """Draw an event whose invoice is dated as the event is, by its producer or by the read of a snapshot."""
    at = draw(moments)
    invoice = Invoice(
        number=draw(st.sampled_from(("1", "2", "3"))),
        key=draw(st.sampled_from((None, None, "K"))),
        output=draw(st.sampled_from((True, True, True, False))),
        items=draw(bodies),
        dated_at=at,
        source=draw(st.sampled_from(Source)),
    )
    items = draw(st.none() | item_lists)
    return OrderInvoiced(order_id=ORDER_ID, occurred_at=at, invoice=invoice, items=items, carrier=draw(carriers))


direct_events = invoice_events(st.just(Carrier.DIRECT))


def after(events: Sequence[Event]) -> Order:
    """Fold the events into one order, saving it after each."""
    order: Order | None = None
    for event in events:
        order = saved(record(order, event, POLICY, NOW))
    assert order is not None
    return order


def known(order: Order) -> tuple[object, ...]:
    """Gather what counting decides of an order."""
    return (
        order.status,
        order.reason,
        order.ordered,
        order.newest_list,
        order.invoiced,
        order.carriers,
        order.attention,
    )


@given(events=st.lists(invoice_events(), min_size=1, max_size=6), data=st.data())
def test_any_order_of_events_gives_the_same_counts_and_status(events: list[OrderInvoiced], data: st.DataObject) -> None:
    """Doors are unordered: only what was said counts, not when it was heard."""
    assert known(after(events)) == known(after(data.draw(st.permutations(events))))


@given(events=st.lists(invoice_events() | cancels, min_size=1, max_size=6), data=st.data())
def test_a_cancel_ends_the_order_whenever_it_is_heard(events: list[Event], data: st.DataObject) -> None:
    """Before, between or after the invoices: never due; the counts are the same."""
    assume(any(isinstance(event, OrderCanceled) for event in events))
    one, other = after(events), after(data.draw(st.permutations(events)))
    assert (one.ordered, one.invoiced, one.carriers) == (other.ordered, other.invoiced, other.carriers)
    for order in (one, other):
        skipped = order.status is Status.SKIPPED and order.carrier is not Carrier.DIRECT
        assert order.status is Status.CANCELED or skipped


@given(events=st.lists(invoice_events() | cancels, min_size=1, max_size=6), data=st.data())
def test_repeats_change_nothing(events: list[Event], data: st.DataObject) -> None:
    """An event that was heard before, however long ago, leaves the very same order."""
    order = after(events)
    assert record(order, data.draw(st.sampled_from(events)), POLICY, NOW + 9) is order


@given(events=st.lists(direct_events, min_size=1, max_size=6))
def test_an_order_is_due_exactly_when_every_unit_is_covered(events: list[OrderInvoiced]) -> None:
    """Counted in the plainest way: the highest quantity of any list, the standing version of each invoice."""
    order = after(events)
    ordered: Counter[str] = Counter()
    for event in events:
        ordered |= Counter(event.items or {})
    units: Counter[str] = Counter()
    for invoice in order.invoices:
        units += Counter(invoice.items) if invoice.output else Counter()
    assert order.ordered == ordered
    complete = bool(ordered) and not ordered - units
    assert (order.status is Status.DUE) is complete
    assert order.status in (Status.DUE, Status.WAITING)


@given(events=st.lists(invoice_events(), min_size=1, max_size=6))
def test_nothing_is_counted_beyond_what_was_ordered(events: list[OrderInvoiced]) -> None:
    """Unknown SKUs and surplus units ask for attention, and are never taken for other units."""
    order = after(events)
    units: Counter[str] = Counter()
    for invoice in order.invoices:
        units += Counter(invoice.items) if invoice.output else Counter()
    assert order.invoiced.keys() == order.ordered.keys()
    assert all(order.invoiced[sku] == min(most, units[sku]) for sku, most in order.ordered.items())
    assert (Attention.UNKNOWN_SKU in order.attention) is (bool(order.ordered) and bool(units.keys() - order.ordered))
    surplus = any(units[sku] > most for sku, most in order.ordered.items())
    assert (Attention.OVER_INVOICED in order.attention) is surplus


@given(events=st.lists(invoice_events(), min_size=1, max_size=6))
def test_a_removal_is_shown_as_long_as_the_newest_list_lacks_units(events: list[OrderInvoiced]) -> None:
    """Nothing is lowered by itself: ordered is the highest that any source gave."""
    order = after(events)
    told = [event for event in events if event.items]
    newest = max((event.occurred_at for event in told), default=0)
    newest_lists = [event.items or {} for event in told if event.occurred_at == newest]
    lacks = [any(items.get(sku, 0) < most for sku, most in order.ordered.items()) for items in newest_lists]
    shown = Attention.ITEMS_REMOVED in order.attention
    assert shown in lacks if lacks else not shown


@given(
    units=st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 3)), min_size=1, max_size=6),
    data=st.data(),
)
def test_partial_invoices_of_repeated_lines_complete_an_order_at_the_last_unit(
    units: list[tuple[str, int]], data: st.DataObject
) -> None:
    """A SKU on several lines is pooled; whatever the partition into invoices, only the last one makes the order due."""
    ordered: Counter[str] = Counter()
    for sku, quantity in units:
        ordered[sku] += quantity
    single = data.draw(st.permutations(list(ordered.elements())))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(single) - 1), max_size=4))) if len(single) > 1 else []
    parts = [single[start:end] for start, end in zip([0, *cuts], [*cuts, len(single)], strict=True)]
    order: Order | None = None
    for number, part in enumerate(parts):
        assert order is None or order.status is Status.WAITING
        order = saved(record(order, _event(str(number), Counter(part), ordered), POLICY, NOW))
    assert order is not None
    assert order.status is Status.DUE


@given(
    events=st.lists(direct_events, min_size=1, max_size=5),
    items=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), min_size=1),
)
def test_a_return_never_takes_back_nor_completes(events: list[OrderInvoiced], items: Items) -> None:
    """`Input` is ignored for progress, whatever it names."""
    order = after(events)
    back = replace(events[0], invoice=replace(events[0].invoice, output=False, items=items), items=None)
    heard = record(order, back, POLICY, NOW)
    assert (heard.status, heard.invoiced) == (order.status, order.invoiced)


@given(events=st.lists(direct_events, min_size=1, max_size=5), at=moments, items=bodies)
def test_a_snapshot_never_changes_what_a_pushed_invoice_named(
    events: list[OrderInvoiced], at: int, items: Items
) -> None:
    """The OMS's packages are fallible."""
    order = after(events)
    pushed = [known for known in order.invoices if known.items and known.source is Source.PUSHED]
    assume(pushed)
    copy = replace(pushed[0], items=items, dated_at=at + 9, source=Source.SNAPSHOT)
    event = OrderInvoiced(order_id=ORDER_ID, occurred_at=at, invoice=copy)
    assert record(order, event, POLICY, NOW).invoiced == order.invoiced


def _event(number: str, items: Items, ordered: Items) -> OrderInvoiced:
    invoice = Invoice(number=number, items=items, dated_at=NOW)
    return OrderInvoiced(
        order_id=ORDER_ID, occurred_at=NOW, invoice=invoice, items=dict(ordered), carrier=Carrier.DIRECT
    )
