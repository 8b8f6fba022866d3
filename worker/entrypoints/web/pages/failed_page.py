"""The orders that failed: they wait for an operator, one by one or many at once."""

from starlette.responses import RedirectResponse, Response

from worker.domain.order import Status
from worker.entrypoints.web.pages.orders_page import cursor_links, words_of
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.visits import StoreVisit
from worker.usecases.browse_orders import Page, Wanted, browse_orders
from worker.usecases.find_orders import since
from worker.usecases.places import CursorError

_FAILED = Wanted(status=Status.FAILED)


def failed_page(visit: StoreVisit, *, objection: str = "", status: int = 200) -> Response:
    """Return a page of the store's failed orders."""
    address = url("failed", store=visit.store)
    try:
        page = browse_orders(
            visit.ledger, visit.service.affiliate(visit.store), _FAILED, visit.request.query_params.get("after", "")
        )
    except CursorError:
        return RedirectResponse(address, 303)
    assert isinstance(page, Page)
    return visit.html(
        "failed.html",
        status,
        tab="failed",
        orders=page.orders,
        total=page.total,
        since=since,
        words=words_of(visit, page),
        objection=objection,
        **cursor_links(page, address),
    )
