"""What came through a door and could not be read or recorded."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.visits import StoreVisit

_PAGE = 25


def rejected_page(visit: StoreVisit, *, objection: str = "", status: int = 200) -> Response:
    """Return a page of the store's rejected events, the newest first."""
    address = url("rejected", store=visit.store)
    before = visit.request.query_params.get("before", "")
    try:
        found = visit.ledger.rejected(_PAGE + 1, before)
    except ValueError:
        return RedirectResponse(address, 303)
    events = found[:_PAGE]
    more = f"{address}?{urlencode({'before': events[-1].rejected_id})}" if len(found) > _PAGE else ""
    shown, total = visit.page.number(len(events)), visit.page.number(visit.overview.rejected)
    return visit.html(
        "rejected.html",
        status,
        tab="rejected",
        events=events,
        previous=address if before else "",
        more=more,
        words=visit.gettext("%(shown)s of %(all)s on this page", shown=shown, all=total),
        objection=objection,
    )
