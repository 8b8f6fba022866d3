"""All stores at one look, for who may see them all, and a search over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.order import Status
from worker.entrypoints.stands import standstill_of
from worker.entrypoints.store_views import state
from worker.entrypoints.web.login import is_refresh
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.tones import tone_of
from worker.entrypoints.web.pages.visits import Around, Visit
from worker.ports import Overview
from worker.usecases.search_stores import InStores, search_stores
from worker.wiring import milliseconds

# Each costs a page a millisecond or two, and a browser that refreshes asks every five seconds.
_PAGE = 50
_MOST_SEARCHED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One store's line; `oldest_due` in epoch milliseconds, None if nothing is overdue."""

    name: str
    tone: str
    state: Markup
    counts: Mapping[Status, int]
    attention: int
    rejected: int
    oldest_due: int | None


def stores_page(visit: Visit) -> Response:
    """Return the page of all stores, or of those that a search finds; the code of one order leads to it."""
    if visit.visitor.store is not None:
        raise HTTPException(404)
    query = visit.request.query_params
    names, search = _names(visit), query.get("q", "").strip()[:_MOST_SEARCHED]
    orders = _orders(visit, names, search)
    if len(orders.found) == 1 and not is_refresh(visit.request):  # nobody is led away while they read
        [(store, order)] = orders.found.items()
        return RedirectResponse(url("order", store=store, order_id=order.order_id), 303)
    return _shown(visit, [name for name in names if search.lower() in name.lower()], search, orders)


def _shown(visit: Visit, names: Sequence[str], search: str, orders: InStores) -> Response:
    first = _first(visit.request.query_params.get("from", ""), len(names))
    here = names[first:][:_PAGE]
    seen = {overview.backlog.store: overview for overview in visit.service.fleet.overview(here)}
    unknown = visit.service.fleet.overview([NO_STORE])
    rows = [_row(visit, seen[name]) for name in here if name in seen]
    return visit.html(
        "stores.html",
        tab="stores",
        searchable=True,
        q=search,
        orders=list(orders.found.items())[:_PAGE],
        rows=rows,
        words=visit.shown_of(len(rows), len(names)) if len(names) > _PAGE else "",
        around=_around(first, len(names), search),
        standstill=visit.page.speech.say(standstill_of(visit.service)),
        away=", ".join(dict.fromkeys(chain(orders.away, (name for name in here if name not in seen)))),
        unknown=unknown[0].rejected if unknown else 0,
    )


def _names(visit: Visit) -> list[str]:
    """Return what `Service.names` does, without a look into all that are served: into 1,000 it takes a second.

    One of them is looked into: where all are away that were taken out, it shows that the others can be told.
    """
    fleet, served = visit.service.fleet, sorted(visit.service.stores)
    gone = sorted(fleet.served(()) - visit.service.stores.keys())
    seen = {each.backlog.store: each for each in fleet.overview([*gone, *served[:1]])} if gone else {}
    return [*served, *(name for name in gone if name not in seen or seen[name].holds_anything)]


def _orders(visit: Visit, names: Sequence[str], search: str) -> InStores:
    if not search:
        return InStores({})
    return search_stores(visit.service.fleet, {name: visit.service.affiliate(name) for name in names}, search)


def _first(asked: str, most: int) -> int:
    """Return the place of the store with which a page begins, whatever an address says."""
    known = asked.isascii() and asked.isdecimal() and len(asked) <= len(str(most))
    return min(int(asked), max(0, most - 1)) // _PAGE * _PAGE if known else 0


def _around(first: int, most: int, search: str) -> Around:
    def at(place: int) -> str:
        asked = {"q": search, "from": str(place or "")}
        query = urlencode({name: value for name, value in asked.items() if value})
        return url("stores") + (f"?{query}" if query else "")

    return Around(at(first - _PAGE) if first else "", at(first + _PAGE) if first + _PAGE < most else "")


def _row(visit: Visit, overview: Overview) -> Row:
    served = overview.backlog.store in visit.service.stores
    quarantine = milliseconds(visit.service.settings.quarantine_seconds)
    said = state(overview, served=served, quarantine_ms=quarantine)
    oldest = overview.oldest_due
    return Row(
        name=overview.backlog.store,
        tone=tone_of(overview, served=served, quarantine_ms=quarantine) or "good",
        state=visit.page.speech.say(said),
        counts=overview.counts,
        attention=overview.attention,
        rejected=overview.rejected,
        oldest_due=oldest if oldest is not None and oldest <= overview.now else None,
    )
