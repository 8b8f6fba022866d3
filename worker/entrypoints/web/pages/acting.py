"""The addresses at which the pages' forms arrive: those of the pages themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from worker.entrypoints.web.login import Fields, read_form
from worker.entrypoints.web.pages.acting_orders import act_on_failed, act_on_order
from worker.entrypoints.web.pages.acting_rejected import act_on_rejected
from worker.entrypoints.web.pages.acting_store import act_on_store
from worker.entrypoints.web.pages.visiting import of_store
from worker.entrypoints.web.pages.visits import Site

_Form = Annotated[Fields, Depends(read_form)]


def actions(site: Site) -> APIRouter:
    """Return the routes of all actions."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/stores/{store}")
    def store(request: Request, store: str, form: _Form) -> Response:
        return of_store(site, request, store, lambda visit: act_on_store(visit, form))

    @routes.post("/stores/{store}/orders/{order_id:path}")
    def order(request: Request, store: str, order_id: str, form: _Form) -> Response:
        return of_store(site, request, store, lambda visit: act_on_order(visit, order_id, form))

    @routes.post("/stores/{store}/failed")
    def failed(request: Request, store: str, form: _Form) -> Response:
        return of_store(site, request, store, lambda visit: act_on_failed(visit, form))

    @routes.post("/stores/{store}/rejected")
    def rejected(request: Request, store: str, form: _Form) -> Response:
        return of_store(site, request, store, lambda visit: act_on_rejected(visit, form), kept_for_none=True)

    return routes
