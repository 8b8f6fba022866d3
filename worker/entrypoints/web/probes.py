"""Whether this process answers, and whether what it needs does: for load balancers and supervisors."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response, status
from pydantic import BaseModel

from worker.bootstrap import Service
from worker.entrypoints.web.edge import RETRY_AFTER_SECONDS
from worker.entrypoints.web.redis_check import redis_problem


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether requests can be served; for each thing that is needed "ok", or a sentence on what is wrong."""

    ready: bool
    checks: dict[str, str]


def probes(service: Callable[[], Service]) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["probes"])

    @routes.get("/healthz", summary="Is the process alive?")
    async def healthz() -> Health:
        """Answer as long as the process does. Restart it if it does not."""
        return Health()

    @routes.get(
        "/readyz",
        summary="Can requests be served?",
        responses={503: {"model": Readiness, "description": "Not now; `Retry-After` says when to ask again."}},
    )
    async def readyz(response: Response) -> Readiness:
        """Look at what is needed, now and within two seconds. Send no requests while the answer is 503."""
        problem = await redis_problem(service().settings.redis_url or "")
        if problem is not None:
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
            response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return Readiness(ready=problem is None, checks={"redis": problem or "ok"})

    return routes
