"""What every door does: the token first, then the body, then the save; only then the answer."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request

from worker.bootstrap import Service
from worker.domain.events import Event
from worker.entrypoints.tracing import context
from worker.entrypoints.web.access import may_enter
from worker.entrypoints.web.body import Bodies, Body, try_later
from worker.entrypoints.web.committer import Committer, NotSavedError
from worker.entrypoints.web.inbox_writer import Delivery
from worker.entrypoints.web.refusals import Refusals
from worker.ports import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the doors share. `service` gives the stores as they are now, `now` epoch milliseconds."""

    service: Callable[[], Service]
    committer: Committer
    bodies: Bodies = field(default_factory=Bodies)
    refusals: Refusals = field(default_factory=Refusals)
    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000

    @asynccontextmanager
    async def opened(self, request: Request, store: str) -> AsyncIterator["Door"]:
        """Give the store's door to a request that bears its token; raises `HTTPException` with 401 to every other."""
        known = self.service().stores.get(store)
        if not may_enter(request, known):
            self.refusals.note(store if known is not None else "", 401, "no valid token")
            raise HTTPException(401, "a valid token is needed", {"WWW-Authenticate": "Bearer"})
        try:
            with self.bodies.held() as body:
                yield Door(self, store, request, body)
        except HTTPException as refusal:
            self.refusals.note(store, refusal.status_code, refusal.detail)
            raise


@dataclass(frozen=True, slots=True)
class Door:
    """One store's door, open for one request."""

    doors: Doors
    store: str
    request: Request
    body: Body

    async def read(self) -> bytes:
        """Return the body; raises `HTTPException`."""
        return await self.body.read(self.request)

    async def save(self, events: Sequence[Event], unreadable: Sequence[Unreadable] = ()) -> None:
        """Return once all of it is safe; raises `HTTPException` with 503 when it is not."""
        try:
            await self.doors.committer.save(Delivery(self.store, events, unreadable, context.current()))
        except NotSavedError as error:
            raise try_later(str(error)) from None

    def refused(self, status: int, reason: str) -> None:
        """Note that this request gets such an answer."""
        self.doors.refusals.note(self.store, status, reason)
