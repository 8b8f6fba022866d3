"""A store's orders: by status, by attention, and by a part of their codes, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from worker.domain.order import Attention, Status
from worker.entrypoints.web.pages.overview_page import FIGURES
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.visits import Around, StoreVisit
from worker.usecases.browse_orders import LEAST_SEARCHED, Exactly, Page, TooShort, Wanted, browse_orders
from worker.usecases.find_orders import since
from worker.usecases.places import CursorError

_ANY = "any"
_MOST_SEARCHED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A choice of orders: `here` is the one that is shown, `count` None where it is not known."""

    href: str
    words: str
    here: bool
    count: int | None = None
    dot: str = ""


def orders_page(visit: StoreVisit) -> Response:
    """Return the list that the query asks for; the code of an order leads to its page."""
    query = visit.request.query_params
    wanted = _wanted(query.get("status", ""), query.get("attention", ""), query.get("q", ""))
    try:
        found = browse_orders(visit.ledger, visit.affiliate, wanted, query.get("after", ""))
    except CursorError:
        return RedirectResponse(_address(visit, wanted), 303)
    match found:
        case Exactly(order=order):
            return RedirectResponse(url("order", store=visit.store, order_id=order.order_id), 303)
        case TooShort():
            words = visit.gettext("Type at least %(letters)s letters of an order's code.", letters=LEAST_SEARCHED)
            return _shown(visit, wanted, Page(orders=(), total=None), words)
        case Page():
            return _shown(visit, wanted, found, "")


def _shown(visit: StoreVisit, wanted: Wanted, page: Page, objection: str) -> Response:
    reason = wanted.attention
    return visit.html(
        "orders.html",
        tab="orders",
        q=wanted.search,
        chips=list(_chips(visit, wanted)),
        attention_help=visit.page.speech.attention_help(reason) if reason is not None else "",
        orders=page.orders,
        since=since,
        whole=page.whole,
        words=visit.shown_of(len(page.orders), page.total),
        objection=objection,
        around=Around.by_cursors(_address(visit, wanted), page.previous, page.next),
    )


def _wanted(status: str, attention: str, search: str) -> Wanted:
    if (status and status not in list(Status)) or (attention and attention not in [_ANY, *Attention]):
        raise HTTPException(404)
    return Wanted(
        status=Status(status) if status else None,
        flagged=attention == _ANY,
        attention=Attention(attention) if attention and attention != _ANY else None,
        search=search.strip()[:_MOST_SEARCHED],
    )


def _address(visit: StoreVisit, wanted: Wanted) -> str:
    attention = _ANY if wanted.flagged else wanted.attention
    asked = {"status": wanted.status, "attention": attention, "q": wanted.search}
    query = urlencode({name: value for name, value in asked.items() if value})
    return url("orders", store=visit.store) + (f"?{query}" if query else "")


def _chips(visit: StoreVisit, wanted: Wanted) -> Iterator[Chip]:
    """Yield the choices; a search goes on in each of them."""
    counts, speech = visit.overview.counts, visit.page.speech
    everything = wanted.status is None and wanted.attention is None and not wanted.flagged

    def to(status: Status | None = None, *, flagged: bool = False) -> str:
        return _address(visit, Wanted(status=status, flagged=flagged, search=wanted.search))

    yield Chip(href=to(), words=visit.gettext("All"), here=everything, count=sum(counts.values()))
    for status in FIGURES:
        yield Chip(
            href=to(status),
            words=speech.status(status),
            here=wanted.status is status,
            count=counts[status],
            dot=status,
        )
    yield Chip(
        href=to(flagged=True),
        words=visit.gettext("Attention"),
        here=wanted.flagged,
        count=visit.overview.attention,
        dot="warn",
    )
    if wanted.attention is not None:
        yield Chip(href=_address(visit, wanted), words=speech.attention(wanted.attention), here=True, dot="warn")
