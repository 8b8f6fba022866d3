"""Which version of an invoice counts, for any bodies in any order."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from worker.domain.invoices import Invoice, Items, Source, add, counted

SKUS = ("a", "b", "c")
quantities = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), max_size=2)
named = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1, max_size=2)
dates = st.integers(1, 4)


def bodies(dated_at: st.SearchStrategy[int | None], source: Source) -> st.SearchStrategy[Invoice]:
    """Bodies of a handful of invoices that share numbers and keys."""
    return st.builds(
        Invoice,
        number=st.sampled_from(("1", "2", "3")),
        key=st.sampled_from((None, None, "K", "L")),
        output=st.sampled_from((True, True, False)),
        items=quantities,
        dated_at=dated_at,
        source=st.just(source),
    )


dated = bodies(dates, Source.PUSHED) | bodies(dates, Source.SNAPSHOT)
any_bodies = dated | bodies(st.none(), Source.PUSHED)  # A snapshot is always dated, before its read.


def after(heard: Sequence[Invoice]) -> tuple[Invoice, ...]:
    """Hear the bodies one after the other."""
    invoices: tuple[Invoice, ...] = ()
    for body in heard:
        invoices = add(invoices, body)
    return invoices


def groups(heard: Sequence[Invoice]) -> list[list[Invoice]]:
    """Sort bodies into invoices by number or key, transitively, in the plainest way."""
    apart: list[list[Invoice]] = []
    for body in heard:
        joined = [group for group in apart if any(_same(body, other) for other in group)]
        apart = [group for group in apart if group not in joined]
        apart.append([body, *(other for group in joined for other in group)])
    return apart


def _same(one: Invoice, other: Invoice) -> bool:
    key = one.key is not None and one.key == other.key
    return one.output == other.output and (one.number == other.number or key)


def winner(group: Sequence[Invoice]) -> tuple[bool, int, int, int]:
    """Return what the standing version has to be: naming items, pushed, new, small, in this order of weight."""
    return max(_weight(body) for body in group)


def _weight(body: Invoice) -> tuple[bool, int, int, int]:
    names = bool(body.items)
    return names, body.source if names else 0, body.dated_at or 0, -sum(body.items.values())


@given(heard=st.lists(dated, max_size=7), data=st.data())
def test_the_order_in_which_dated_bodies_arrive_does_not_matter(heard: list[Invoice], data: st.DataObject) -> None:
    """Counts, names and the standing versions are the same."""
    shuffled = data.draw(st.permutations(heard))
    assert counted(after(heard)) == counted(after(shuffled))
    assert {(i.names, i.number, i.output, i.versions) for i in after(heard)} == {
        (i.names, i.number, i.output, i.versions) for i in after(shuffled)
    }


@given(heard=st.lists(dated, max_size=7))
def test_the_standing_version_is_the_weightiest_of_its_invoice(heard: list[Invoice]) -> None:
    """Naming items, then pushed, then newer, then fewer units; one invoice a group of shared numbers and keys."""
    expected = sorted((winner(group), group[0].output) for group in groups(heard))
    assert sorted((_weight(invoice), invoice.output) for invoice in after(heard)) == expected


@given(heard=st.lists(any_bodies, max_size=7))
def test_names_are_shared_by_no_two_invoices(heard: list[Invoice]) -> None:
    """One invoice, one document: its names are all that its bodies carried."""
    assert sorted((sorted(invoice.names), invoice.output) for invoice in after(heard)) == sorted(
        (sorted(frozenset[str]().union(*(body.names for body in group))), group[0].output) for group in groups(heard)
    )


@given(heard=st.lists(any_bodies, min_size=1, max_size=7), data=st.data())
def test_repeats_change_nothing(heard: list[Invoice], data: st.DataObject) -> None:
    """Any body heard before, dated or not, leaves the very same tuple."""
    invoices = after(heard)
    assert add(invoices, data.draw(st.sampled_from(heard))) is invoices


@given(versions=st.lists(st.tuples(st.none() | dates, named), min_size=1, max_size=6), data=st.data())
def test_repeats_of_one_invoice_change_nothing(versions: list[tuple[int | None, Items]], data: st.DataObject) -> None:
    """Also what an undated body corrected since."""
    heard = [Invoice(number="1", items=items, dated_at=date) for date, items in versions]
    invoices = after(heard)
    assert add(invoices, data.draw(st.sampled_from(heard))) is invoices


@given(versions=st.lists(st.tuples(st.none() | dates, named), min_size=1, max_size=6), items=named)
def test_an_undated_body_replaces_only_with_items_never_seen_before(
    versions: list[tuple[int | None, Items]], items: Items
) -> None:
    """New content is a correction and counts at once; content that any kept version had is a repeat."""
    known = after([Invoice(number="1", items=content, dated_at=date) for date, content in versions])
    heard = add(known, Invoice(number="1", items=items))
    seen = [content for _, content in versions]
    assert counted(heard) == (counted(known) if items in seen else items)


@given(heard=st.lists(any_bodies, max_size=7))
def test_an_invoice_remembers_each_content_once(heard: list[Invoice]) -> None:
    """However often and under however many dates it was heard: documents stay small."""
    for invoice in after(heard):
        contents = [(version.source, version.items) for version in invoice.versions]
        assert len(contents) == len(set(contents))


@given(heard=st.lists(any_bodies, max_size=7))
def test_returns_are_never_counted(heard: list[Invoice]) -> None:
    """The counts are those of the outgoing bodies alone."""
    assert counted(after(heard)) == counted(after([body for body in heard if body.output]))
