"""The routes of what browsers are shown: whoever may GET it may ask for its HEAD, too.

Starlette's own routes do so; FastAPI's answer 405, which is right for the doors and wrong for pages: link checkers,
proxies and monitors ask so (RFC 9110, 9.1: a server must support both). The HTTP server leaves the body out.
"""

from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute


class _PageRoute(APIRoute):
    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - FastAPI's own arguments
        super().__init__(*given, **named)
        if self.methods is not None and "GET" in self.methods:
            self.methods.add("HEAD")


def page_routes() -> APIRouter:
    """Return a router for pages; no description of the API names them."""
    return APIRouter(include_in_schema=False, route_class=_PageRoute)
