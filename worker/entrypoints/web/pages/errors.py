"""What cannot be shown or done, as a page in the reader's language. Programs at the doors get JSON as before."""

import time
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler
from redis.exceptions import RedisError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from worker.entrypoints.web.edge import RETRY_AFTER_SECONDS
from worker.entrypoints.web.pages.marking import N_
from worker.entrypoints.web.pages.rendering import Renderer

_ROOTS = frozenset({"", "stores", "login", "logout", "static"})
_FORM = (N_("The form could not be used"), N_("Nothing was done. Open the page again and repeat."))
_WORDS: Mapping[int, tuple[str, str]] = {
    403: (N_("Nothing was done"), N_("Open the page again and repeat.")),
    404: (N_("There is no such page"), N_("It is not there, or it is of a store that your password does not open.")),
    429: (N_("Too many tries"), N_("Wait a few minutes and try again.")),
    500: (N_("Something broke"), N_("It is a fault of this service, and stands in its log. Nothing is lost by it.")),
    503: (
        N_("Not at this moment"),
        N_("The service does not reach what it needs. Nothing is lost by it: try again in a few seconds."),
    ),
}
# What a form lacks says more of it than we do.
_SAID = 403


def explain_errors(app: FastAPI, renderer: Renderer) -> None:
    """Let the application tell of errors of pages as pages."""

    async def tell(request: Request, error: Exception) -> Response:
        known = error if isinstance(error, HTTPException) else HTTPException(500)
        if not is_page(request.url.path):
            return await http_exception_handler(request, known)
        return await run_in_threadpool(_page, renderer, request, known)

    async def tell_of_redis(request: Request, error: Exception) -> Response:
        if not is_page(request.url.path):
            raise error
        away = HTTPException(503, headers={"Retry-After": RETRY_AFTER_SECONDS})
        return await run_in_threadpool(_page, renderer, request, away)

    app.add_exception_handler(HTTPException, tell)
    app.add_exception_handler(RedisError, tell_of_redis)


def is_page(path: str) -> bool:
    """Whether an address is one of the pages', there or not."""
    return path.removeprefix("/").partition("/")[0] in _ROOTS


def _page(renderer: Renderer, request: Request, error: HTTPException) -> Response:
    page, status = renderer.page(request, time.time_ns() // 1_000_000), error.status_code
    heading, text = _WORDS.get(status, _FORM)
    said = status == _SAID and error.detail != HTTPStatus(status).phrase
    words = {
        "heading": page.words.gettext(heading),
        "text": page.speech.say(error.detail) if said else page.words.gettext(text),
    }
    answer = renderer.html(page, "message.html", status, **words)
    answer.headers.update(error.headers or {})
    return answer
