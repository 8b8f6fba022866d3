"""Who is not known is sent to the way in; what somebody may not see is not there."""

from collections.abc import Callable

import structlog
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import UnknownStoreError
from worker.entrypoints.web.pages.visits import Site, StoreVisit, Visit, to_the_door
from worker.telemetry import Log

log = structlog.get_logger()


def visited(site: Site, request: Request, make: Callable[[Visit], Response]) -> Response:
    """Answer who is known; a fault of ours is logged, and no more said of it than that."""
    visitor = site.gate.visitor(request)
    if visitor is None:
        return to_the_door(request)
    service = site.service()
    page = site.renderer.page(request, service.fleet.ledger(NO_STORE).now())
    try:
        return make(Visit(site=site, service=service, request=request, visitor=visitor, page=page))
    except (HTTPException, RedisError):
        raise
    except Exception:
        log.exception(Log.PAGE_BROKE, method=request.method, path=request.url.path)
        raise HTTPException(500) from None


def of_store(
    site: Site,
    request: Request,
    store: str,
    make: Callable[[StoreVisit], Response],
    *,
    kept_for_none: bool = False,
) -> Response:
    """Answer who may see the store; `kept_for_none`: the page is there for events that name no known store, too."""

    def look(visit: Visit) -> Response:
        if not visit.visitor.may_see(store):
            raise HTTPException(404)
        try:
            nobody = kept_for_none and store == NO_STORE
            ledger = visit.service.fleet.ledger(store) if nobody else visit.service.seen(store)
        except UnknownStoreError:
            raise HTTPException(404) from None
        return make(StoreVisit(**vars(visit), store=store, ledger=ledger, served=store in visit.service.stores))

    return visited(site, request, look)
