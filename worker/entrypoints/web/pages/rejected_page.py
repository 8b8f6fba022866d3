"""What came through a door and could not be read or recorded."""

from starlette.responses import RedirectResponse, Response

from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.replies import ASKED_FOR, Reply
from worker.entrypoints.web.pages.visits import Around, StoreVisit
from worker.usecases.browse_rejected import browse_rejected

_PAGE = 25
# Characters of a body: of 25 whole ones a page would have megabytes, and they are read again every few seconds.
_SHOWN = 4_000


def rejected_page(visit: StoreVisit, reply: Reply = ASKED_FOR) -> Response:
    """Return a page of the store's rejected events, the newest first."""
    address = url("rejected", store=visit.store)
    try:
        page = browse_rejected(visit.ledger, visit.request.query_params.get("after", ""), size=_PAGE)
    except ValueError:
        return RedirectResponse(address, 303)
    return visit.html(
        "rejected.html",
        reply.status,
        tab="rejected",
        events=page.rejected,
        shown=_SHOWN,
        words=visit.shown_of(len(page.rejected), visit.overview.rejected),
        **reply.values,
        around=Around.by_cursors(address, page.previous, page.next),
    )
