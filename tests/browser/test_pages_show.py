"""Each page shows what stands in Redis, in the reader's language."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.gallery import (
    FAILED,
    FOREIGN,
    FOREIGN_SKU,
    KEY,
    PAUSE_REASON,
    PAUSED,
    REFUSAL,
    RICH,
    STORES,
    WAITING,
)
from tests.browser.pages import LANGUAGES, PAGES, rows, said, texts
from tests.browser.reader import Reader
from tests.browser.service import PERSON, PagesService
from tests.browser.strange import HOSTILE
from worker.domain.activity import last_hours
from worker.domain.order import Order, Status

# What is no language's: names, and what came from outside.
_NAMES = {"Coleta", "Direct", "SKU", PERSON, REFUSAL, "Etiqueta vencida", *STORES}


@pytest.fixture(params=LANGUAGES)
def reader(request: pytest.FixtureRequest, gallery: PagesService, visit: Visit) -> Reader:
    """Let the administrator look, in each language."""
    return visit(gallery, language=request.param)


def _language(reader: Reader) -> str:
    return str(reader.page.locator("html").get_attribute("lang"))


def _order(gallery: PagesService, order_id: str) -> Order:
    return gallery.ledger(RICH).load([order_id])[0][order_id].order


def test_the_overview_counts_a_stores_orders(gallery: PagesService, reader: Reader) -> None:
    """By status, by reason for attention, and what is due or waits the longest."""
    page = reader.open(PAGES["overview"])
    look = gallery.service.fleet.look(RICH)

    for status, count in look.overview.counts.items():
        expect(page.locator(f"#figures a.{status} strong")).to_have_text(str(count))
        expect(page.locator(f"#figures a.{status}")).to_contain_text(said(_STATUSES[status], _language(reader)))
    for reason, count in look.attention.items():
        line = page.locator("#attention li").filter(has=page.locator(f"a[href$='attention={reason}']"))
        expect(line.locator("strong")).to_have_text(str(count))
    assert look.oldest_waiting is not None
    expect(page.locator("#oldest")).to_contain_text(look.oldest_waiting.order_id)


@pytest.mark.parametrize(("span", "hours"), [("day", 24), ("week", 168)])
def test_the_chart_has_what_was_counted_by_hour(gallery: PagesService, visit: Visit, span: str, hours: int) -> None:
    """As bars, as sums and as a table."""
    reader = visit(gallery)
    page = reader.open(f"/stores/{RICH}?span={span}")
    look = gallery.service.fleet.look(RICH)
    counted = [hour for _, hour in last_hours(look.hours, look.overview.now, hours)]

    sums = [sum(hour.invoices for hour in counted), sum(hour.requested for hour in counted)]
    shown = page.locator("#chart .legend strong").all_inner_texts()
    assert [int(text.replace(",", "")) for text in shown] == sums
    page.locator("#chart summary").click()
    numbers = [[int(cell.replace(",", "")) for cell in row.locator("td").all_inner_texts()] for row in rows(page).all()]
    assert [sum(column) for column in zip(*numbers, strict=True)] == sums
    assert page.locator("#chart rect.invoices[x]").count() > 0


def test_an_order_is_explained(gallery: PagesService, reader: Reader) -> None:
    """Why it stands there, what comes next, its items and invoices in parts, all that happened to it."""
    order = _order(gallery, WAITING)
    page = reader.open(PAGES["order-waiting"])

    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)
    units = {"en": "3 of 6 units invoiced", "pt-BR": "3 de 6 unidades faturadas"}[_language(reader)]
    expect(page.locator("#answer")).to_contain_text(units)
    items = [
        [cell for cell in row.locator("th, td").all_inner_texts() if cell] for row in rows(page.locator("#items")).all()
    ]
    assert items == [[sku, str(order.invoiced[sku]), str(ordered)] for sku, ordered in order.ordered.items()]
    for invoice in order.invoices:
        expect(page.locator("#invoices")).to_contain_text(invoice.number)
    expect(page.locator("#invoices")).to_contain_text(KEY)
    assert page.locator("#story li").count() == len(order.history)


def test_texts_of_any_language_are_shown_as_they_came(reader: Reader) -> None:
    """Umlauts, a cedilla, a symbol of the people who write with them."""
    page = reader.open(f"/stores/{RICH}/orders/{FOREIGN}")
    expect(page.locator("#items")).to_contain_text(FOREIGN_SKU)
    expect(page.locator("#invoices")).to_contain_text("NF ção/Ü 77")


def test_a_failed_order_says_what_skyhub_said(reader: Reader) -> None:
    """In SkyHub's words, on its page and in the list."""
    page = reader.open(PAGES["order-failed"])
    expect(page.locator("#answer")).to_contain_text(REFUSAL)
    page = reader.open(PAGES["failed"])
    expect(rows(page).filter(has_text=FAILED)).to_contain_text(REFUSAL)


