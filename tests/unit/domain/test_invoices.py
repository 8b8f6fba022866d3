"""Which bodies are the same invoice, and which version of it counts: one example a rule."""

from dataclasses import replace

from tests.unit.domain.builders import NOW, an_invoice
from worker.domain.invoices import Invoice, Source, Version, add, counted


def after(*bodies: Invoice) -> tuple[Invoice, ...]:
    """Hear the bodies one after the other."""
    invoices: tuple[Invoice, ...] = ()
    for body in bodies:
        invoices = add(invoices, body)
    return invoices


def test_different_invoices_add_up() -> None:
    """Partial invoices of an order are pooled by SKU."""
    assert counted(after(an_invoice("1", {"a": 1, "b": 2}), an_invoice("2", {"a": 3}))) == {"a": 4, "b": 2}


def test_a_newer_body_of_the_same_number_replaces() -> None:
    """Never added, in whichever order the two arrive; nothing else of the order changes."""
    other = an_invoice("9", {"z": 1})
    old, new = an_invoice("1", {"a": 1}), an_invoice("1", {"a": 3}, dated_at=NOW + 1)
    assert counted(after(old, other, new)) == {"a": 3, "z": 1}
    assert counted(after(new, other, old)) == {"a": 3, "z": 1}


def test_of_two_bodies_of_one_date_the_smaller_counts() -> None:
    """In doubt, fewer units: never early."""
    more, fewer = an_invoice("1", {"a": 2, "b": 2}), an_invoice("1", {"c": 3})
    assert counted(after(more, fewer)) == counted(after(fewer, more)) == {"c": 3}


def test_a_shared_key_makes_one_invoice() -> None:
    """A fiscal key names the invoice whatever its number; the surviving document keeps what either told."""
    first = Invoice(number="1", key="K", items={"a": 1}, dated_at=NOW, issued_at=NOW - 5)
    (kept,) = after(first, an_invoice("001", {"a": 2}, key="K", dated_at=NOW + 1))
    assert (kept.number, kept.key, kept.issued_at, dict(kept.items)) == ("001", "K", NOW - 5, {"a": 2})
    assert kept.names == {"number:1", "number:001", "key:K"}
    assert kept.aliases == {"number:1"}


def test_the_key_and_the_issue_date_come_from_whoever_knows_them() -> None:
    """A newer body without them does not erase them, and one with them wins."""
    known = Invoice(number="1", items={"a": 1}, dated_at=NOW, key="K", issued_at=NOW)
    (kept,) = after(known, an_invoice("1", dated_at=NOW + 1))
    assert (kept.key, kept.issued_at) == ("K", NOW)
    (kept,) = after(known, Invoice(number="1", items={"a": 1}, dated_at=NOW + 1, key="L", issued_at=NOW + 1))
    assert (kept.key, kept.issued_at) == ("L", NOW + 1)
    assert kept.names == {"number:1", "key:K", "key:L"}


def test_an_empty_key_is_no_key() -> None:
    """Two invoices whose key is an empty text are two invoices."""
    assert counted(after(an_invoice("1", key=""), an_invoice("2", key=""))) == {"a": 2}


def test_a_number_that_reads_like_a_key_is_not_that_key() -> None:
    """Numbers are compared with numbers, keys with keys."""
    assert counted(after(an_invoice("1", key="7"), an_invoice("7"))) == {"a": 2}


def test_a_body_that_joins_two_known_invoices_leaves_one() -> None:
    """Identity is transitive: its number is one's and its key the other's; a third stays apart, in its place."""
    first, second, third = an_invoice("1"), an_invoice("2", key="K", dated_at=NOW + 9), an_invoice("3", {"b": 1})
    joined = after(first, third, second, an_invoice("1", {"a": 5}, key="K"))
    assert [invoice.names for invoice in joined] == [{"number:1", "number:2", "key:K"}, {"number:3"}]
    assert counted(joined) == {"a": 1, "b": 1}
    assert joined[0].dated_at == NOW + 9


def test_a_return_is_kept_apart_and_never_counted() -> None:
    """An `Input` under the same number neither replaces nor reduces what was invoiced."""
    invoices = after(an_invoice("1", {"a": 2}), an_invoice("1", {"a": 1}, output=False, dated_at=NOW + 1))
    assert len(invoices) == 2
    assert counted(invoices) == {"a": 2}


def test_a_body_that_names_items_outranks_one_that_names_none() -> None:
    """Whatever their dates and sources."""
    named, bare = an_invoice("1", {"a": 1}, source=Source.SNAPSHOT), an_invoice("1", {}, dated_at=NOW + 1)
    assert counted(after(named, bare)) == counted(after(bare, named)) == {"a": 1}


def test_a_pushed_body_outranks_the_snapshots_copy() -> None:
    """The OMS's packages are fallible, however fresh the read; where the push names no items they are all there is."""
    pushed = an_invoice("1", {"a": 1})
    copy = an_invoice("1", {"a": 2}, dated_at=NOW + 1, source=Source.SNAPSHOT)
    bare = an_invoice("1", {}, dated_at=NOW + 2)
    assert counted(after(pushed, copy)) == counted(after(copy, pushed)) == {"a": 1}
    assert counted(after(bare, copy)) == counted(after(copy, bare)) == {"a": 2}


