"""The doors that a VTEX marketplace connector has: an order was invoiced, an order was canceled."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request

from worker.adapters.bodies import shown
from worker.adapters.vtex_connector import read_cancel, read_invoice_push
from worker.domain.events import Announcer, Event, OrderAnnounced
from worker.entrypoints.native_events import Origin, came_by, kept
from worker.entrypoints.web import door_documents as documents
from worker.entrypoints.web.door import Door, Doors
from worker.entrypoints.web.json_answer import JsonAnswer
from worker.ports import UnreadableBodyError

_MOST_CHARACTERS = 200


def push_doors(doors: Doors) -> APIRouter:
    """Return the routes.

    An order id may hold a slash: it is sent as %2F and decoded before a route is looked for.
    """
    routes = APIRouter(tags=["VTEX connector"], dependencies=documents.TOKEN)

    @routes.post("/vtex/{store}/pub/orders/{marketplaceOrderId:path}/invoice", **documents.INVOICE)  # noqa: FAST003 - its alias
    async def invoice(request: Request, store: documents.StoreName, order_id: documents.OrderId) -> JsonAnswer:
        async with doors.opened(request, store) as door:
            return await _taken(door, order_id, Origin.INVOICE_PUSH, read_invoice_push)

    @routes.post("/vtex/{store}/pvt/orders/{marketplaceOrderId:path}/cancel", **documents.CANCEL)  # noqa: FAST003 - its alias
    async def cancel(request: Request, store: documents.StoreName, order_id: documents.OrderId) -> JsonAnswer:
        async with doors.opened(request, store) as door:
            return await _taken(door, order_id, Origin.CANCEL_PUSH, read_cancel)

    return routes


async def _taken(door: Door, order_id: str, origin: Origin, read: Callable[[bytes, str, int], Event]) -> JsonAnswer:
    """Save what the connector pushes and answer with a receipt.

    A push that cannot be read still says that something happened to its order: the OMS knows what.
    """
    body = await door.read()
    received_at = door.doors.now()
    try:
        _check(order_id)
    except UnreadableBodyError as error:
        await door.save((), [kept(body, came_by(origin, error.reason, shown(order_id)))])
        raise HTTPException(422, error.reason) from None
    try:
        event = read(body, order_id, received_at)
    except UnreadableBodyError as error:
        news = OrderAnnounced(order_id=order_id.strip(), occurred_at=received_at, by=Announcer.PUSH)
        await door.save([news], [kept(body, came_by(origin, error.reason, news.order_id))])
        raise HTTPException(422, error.reason) from None
    await door.save([event])
    date = datetime.fromtimestamp(door.doors.now() / 1000, UTC).isoformat()
    return JsonAnswer({"date": date, "orderId": order_id, "receipt": secrets.token_hex(16)})


def _check(order_id: str) -> None:
    if not order_id.strip() or len(order_id) > _MOST_CHARACTERS:
        raise UnreadableBodyError(
            f"the order id in the path has {len(order_id)} characters, 1 to {_MOST_CHARACTERS} may be"
        )
    if not order_id.isprintable() or "\ufffd" in order_id:  # what is not UTF-8 arrives as U+FFFD
        raise UnreadableBodyError("the order id in the path is not readable text")
