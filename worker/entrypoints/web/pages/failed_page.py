"""The orders that failed: they wait for an operator, one by one or many at once."""

from starlette.responses import RedirectResponse, Response

from worker.domain.order import Status
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.replies import ASKED_FOR, Reply
from worker.entrypoints.web.pages.visits import Around, StoreVisit
from worker.usecases.browse_orders import Page, Wanted, browse_orders
from worker.usecases.find_orders import since
from worker.usecases.places import CursorError

_FAILED = Wanted(status=Status.FAILED)


def failed_page(visit: StoreVisit, reply: Reply = ASKED_FOR) -> Response:
    """Return a page of the store's failed orders."""
    address = url("failed", store=visit.store)
    try:
        page = browse_orders(visit.ledger, visit.affiliate, _FAILED, visit.request.query_params.get("after", ""))
    except CursorError:
        page = None
    if not isinstance(page, Page):  # nothing was searched for: it is no place in the list
        return RedirectResponse(address, 303)
    return visit.html(
        "failed.html",
        reply.status,
        tab="failed",
        orders=page.orders,
        total=page.total,
        since=since,
        words=visit.shown_of(len(page.orders), page.total),
        **reply.values,
        around=Around.by_cursors(address, page.previous, page.next),
    )
