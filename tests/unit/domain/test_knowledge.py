"""Facts are kept by their rank, whoever tells them and whenever."""

from dataclasses import replace

from tests.unit.domain.builders import CODE, NOW, ORDER_ID, SKYHUB_CODE, an_invoice, at_skyhub, heard, invoiced
from worker.domain.facts import Authority, Carrier, CarrierClaim, SkyHubLine, SkyHubOrder, SkyHubStatus
from worker.domain.knowledge import (
    created,
    with_cancel,
    with_event,
    with_invoice,
    with_items,
    with_skyhub,
    with_skyhub_items,
)
from worker.domain.order import Entry, ItemList, Order, Status

NEW = created(ORDER_ID, "BWW", NOW)


def test_a_new_order_knows_its_codes_by_its_name() -> None:
    """Enough to find it in SkyHub's lists before anybody told a remote code."""
    opened = (Entry(NOW, "order.opened"),)
    order = Order(order_id=ORDER_ID, skyhub_code=SKYHUB_CODE, guessed_codes=(CODE,), created_at=NOW, history=opened)
    assert created(ORDER_ID, "BWW", NOW) == order
    assert order.status is Status.WAITING


def test_ordered_is_the_most_that_any_source_said() -> None:
    """A later, smaller list lowers nothing; the newest list is remembered as it was."""
    order = with_items(with_items(NEW, {"a": 2, "b": 1}, NOW), {"a": 1, "c": 3}, NOW + 1)
    assert order.ordered == {"a": 2, "b": 1, "c": 3}
    assert order.newest_list == ItemList(NOW + 1, {"a": 1, "c": 3})
    assert with_items(order, {"a": 1}, NOW).newest_list == order.newest_list


def test_a_sku_of_which_nothing_was_ordered_is_known_and_lacks_nothing() -> None:
    """A line changed down to zero units is not an unknown SKU."""
    assert with_items(NEW, {"a": 0, "b": 1}, NOW).ordered == {"a": 0, "b": 1}


def test_of_two_lists_of_one_date_the_longer_is_the_newest() -> None:
    """Any order of arrival ends alike."""
    more, fewer = {"a": 2}, {"b": 1}
    for first, second in ((more, fewer), (fewer, more)):
        order = with_items(with_items(NEW, first, NOW), second, NOW)
        assert order.newest_list == ItemList(NOW, more)
    for first, second in (({"a": 1}, {"b": 1}), ({"b": 1}, {"a": 1})):
        order = with_items(with_items(NEW, first, NOW), second, NOW)
        assert order.newest_list == ItemList(NOW, {"b": 1})


def test_a_list_that_says_nothing_new_changes_nothing() -> None:
    """The same object comes back for an empty list and for a repeat."""
    order = with_items(NEW, {"a": 2}, NOW)
    assert with_items(order, {}, NOW + 1) is order
    assert with_items(order, {"a": 2}, NOW) is order
    assert with_items(order, {"a": 1}, NOW - 1) is order
    assert with_items(order, {"a": 2}, NOW + 1).newest_list == ItemList(NOW + 1, {"a": 2})


def test_skyhubs_items_count_only_where_nobody_named_any() -> None:
    """They are the last source; lines of one SKU are pooled."""
    lines = (SkyHubLine("a", "p", 1), SkyHubLine("a", "p", 2), SkyHubLine("b", "q", 1))
    order = with_skyhub_items(NEW, at_skyhub(lines=lines), NOW)
    assert order.ordered == {"a": 3, "b": 1}
    assert order.newest_list == ItemList(NOW, {"a": 3, "b": 1})
    named = with_items(NEW, {"z": 1}, NOW)
    assert with_skyhub_items(named, at_skyhub(lines=lines), NOW).ordered == {"z": 1}


def test_skyhubs_lines_are_named_as_the_invoices_name_them() -> None:
    """By the product where only the product was invoiced, else by the variation."""
    lines = (SkyHubLine("a", "p", 1), SkyHubLine("b", "q", 1), SkyHubLine("c", "r", 1))
    order = with_invoice(NEW, an_invoice(items={"p": 1, "b": 1, "q": 1}), NOW)
    assert with_skyhub_items(order, at_skyhub(lines=lines), NOW).ordered == {"p": 1, "b": 1, "c": 1}


