"""The addresses of the pages."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from worker.entrypoints.web.login import login_routes
from worker.entrypoints.web.page_routes import page_routes
from worker.entrypoints.web.pages.failed_page import failed_page
from worker.entrypoints.web.pages.order_page import order_page
from worker.entrypoints.web.pages.orders_page import orders_page
from worker.entrypoints.web.pages.overview_page import overview_page
from worker.entrypoints.web.pages.rejected_page import rejected_page
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.static_files import static_files
from worker.entrypoints.web.pages.stores_page import stores_page
from worker.entrypoints.web.pages.visiting import of_store, visited
from worker.entrypoints.web.pages.visits import Site, Visit


def pages(site: Site) -> APIRouter:
    """Return the routes of all pages."""
    routes = page_routes()
    routes.include_router(login_routes(site.gate, site.renderer.without_visitor))
    routes.include_router(static_files())

    @routes.get("/")
    def start(request: Request) -> Response:
        return visited(site, request, _start)

    @routes.get("/stores")
    def stores(request: Request) -> Response:
        return visited(site, request, stores_page)

    @routes.get("/stores/{store}")
    def overview(request: Request, store: str) -> Response:
        return of_store(site, request, store, overview_page)

    @routes.get("/stores/{store}/orders")
    def orders(request: Request, store: str) -> Response:
        return of_store(site, request, store, orders_page)

    @routes.get("/stores/{store}/orders/{order_id:path}")
    def order(request: Request, store: str, order_id: str) -> Response:
        return of_store(site, request, store, lambda visit: order_page(visit, order_id))

    @routes.get("/stores/{store}/failed")
    def failed(request: Request, store: str) -> Response:
        return of_store(site, request, store, failed_page)

    @routes.get("/stores/{store}/rejected")
    def rejected(request: Request, store: str) -> Response:
        return of_store(site, request, store, rejected_page, kept_for_none=True)

    return routes


def _start(visit: Visit) -> Response:
    store = visit.visitor.store
    return RedirectResponse(url("stores") if store is None else url("overview", store=store), 303)
