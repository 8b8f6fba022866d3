"""Pages from templates."""

from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_TEMPLATES = Environment(loader=PackageLoader("worker.entrypoints.web.pages"), autoescape=True)


def render(_request: Request, template: str, values: dict[str, Any], status: int) -> Response:
    """Return the page of a template."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), status)
