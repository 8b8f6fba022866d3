"""The HTTP application: built from its parts, so that a test can build it from its own."""

from collections.abc import Callable
from importlib.metadata import version

from fastapi import FastAPI

from worker.bootstrap import Service
from worker.entrypoints.web.probes import probes

_DESCRIPTION = """\
Requests the B2W Coleta pickup of an order at SkyHub once its last item is invoiced. This is the part of the service
that answers over HTTP.
"""


def create_app(service: Callable[[], Service]) -> FastAPI:
    """Return the application; `service` gives the service with the stores as they are configured at that moment."""
    app = FastAPI(
        title="Coleta",
        description=_DESCRIPTION,
        version=version("coleta"),
        # The pages that FastAPI offers load their scripts from somebody else's server.
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(probes(service))
    return app