def test_codes_are_taken_as_skyhub_spells_them() -> None:
    """Guesses count only until a source tells; empty codes tell nothing."""
    order = with_skyhub(NEW, SkyHubOrder("Site-X", "X-01", SkyHubStatus.NEW, Carrier.DIRECT), NOW)
    assert (order.skyhub_code, order.codes) == ("Site-X", ("X-01",))
    order = with_skyhub(order, SkyHubOrder("", "", SkyHubStatus.NEW, Carrier.DIRECT), NOW)
    assert (order.skyhub_code, order.codes) == ("Site-X", ("X-01",))
    assert NEW.codes == (CODE,)


def test_the_remote_code_is_frozen_once_it_was_claimed() -> None:
    """What was requested under one code is never looked for under another."""
    frozen = replace(NEW, remote_code=CODE, code_frozen=True)
    assert with_skyhub(frozen, at_skyhub(remote_code="X"), NOW).remote_code == CODE


def test_an_event_brings_items_carrier_and_codes() -> None:
    """Dated by the event; what it does not say changes nothing."""
    event = replace(invoiced(ordered={"a": 2}, at=NOW + 5), skyhub_code="S-1", remote_code="1")
    order = with_event(NEW, event)
    assert order.ordered == {"a": 2}
    assert order.newest_list == ItemList(NOW + 5, {"a": 2})
    assert order.carriers == {Authority.EVENT: CarrierClaim(Carrier.DIRECT, NOW + 5)}
    assert (order.skyhub_code, order.remote_code) == ("S-1", "1")
    assert with_event(order, event) is order
    bare = replace(event, items=None, carrier=Carrier.UNKNOWN, skyhub_code="", remote_code="")
    assert with_event(order, bare) is order


def test_an_event_does_not_respell_what_skyhub_spelled() -> None:
    """The lists carry SkyHub's code; an event's counts until SkyHub has told one."""
    event = replace(invoiced(), skyhub_code="S-1", remote_code="1")
    order = with_event(with_skyhub(NEW, at_skyhub(remote_code="X-01"), NOW), event)
    assert (order.skyhub_code, order.remote_code) == (SKYHUB_CODE, "X-01")
    unspelled = with_event(with_skyhub(NEW, at_skyhub(remote_code=""), NOW), event)
    assert (unspelled.skyhub_code, unspelled.remote_code) == ("S-1", "1")
    later = with_event(with_event(NEW, event), replace(event, remote_code="2"))
    assert later.remote_code == "2"


def test_history_tells_what_was_heard_of_an_invoice() -> None:
    """Recorded, replaced, returned; what changes no count leaves no line."""
    order = with_invoice(NEW, an_invoice("1", {"a": 1, "b": 2}), NOW + 1)
    assert order.history[-1] == Entry(NOW + 1, "invoice.recorded", "1: a x1, b x2")
    order = with_invoice(order, an_invoice("1", {"a": 2}, dated_at=NOW + 1), NOW + 2)
    assert order.history[-1] == Entry(NOW + 2, "invoice.replaced", "1: a x2")
    order = with_invoice(order, an_invoice("2", {}), NOW + 3)
    assert order.history[-1] == Entry(NOW + 3, "invoice.recorded", "2: names no items")
    order = with_invoice(order, an_invoice("1", {"a": 1}, output=False), NOW + 4)
    assert order.history[-1] == Entry(NOW + 4, "invoice.return_heard", "1: a x1")
    again = with_invoice(order, an_invoice("1", {"a": 2}, dated_at=NOW + 9), NOW + 5)
    assert again.history == order.history
    assert again.invoices[0].dated_at == NOW + 9


def test_the_first_cancel_stays() -> None:
    """A cancel announced twice is one cancel."""
    order = with_cancel(NEW, 5, "fraud", NOW)
    assert (order.canceled_at, order.cancel_reason) == (5, "fraud")
    assert order.history[-1] == Entry(NOW, "order.cancel_heard", "fraud")
    assert with_cancel(order, 6, "again", NOW + 1) is order
    assert heard(order) == ("order.opened", "order.cancel_heard")