def test_the_list_has_each_order_once(gallery: PagesService, visit: Visit) -> None:
    """Page by page, to the end; the choices say how many there are."""
    reader = visit(gallery)
    page = reader.open(PAGES["orders"])
    counts = gallery.ledger(RICH).counts()
    stands = {order for status in counts for order in gallery.ledger(RICH).order_ids(status, 0, 1_000)}

    expect(page.locator("#chips a").first).to_contain_text(str(sum(counts.values())))
    listed: list[str] = []
    while True:
        listed += rows(page).locator("th a").all_inner_texts()
        following = page.locator("a[rel=next]")
        if not following.count():
            break
        following.click()
    assert sorted(listed) == sorted(stands)


@pytest.mark.parametrize("status", [Status.WAITING, Status.FAILED, Status.SKIPPED])
def test_the_list_of_a_status_has_its_orders(gallery: PagesService, visit: Visit, status: Status) -> None:
    """And no other."""
    page = visit(gallery).open(f"/stores/{RICH}/orders?status={status}")
    listed = rows(page).locator("th a").all_inner_texts()
    assert sorted(listed) == sorted(gallery.ledger(RICH).order_ids(status, 0, 1_000))


def test_a_search_finds_an_order_by_a_part_of_its_code(gallery: PagesService, visit: Visit) -> None:
    """And leads to its page by the whole of it, as SkyHub or the marketplace writes it."""
    reader = visit(gallery)
    page = reader.open(PAGES["overview"])
    page.get_by_role("searchbox").fill("2646401")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=WAITING)).to_be_visible()

    for code in (WAITING, WAITING.replace("_", " "), WAITING.rpartition("-")[2]):
        page.get_by_role("searchbox").fill(code)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/orders/{WAITING}")


def test_rejected_events_are_shown_with_their_reason_and_body(gallery: PagesService, reader: Reader) -> None:
    """The newest first, the body as it came."""
    page = reader.open(PAGES["rejected"])
    kept = gallery.ledger(RICH).rejected(10)
    assert rows(page).count() == len(kept)
    for row, event in zip(rows(page).all(), kept, strict=True):
        row.locator("summary").click()
        expect(row.locator("pre")).to_have_text(event.body)


def test_events_of_unknown_stores_are_shown_to_the_administrator(gallery: PagesService, visit: Visit) -> None:
    """The page of all stores leads to them."""
    reader = visit(gallery)
    page = reader.open(PAGES["stores"])
    page.locator("main a[href='/stores/_/rejected']").click()
    assert rows(page).count() == len(gallery.service.fleet.ledger("_").rejected(10))


def test_all_stores_stand_on_one_page(gallery: PagesService, reader: Reader) -> None:
    """With their counts; one that is paused says by whom and why."""
    page = reader.open(PAGES["stores"])
    assert rows(page).locator("th").all_inner_texts() == list(STORES)
    for row, store in zip(rows(page).all(), STORES, strict=True):
        failed = gallery.ledger(store).counts()[Status.FAILED]
        expect(row.locator(f"[data-label='{said('Failed', _language(reader))}']").first).to_have_text(str(failed))
    expect(rows(page).filter(has_text=PAUSED)).to_contain_text(PAUSE_REASON)


def test_a_portuguese_reader_meets_no_english(gallery: PagesService, visit: Visit) -> None:
    """No line of a page is the same in both languages, but for codes, numbers and names."""
    both = [visit(gallery, language=language) for language in LANGUAGES]
    same = {}
    for name, path in PAGES.items():
        english, portuguese = (set(texts(reader.open(path))) for reader in both)
        lines = {line for line in english & portuguese if _is_prose(line) and HOSTILE not in line} - _NAMES
        if lines:
            same[name] = lines
    assert same == {}


def _is_prose(line: str) -> bool:
    """Whether a line has two words one after the other, or is one."""
    words = [word.strip(".,:;()“”") for word in line.split()]
    known = [word.isalpha() and len(word) > 1 for word in words]
    return (len(words) == 1 and known[0]) or any(one and two for one, two in pairwise(known))


_STATUSES = {
    Status.WAITING: "Waiting for invoices",
    Status.DUE: "Ready to request",
    Status.REQUESTING: "Requesting",
    Status.REQUESTED: "Pickup requested",
    Status.SKIPPED: "Not for Coleta",
    Status.CANCELED: "Canceled",
    Status.FAILED: "Failed",
}