def test_of_two_bodies_without_items_the_later_stands() -> None:
    """Source does not matter where nothing is named, so that any order of arrival ends alike."""
    pushed, copy = an_invoice("1", {}), an_invoice("1", {}, dated_at=NOW + 1, source=Source.SNAPSHOT)
    assert after(pushed, copy)[0].dated_at == after(copy, pushed)[0].dated_at == NOW + 1


def test_an_undated_body_with_new_items_is_a_correction() -> None:
    """It counts at once, and stands where the version it corrects stood: an equal date with more units loses to it."""
    known, correction = an_invoice("1", {"a": 1}), an_invoice("1", {"a": 2}, dated_at=None)
    corrected = after(known, correction)
    assert counted(corrected) == {"a": 2}
    assert corrected[0].dated_at == NOW
    assert counted(add(corrected, an_invoice("1", {"a": 3}))) == {"a": 2}
    assert counted(add(corrected, an_invoice("1", {"a": 3}, dated_at=NOW + 1))) == {"a": 3}


def test_what_an_undated_body_corrected_does_not_come_back() -> None:
    """A repeat of any version already kept, dated or not, changes nothing: the very same tuple comes back."""
    first, second, third = (an_invoice("1", {"a": n}, dated_at=None) for n in (1, 3, 4))
    dated = an_invoice("1", {"a": 2})
    invoices = after(first, dated, second, third)
    assert counted(invoices) == {"a": 4}
    for repeat in (first, dated, second, third):
        assert add(invoices, repeat) is invoices


def test_what_was_corrected_before_an_update_of_this_program_does_not_come_back() -> None:
    """Documents keep the fingerprints of what was replaced: they must read the same in every release."""
    stored = replace(an_invoice("1", {"a": 4}), replaced=(Version(NOW, Source.PUSHED, "47a2d23ea72b"),))
    known = (stored,)
    assert add(known, an_invoice("1", {"b": 1, "a": 2})) is known
    assert counted(add(known, an_invoice("1", {"b": 1, "a": 1}))) == {"a": 1, "b": 1}


def test_what_only_another_source_said_of_that_date_is_no_repeat() -> None:
    """A pushed body is not taken for the snapshot's copy that was corrected, nor for one of another date."""
    corrected = after(an_invoice("1", {"a": 1}), an_invoice("1", {"a": 2}, dated_at=None))
    assert counted(add(corrected, an_invoice("1", {"a": 1}, dated_at=NOW + 1))) == {"a": 1}
    copied = after(an_invoice("1", {"a": 1}, source=Source.SNAPSHOT), an_invoice("1", {"a": 2}, dated_at=None))
    assert counted(add(copied, an_invoice("1", {"a": 1}))) == {"a": 1}


def test_the_same_body_under_another_key_is_one_invoice_with_both_keys() -> None:
    """The first key stays; neither body is news again."""
    one, other = an_invoice("1", key="K"), an_invoice("1", key="L")
    invoices = after(one, other)
    assert invoices[0].key == "K"
    assert invoices[0].names == {"number:1", "key:K", "key:L"}
    assert add(invoices, one) is add(invoices, other) is invoices


def test_an_undated_body_without_items_replaces_nothing() -> None:
    """It names nothing that could be a correction."""
    assert counted(after(an_invoice("1", {"a": 1}), an_invoice("1", {}, dated_at=None))) == {"a": 1}


def test_an_undated_push_confirms_the_snapshots_copy() -> None:
    """From then on a later snapshot, fallible as it is, no longer replaces it."""
    copy, push = an_invoice("1", {"a": 1}, source=Source.SNAPSHOT), an_invoice("1", {"a": 1}, dated_at=None)
    later = an_invoice("1", {"a": 9}, dated_at=NOW + 1, source=Source.SNAPSHOT)
    assert counted(after(copy, push, later)) == counted(after(push, copy, later)) == {"a": 1}
    assert counted(after(copy, later, push)) == {"a": 1}


def test_reading_the_same_snapshot_again_and_again_keeps_an_invoice_small() -> None:
    """Each content is remembered once, with its newest date."""
    reads = [an_invoice("1", {"a": n % 2 + 1}, dated_at=NOW + n, source=Source.SNAPSHOT) for n in range(50)]
    (invoice,) = after(*reads)
    (earlier,) = after(reads[48])
    assert invoice.dated_at == NOW + 49
    assert invoice.replaced == (Version(NOW + 48, Source.SNAPSHOT, earlier.versions[0].items),)


def test_replaced_versions_are_listed_by_their_dates() -> None:
    """Undated ones first, whatever the order of arrival, so that equal histories are equal documents."""
    bodies = [an_invoice("1", {"a": n}, dated_at=NOW + n) for n in (3, 1, 2)]
    (kept,) = after(*bodies)
    assert [version.dated_at for version in kept.replaced] == [NOW + 1, NOW + 2]
    (kept,) = after(an_invoice("1", {"b": 1}, dated_at=None), *reversed(bodies))
    assert [version.dated_at for version in kept.replaced] == [None, NOW + 1, NOW + 2]
