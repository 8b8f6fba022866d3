"""What every door does: the token first, then the body, then the save; only then the answer."""

import re
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
from worker.entrypoints.web.login.address import client_address
from worker.entrypoints.web.refusals import Refusals
from worker.metrics import AT_DOORS, AtDoor, field_of
from worker.metrics import Door as DoorName
from worker.ports import Meters, Tally, Unreadable

_TRY_LATER = 503
_REJECTED = 422  # saved with its reason, and counted by then
_HOOK = re.compile("/vtex/[^/]+/hook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the doors share. `service` gives the stores as they are now, `now` epoch milliseconds."""

    service: Callable[[], Service]
    committer: Committer
    bodies: Bodies = field(default_factory=Bodies)
    refusals: Refusals = field(default_factory=Refusals)
    tally: Tally
    meters: Meters
    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000

    @asynccontextmanager
    async def opened(self, request: Request, store: str) -> AsyncIterator["Door"]:
        """Give the store's door to a request that bears its token; raises `HTTPException` with 401 to every other."""
        known = self.service().stores.get(store)
        if not may_enter(request, known):
            self.refuse(request, store if known is not None else "", 401, "no valid token")
            self.count(request, store if known is not None else "", AtDoor.REFUSED)
            raise HTTPException(401, "a valid token is needed", {"WWW-Authenticate": "Bearer"})
        try:
            with self.bodies.held() as body:
                yield Door(self, store, request, body)
        except HTTPException as refusal:
            self.refuse(request, store, refusal.status_code, refusal.detail)
            if refusal.status_code != _REJECTED:
                self.count(request, store, AtDoor.UNSAVED if refusal.status_code == _TRY_LATER else AtDoor.REFUSED)
            raise

    def refuse(self, request: Request, store: str, status: int, reason: str) -> None:
        """Note in the log who got such an answer at which door."""
        address = client_address(request, self.service().settings.proxies)
        self.refusals.note(store, _door_of(request.scope["path"]), address, status, reason)

    def count(self, request: Request, store: str, outcome: AtDoor, times: int = 1) -> None:
        """Count what a door said."""
        if times:
            self.tally.add(store, field_of(AT_DOORS, _door_of(request.scope["path"]), outcome), times)


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
        self.doors.count(self.request, self.store, AtDoor.ACCEPTED, len(events))
        self.doors.count(self.request, self.store, AtDoor.REJECTED, len(unreadable))

    def refused(self, status: int, reason: str) -> None:
        """Note that this request gets such an answer."""
        self.doors.refuse(self.request, self.store, status, reason)


def _door_of(path: str) -> DoorName:
    """Return the door that a path belongs to, as the routes spell them."""
    if path.startswith("/v1/"):
        return DoorName.NATIVE
    if path.startswith("/pick-and-pack/"):
        return DoorName.PICK_AND_PACK
    return DoorName.HOOK if _HOOK.fullmatch(path) else DoorName.CONNECTOR
