"""All stores at one look, for who may see them all."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.order import Status
from worker.entrypoints.stands import standstill_of
from worker.entrypoints.store_views import state
from worker.entrypoints.web.pages.tones import tone_of
from worker.entrypoints.web.pages.visits import Visit
from worker.ports import Overview
from worker.wiring import milliseconds


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
    """Return the page of all stores."""
    if visit.visitor.store is not None:
        raise HTTPException(404)
    names = visit.service.names()
    seen = {overview.backlog.store: overview for overview in visit.service.fleet.overview(names)}
    unknown = visit.service.fleet.overview([NO_STORE])
    return visit.html(
        "stores.html",
        tab="stores",
        rows=[_row(visit, seen[name]) for name in names if name in seen],
        standstill=visit.page.speech.say(standstill_of(visit.service)),
        away=", ".join(name for name in names if name not in seen),
        unknown=unknown[0].rejected if unknown else 0,
    )


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
