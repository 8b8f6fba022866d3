"""What an operator does on the pages, by its effect at the simulated SkyHub or in the order."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import rows
from tests.browser.reader import Reader
from tests.browser.service import PERSON, PagesService
from tests.fixtures.deployment import account
from tests.fixtures.sales import Sale, sales
from worker.domain.order import Attention, Status
from worker.ports import Unreadable
from worker.sandbox.skyhub.orders import OrderChange

REASON = "label printed"


@pytest.fixture
def reader(shop: PagesService, visit: Visit) -> Reader:
    """Let an operator of the store in."""
    return visit(shop, "acme")


@pytest.fixture
def of_brava(shop: PagesService, visit: Visit) -> Iterator[Reader]:
    """Let an operator of the other store in, whose calls go on afterwards."""
    yield visit(shop, "brava")
    assert shop.coleta("stores", "resume", "brava").returncode == 0


def path_of(sale: Sale) -> str:
    """Return where an order's page is."""
    return f"/stores/{sale.store}/orders/{quote(sale.order_id, safe='')}"


def wish(page: Page, action: str, carrier: str | None = None) -> None:
    """Unfold an action, say why, and do it; what was done is said on the page."""
    fold = page.locator(f"#do-{action}")
    fold.locator("summary").click()
    if carrier:
        fold.locator("select").select_option(carrier)
    fold.locator("input[name=reason]").fill(REASON)
    fold.locator("button").click()
    expect(page.locator(".note[role=status]")).to_be_visible()


def _told(shop: PagesService, sale: Sale, event: str) -> list[str]:
    """Return what the order's history keeps of it, each with who did it and why."""
    return [entry.detail for entry in shop.recorded(sale).history if entry.event == event]


def test_a_failed_order_that_is_retried_is_requested_once(shop: PagesService, reader: Reader) -> None:
    """Who did it and why stands in its history; the page loaded again does nothing."""
    sale = shop.failed("acme")
    page = reader.open(path_of(sale))

    wish(page, "retry")
    shop.requested_once([sale])
    page.reload()

    expect(page.locator("#head")).to_contain_text("Pickup requested")
    (why,) = _told(shop, sale, "operator.retried")
    assert REASON in why
    assert PERSON in why
    expect(page.locator("#story")).to_contain_text(PERSON)


def test_a_released_order_is_requested_before_its_last_invoice(shop: PagesService, reader: Reader) -> None:
    """Once, as the operator vouches for it."""
    (sale,) = sold = shop.sold("acme")
    shop.hand_in([sale.event(0)])
    shop.await_status(sold, Status.WAITING)
    shop.sandbox.complete([sale.code])

    wish(reader.open(path_of(sale)), "release")

    shop.requested_once(sold)


def test_a_discarded_order_is_never_requested(shop: PagesService, reader: Reader) -> None:
    """Although SkyHub lists it, while others are."""
    sale = shop.failed("acme")
    shop.sandbox.change([sale.code], OrderChange(expect="none"))

    page = reader.open(path_of(sale))
    wish(page, "discard")

    expect(page.locator("#head")).to_contain_text("Canceled")
    shop.another_goes_through("acme")
    assert (shop.statuses([sale]), shop.accepted([sale])) == ({Status.CANCELED}, [0])


def test_a_carrier_that_was_corrected_lets_the_order_be_requested(shop: PagesService, reader: Reader) -> None:
    """Its events named the wrong one."""
    (sale,) = sales("acme", carrier="correios")
    shop.sandbox.register_orders(account("acme"), [Sale(sale.store, sale.number).at_skyhub()])
    shop.invoice([sale])
    shop.until(lambda: shop.order(sale) is not None, "it is recorded")

    if shop.recorded(sale).status is Status.SKIPPED:  # else SkyHub's list has told meanwhile what carries it
        wish(reader.open(path_of(sale)), "set-carrier", "direct")
        assert len(_told(shop, sale, "operator.set_carrier")) == 1

    shop.requested_once([sale])


def test_a_pickup_that_was_undone_is_requested_again_once(shop: PagesService, reader: Reader) -> None:
    """SkyHub lists the order again: the page offers a new round."""
    (sale,) = sold = shop.sold("acme")
    shop.invoice(sold)
    shop.requested_once(sold)
    shop.until(lambda: shop.ledger("acme").now() - (shop.recorded(sale).requested_at or 0) > 1_500, "lists can tell")
    shop.sandbox.change([sale.code], OrderChange(requested=False, allowed=2))
    shop.another_goes_through("acme")
    shop.until(lambda: Attention.LISTED_AFTER_REQUEST in shop.recorded(sale).flags, "it is flagged")

    wish(reader.open(path_of(sale)), "request-again")

    shop.until(lambda: shop.accepted(sold) == [2], "it is requested again")
    shop.await_status(sold, Status.REQUESTED)
    assert shop.violations(sold) == {}


def test_a_paused_store_requests_nothing_until_it_is_resumed(shop: PagesService, of_brava: Reader) -> None:
    """The overview says who paused it and why, and lets it go on."""
    page = of_brava.open("/stores/brava")
    calls = page.locator("section", has=page.locator("#calls-title"))
    calls.locator("summary").first.click()
    calls.locator("input[name=reason][required]").first.fill("inventory")
    calls.locator("button[value=pause]").click()
    expect(page.locator("#state")).to_contain_text("inventory")
    expect(page.locator("#state")).to_contain_text(PERSON)

    sold = shop.sold("brava")
    shop.invoice(sold)
    shop.await_status(sold, Status.DUE)
    shop.another_goes_through("acme")
    assert shop.accepted(sold) == [0]

    calls.locator("summary").first.click()
    calls.locator("input[name=reason][required]").first.fill("done")
    calls.locator("button[value=resume]").click()
    shop.requested_once(sold)


