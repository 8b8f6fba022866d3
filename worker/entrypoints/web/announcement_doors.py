"""The doors for notifications that something happened to an order: VTEX's Orders hook, Pick and Pack's webhook."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from pydantic_core import from_json
from starlette.requests import Request

from worker.adapters.pick_and_pack_webhook import read_webhook
from worker.adapters.vtex_connector import read_hook
from worker.domain.events import Event
from worker.entrypoints.native_events import Origin, came_by, kept
from worker.entrypoints.web import door_documents as documents
from worker.entrypoints.web.door import Door, Doors
from worker.entrypoints.web.json_answer import JsonAnswer
from worker.ports import UnreadableBodyError


def announcement_doors(doors: Doors) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["notifications"], dependencies=documents.TOKEN)

    @routes.post("/vtex/{store}/hook", **documents.HOOK)
    async def hook(request: Request, store: documents.StoreName) -> JsonAnswer:
        async with doors.opened(request, store) as door:
            return await _taken(door, Origin.HOOK, read_hook)

    @routes.post("/pick-and-pack/{store}/webhook", **documents.WEBHOOK)
    async def webhook(request: Request, store: documents.StoreName) -> JsonAnswer:
        async with doors.opened(request, store) as door:
            return await _taken(door, Origin.WEBHOOK, read_webhook)

    return routes


async def _taken(door: Door, origin: Origin, read: Callable[[bytes, int], Event | None]) -> JsonAnswer:
    """Save what a notification announces; one that cannot be used is kept, and the answer says why.

    It is 200 all the same, where it is a JSON object: its sender would repeat it for days (contracts/vtex-oms.md).
    """
    body = await door.read()
    try:
        event = read(body, door.doors.now())
    except UnreadableBodyError as error:
        await door.save((), [kept(body, came_by(origin, error.reason))])
        status = 200 if _is_object(body) else 422
        door.refused(status, error.reason)
        return JsonAnswer({"taken": False, "reason": error.reason}, status)
    if event is not None:
        await door.save([event])
    return JsonAnswer({"taken": True, "reason": ""})


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(from_json(body, allow_inf_nan=False), Mapping)
    except ValueError:
        return False
