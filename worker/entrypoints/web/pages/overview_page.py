"""A store's overview: how it stands, its orders by status, its hours, and what needs a look."""

from starlette.responses import Response

from worker.domain.activity import last_hours
from worker.domain.order import Status
from worker.entrypoints.stands import standstill_of
from worker.entrypoints.store_views import state
from worker.entrypoints.web.pages.charts import DAY_HOURS, WEEK_HOURS, Chart, draw
from worker.entrypoints.web.pages.replies import ASKED_FOR, Reply
from worker.entrypoints.web.pages.tones import tone_of
from worker.entrypoints.web.pages.visits import StoreVisit
from worker.ports import Look

# As an order goes, then what leaves the way.
FIGURES = (
    Status.WAITING,
    Status.DUE,
    Status.REQUESTING,
    Status.REQUESTED,
    Status.FAILED,
    Status.SKIPPED,
    Status.CANCELED,
)
_SPANS = {"day": DAY_HOURS, "week": WEEK_HOURS}


def overview_page(visit: StoreVisit, reply: Reply = ASKED_FOR) -> Response:
    """Return a store's overview."""
    look = visit.look
    overview = look.overview
    span = visit.request.query_params.get("span", "")
    span = span if span in _SPANS else "day"
    stands = state(overview, served=visit.served, quarantine_ms=visit.quarantine_ms)
    standstill = standstill_of(visit.service)
    tone = tone_of(overview, served=visit.served, quarantine_ms=visit.quarantine_ms)
    return visit.html(
        "overview.html",
        reply.status,
        tab="overview",
        tone="warn" if standstill else tone,
        # A store stands well only where somebody works for it.
        state=[visit.page.speech.say(each) for each in (stands if tone or not standstill else "", standstill) if each],
        figures=[(each, overview.counts[each]) for each in FIGURES],
        span=span,
        chart=_chart(visit, look, _SPANS[span]),
        attention=sorted(look.attention.items(), key=lambda each: -each[1]),
        troubles=[
            (visit.page.speech.drain(drain), rest.until, visit.page.speech.say(rest.reason))
            for drain, rest in sorted(overview.backlog.backoffs.items())
            if rest.until > overview.now
        ],
        oldest_waiting=look.oldest_waiting,
        oldest_due=look.oldest_due if look.oldest_due and look.oldest_due.at <= overview.now else None,
        inbox=overview.backlog.inbox,
        pause=overview.backlog.pause,
        reconciled=overview.reconciled,
        **reply.values,
    )


def _chart(visit: StoreVisit, look: Look, span: int) -> Chart:
    def title(hour: str, invoices: str, pickups: str) -> str:
        figures = {"hour": hour, "invoices": invoices, "pickups": pickups}
        return visit.gettext("%(hour)s: invoices received %(invoices)s, pickups requested %(pickups)s", **figures)

    hours = last_hours(look.hours, look.overview.now, span)
    return draw(hours, visit.page.moments, visit.page.number, title)