def test_a_comparison_finds_what_nobody_told_of(shop: PagesService, reader: Reader) -> None:
    """SkyHub lists an order that no door told of: it appears, flagged."""
    shop.until(lambda: _reconciled(shop) is not None, "the first comparison is over")
    (sale,) = shop.sold("acme")
    page = reader.open("/stores/acme")
    calls = page.locator("section", has=page.locator("#calls-title"))
    calls.locator("summary").last.click()
    calls.locator("button[value=reconcile]").click()
    expect(page.locator(".note[role=status]")).to_be_visible()
    shop.until(lambda: shop.order(sale) is not None, "it is found")
    assert Attention.COLLECTABLE_BUT_UNKNOWN in shop.recorded(sale).flags
    shop.invoice([sale])  # or it stays in the list that all tests share


def test_failed_orders_are_retried_together(shop: PagesService, reader: Reader) -> None:
    """Those that were chosen, each once; the others stay."""
    *chosen, left = [shop.failed("acme") for _ in range(3)]
    page = reader.open("/stores/acme/failed")
    for sale in chosen:
        page.locator(f"input[name=order][value='{sale.order_id}']").check()
    page.locator("#failed input[name=reason]").fill(REASON)
    page.locator("#failed button[value=retry]").click()

    expect(page.locator(".note[role=status]")).to_contain_text("2")
    shop.requested_once(chosen)
    assert shop.statuses([left]) == {Status.FAILED}
    expect(rows(page).filter(has_text=left.order_id)).to_be_visible()


def test_one_box_chooses_all_of_a_page(shop: PagesService, of_brava: Reader) -> None:
    """And says by its look when only some are chosen."""
    gone = [shop.failed("brava") for _ in range(2)]
    shop.sandbox.change([sale.code for sale in gone], OrderChange(expect="none"))
    page = of_brava.open("/stores/brava/failed")
    everything = page.locator("input[data-all]")
    everything.check()
    page.locator("input[name=order]").first.uncheck()
    assert everything.evaluate("(box) => box.indeterminate")
    everything.check()
    page.locator("#failed input[name=reason]").fill(REASON)
    page.locator("#failed button[value=discard]").click()
    expect(page.locator(".note[role=status]")).to_be_visible()
    assert shop.statuses(gone) == {Status.CANCELED}


def test_a_rejected_event_stays_until_it_is_right_or_forgotten(shop: PagesService, reader: Reader) -> None:
    """Handed in again it names no order still, and the page says so; then it is forgotten."""
    shop.app.send_task("coleta.order_invoiced", args=[{"store": "acme", "order_id": ""}], queue="inbox")
    shop.until(lambda: shop.ledger("acme").rejected(1), "one is rejected")
    page = reader.open("/stores/acme/rejected")
    page.locator("input[name=event]").first.check()
    page.locator("#rejected input[name=reason]").fill(REASON)
    page.locator("#rejected button[value=resend]").click()
    expect(page.locator(".note.bad[role=alert]")).to_be_visible()  # it still names no order
    page.locator("input[name=event]").first.check()
    page.locator("#rejected input[name=reason]").fill(REASON)
    page.locator("#rejected button[value=discard]").click()
    expect(page.locator(".note[role=status]")).to_be_visible()
    assert shop.ledger("acme").rejected(1) == []


def test_a_rejected_event_that_is_right_by_now_leads_to_its_pickup(shop: PagesService, reader: Reader) -> None:
    """Handed in again it is recorded, its order is requested once, and nothing is kept of it."""
    (sale,) = shop.sold("acme")
    kept = [Unreadable(json.dumps(event), "the store had no such channel") for event in sale.events]
    shop.sandbox.complete([sale.code])
    shop.ledger("acme").reject(kept)
    page = reader.open("/stores/acme/rejected")
    for box in page.locator("input[name=event]").all():
        box.check()
    page.locator("#rejected input[name=reason]").fill(REASON)
    page.locator("#rejected button[value=resend]").click()
    expect(page.locator(".note[role=status]")).to_be_visible()
    shop.requested_once([sale])
    assert shop.ledger("acme").rejected(1) == []


def test_who_comes_second_changes_nothing(shop: PagesService, reader: Reader) -> None:
    """Somebody else discarded the order meanwhile: the page says what became of it."""
    sale = shop.failed("acme")
    page = reader.open(path_of(sale))
    assert shop.coleta("order", "discard", "acme", sale.order_id, "--reason", "first").returncode == 0
    shop.sandbox.change([sale.code], OrderChange(expect="none"))
    wish(page, "discard")
    assert _told(shop, sale, "operator.discarded") == ["first"]


@pytest.mark.parametrize("reason", ["<script>alert(1)</script>", 'x" onfocus="alert(2)" autofocus', "(someone, pages)"])
def test_a_reason_may_be_anything(shop: PagesService, reader: Reader, reason: str) -> None:
    """It is kept and shown as it was typed."""
    sale = shop.failed("acme")
    page = reader.open(path_of(sale))
    page.locator("#do-discard summary").click()
    page.locator("#do-discard input[name=reason]").fill(reason)
    page.locator("#do-discard button").click()
    expect(page.locator("#story")).to_contain_text(reason)
    shop.sandbox.change([sale.code], OrderChange(expect="none"))


def test_without_scripts_an_action_works_as_well(shop: PagesService, visit: Visit) -> None:
    """Forms are forms."""
    sale = shop.failed("acme")
    wish(visit(shop, "acme", scripts=False).open(path_of(sale)), "retry")
    shop.requested_once([sale])


def _reconciled(shop: PagesService) -> object:
    return shop.service.fleet.overview(["acme"])[0].reconciled
