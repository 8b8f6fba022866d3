"""The HTTP application: built from its parts, so that a test can build it from its own."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException

from worker.entrypoints.web.announcement_doors import announcement_doors
from worker.entrypoints.web.door import Doors
from worker.entrypoints.web.edge import Edge
from worker.entrypoints.web.json_answer import JsonAnswer
from worker.entrypoints.web.metrics_page import metrics_page
from worker.entrypoints.web.native_doors import native_doors
from worker.entrypoints.web.openapi import describe
from worker.entrypoints.web.probes import probes
from worker.entrypoints.web.push_doors import push_doors
from worker.entrypoints.web.traced import Traced

_DESCRIPTION = """\
Requests the B2W Coleta pickup of an order at SkyHub once its last item is invoiced. This is the part of the service
that answers over HTTP.

A door answers with success once what came is safe; whoever gets another answer, or none, sends it again: twice has one
effect. Each store has a token of its own, which is looked at before anything else. Other methods than the described
ones are answered with 405, other paths with 404.
"""


def create_app(doors: Doors, hosts: frozenset[str] = frozenset(), pages: Iterable[APIRouter] = ()) -> FastAPI:
    """Return the application; `hosts` are the names by which it may be asked, empty: any; `pages` are for people."""
    app = _Application(
        title="Coleta",
        description=_DESCRIPTION,
        version=version("coleta"),
        # The pages that FastAPI offers load their scripts from somebody else's server.
        docs_url=None,
        redoc_url=None,
        # A redirect would carry the query with its token along.
        redirect_slashes=False,
        default_response_class=JsonAnswer,
        exception_handlers={HTTPException: _refused},
    )
    app.add_middleware(Edge, hosts=hosts)
    app.add_middleware(Traced)
    app.include_router(probes(doors.service))
    app.include_router(metrics_page(doors))
    app.include_router(native_doors(doors))
    app.include_router(push_doors(doors))
    app.include_router(announcement_doors(doors))
    for routes in pages:
        app.include_router(routes)
    return app


async def _refused(_request: Request, error: HTTPException) -> JsonAnswer:
    return JsonAnswer({"detail": error.detail}, error.status_code, error.headers)


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Return the description of the API, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema
