"""One look at the pages: who looks, at which store, and how that stands at this moment."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import quote

from celery import Celery
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import Service
from worker.domain.order import Status
from worker.entrypoints.web.login import Gate, Visitor
from worker.entrypoints.web.login.paths import asked_path
from worker.entrypoints.web.login.visitor import is_refresh
from worker.entrypoints.web.pages.done import said_by
from worker.entrypoints.web.pages.open_lists import OpenLists
from worker.entrypoints.web.pages.rendering import Page, Renderer
from worker.ports import Ledger, Look, Overview
from worker.wiring import milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the pages are made with; built once a process."""

    service: Callable[[], Service]
    app: Celery
    gate: Gate
    renderer: Renderer
    lists: OpenLists


@dataclass(frozen=True, slots=True)
class Around:
    """The links to the pages before and after one, "" where there is none."""

    previous: str
    following: str

    @classmethod
    def by_cursors(cls, address: str, previous: str, following: str) -> Self:
        """Return the links of a list at this address."""
        to = f"{address}{'&' if '?' in address else '?'}after="
        return cls(*(to + quote(cursor, safe="") if cursor else "" for cursor in (previous, following)))


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A visitor's look at one page. `service` is as the stores file says now."""

    site: Site
    service: Service
    request: Request
    visitor: Visitor
    page: Page

    def html(self, template: str, status: int = 200, **values: object) -> Response:
        """Return a page of all stores; one that was led to says what was done."""
        said = said_by(self.request.query_params, self.page) if self.request.method != "POST" else ""
        shown = {"visitor": self.visitor, "said": said} | values
        return self.site.renderer.html(self.page, template, status, **shown)

    def shown_of(self, shown: int, total: int | None) -> str:
        """Say how much of a list its page shows, "" for an empty one; None: how much there is cannot be told."""
        number = self.page.number
        if total == 0:
            return ""
        if total is None:
            return self.gettext("%(shown)s on this page", shown=number(shown))
        return self.gettext("%(shown)s of %(all)s on this page", shown=number(shown), all=number(total))

    def gettext(self, words: str, **values: object) -> str:
        """Return words of the pages in the reader's language."""
        said: str = self.page.words.gettext(words) % values
        return said

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return words of the pages that depend on a number, `number` in them, in the reader's language."""
        said: str = self.page.words.ngettext(one, many, number) % {"number": self.page.number(number)}
        return said


@dataclass(frozen=True, kw_only=True)
class StoreVisit(Visit):
    """A look at a page of one store; `served`: it is in the stores file."""

    store: str
    ledger: Ledger
    served: bool

    @cached_property
    def overview(self) -> Overview:
        """How the store stands, read once a page."""
        if "look" in self.__dict__:
            return self.look.overview
        found = self.service.fleet.overview([self.store])
        if not found:
            raise HTTPException(503)
        return found[0]

    @cached_property
    def look(self) -> Look:
        """How the store stands in detail, read once a page."""
        return self.service.fleet.look(self.store)

    @property
    def affiliate(self) -> str | None:
        """The affiliate id by which the store's orders are named."""
        return self.service.affiliate(self.store)

    @property
    def quarantine_ms(self) -> int:
        """For how long nothing is requested after the Redis server became another process."""
        return milliseconds(self.service.settings.quarantine_seconds)

    def html(self, template: str, status: int = 200, **values: object) -> Response:
        """Return a page of the store."""
        frame = {
            "store": self.store,
            "searchable": self.store != NO_STORE,
            "served": self.served,
            "failed": self.overview.counts[Status.FAILED],
            "rejected": self.overview.rejected,
        }
        return Visit.html(self, template, status, **(frame | values))


def to_the_door(request: Request) -> Response:
    """Send somebody who is not known to the way in, which leads back here."""
    if is_refresh(request):
        return Response(status_code=401)  # a page that refreshes itself: it shows the way in by itself, too
    here = asked_path(request)
    leads = f"/login?next={quote(here, safe='')}" if here != "/" else "/login"
    return RedirectResponse(leads, 303)
