"""The doors for native events: one event or a list a request."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from pydantic_core import from_json
from starlette.requests import Request

from worker.domain.events import Event
from worker.entrypoints.native_events import Unread, kept, read_or_keep
from worker.entrypoints.web import door_documents as documents
from worker.entrypoints.web.door import Door, Doors
from worker.entrypoints.web.json_answer import JsonAnswer
from worker.entrypoints.words import counted
from worker.ports import Unreadable

MOST_EVENTS = 10_000
# Larger bodies are read in a thread: other requests need not wait so long.
_QUICKLY_READ_BYTES = 32 * 1024


@dataclass(slots=True)
class Reading:
    """What a body holds: events, and what is none with its place and the reason."""

    events: list[Event] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def reject(self, index: int, unreadable: Unreadable) -> None:
        """Note what is no event of this store."""
        self.rejected.append({"index": index, "reason": unreadable.reason})
        self.unreadable.append(unreadable)


def native_doors(doors: Doors) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["native events"], dependencies=documents.TOKEN)

    @routes.post("/v1/{store}/order-invoiced", **documents.ORDER_INVOICED)
    async def order_invoiced(request: Request, store: documents.StoreName) -> JsonAnswer:
        async with doors.opened(request, store) as door:
            return await _taken(door, "OrderInvoiced")

    @routes.post("/v1/{store}/order-canceled", **documents.ORDER_CANCELED)
    async def order_canceled(request: Request, store: documents.StoreName) -> JsonAnswer:
        async with doors.opened(request, store) as door:
            return await _taken(door, "OrderCanceled")

    return routes


async def _taken(door: Door, kind: str) -> JsonAnswer:
    """Save the events of a request; those that name no `event` are of this kind."""
    body = await door.read()
    if len(body) > _QUICKLY_READ_BYTES:
        reading = await asyncio.to_thread(read, body, door.store, kind)
    else:
        reading = read(body, door.store, kind)
    if reading.events or reading.unreadable:
        await door.save(reading.events, reading.unreadable)
    status = 202 if reading.events else 422
    if reading.rejected:
        door.refused(
            status, f"{counted(len(reading.rejected), 'event')} rejected; first: {reading.rejected[0]['reason']}"
        )
    return JsonAnswer({"accepted": len(reading.events), "rejected": reading.rejected}, status)


def read(body: bytes, store: str, kind: str) -> Reading:
    """Read a body of this store; events that name no `event` are of this kind."""
    reading = Reading()
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        reading.reject(0, kept(body, f"not JSON: {error}"))
        return reading
    contents = found if isinstance(found, list) else [found]
    if len(contents) > MOST_EVENTS:
        reason = f"the list holds {len(contents)} events, {MOST_EVENTS} are the most; nothing was taken"
        reading.reject(MOST_EVENTS, kept(body, reason))
        return reading
    for index, content in enumerate(contents):
        if not isinstance(content, Mapping):
            reading.reject(index, kept(content, "expected a JSON object"))
            continue
        native = read_or_keep({"event": kind, **content}, store)
        if isinstance(native, Unread):
            reading.reject(index, native.kept)
        elif native.store != store:
            reason = f"store: found {native.store!r}, expected {store!r} or none, as in the path"
            reading.reject(index, kept(content, reason))
        else:
            reading.events.append(native.event)
    return reading
