"""The addresses of the pages. Who is not known is sent to the way in; what somebody may not see is not there."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import UnknownStoreError
from worker.entrypoints.web.login import login_routes
from worker.entrypoints.web.pages.failed_page import failed_page
from worker.entrypoints.web.pages.order_page import order_page
from worker.entrypoints.web.pages.orders_page import orders_page
from worker.entrypoints.web.pages.overview_page import overview_page
from worker.entrypoints.web.pages.rejected_page import rejected_page
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.static_files import static_files
from worker.entrypoints.web.pages.stores_page import stores_page
from worker.entrypoints.web.pages.visits import Site, StoreVisit, Visit, to_the_door


def pages(site: Site) -> APIRouter:
    """Return the routes of all pages."""
    routes = APIRouter(include_in_schema=False)
    routes.include_router(login_routes(site.gate, site.renderer.without_visitor))
    routes.include_router(static_files())

    @routes.get("/")
    def start(request: Request) -> Response:
        return _visited(site, request, _start)

    @routes.get("/stores")
    def stores(request: Request) -> Response:
        return _visited(site, request, stores_page)

    @routes.get("/stores/{store}")
    def overview(request: Request, store: str) -> Response:
        return _of_store(site, request, store, overview_page)

    @routes.get("/stores/{store}/orders")
    def orders(request: Request, store: str) -> Response:
        return _of_store(site, request, store, orders_page)

    @routes.get("/stores/{store}/orders/{order_id:path}")
    def order(request: Request, store: str, order_id: str) -> Response:
        return _of_store(site, request, store, lambda visit: order_page(visit, order_id))

    @routes.get("/stores/{store}/failed")
    def failed(request: Request, store: str) -> Response:
        return _of_store(site, request, store, failed_page)

    @routes.get("/stores/{store}/rejected")
    def rejected(request: Request, store: str) -> Response:
        return _of_store(site, request, store, rejected_page, kept_for_none=True)

    return routes


def _start(visit: Visit) -> Response:
    store = visit.visitor.store
    return RedirectResponse(url("stores") if store is None else url("overview", store=store), 303)


def _visited(site: Site, request: Request, make: Callable[[Visit], Response]) -> Response:
    visitor = site.gate.visitor(request)
    if visitor is None:
        return to_the_door(request)
    service = site.service()
    page = site.renderer.page(request, service.fleet.ledger(NO_STORE).now())
    return make(Visit(site=site, service=service, request=request, visitor=visitor, page=page))


def _of_store(
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

    return _visited(site, request, look)
