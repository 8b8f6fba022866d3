"""`/login` and `/logout`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, assert_never

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from worker.entrypoints.web.edge import RETRY_AFTER_SECONDS
from worker.entrypoints.web.login.forms import Form, checked_form, checked_origin, read_form
from worker.entrypoints.web.login.gate import Entered, Gate, Limited, Wrong
from worker.entrypoints.web.login.names import MOST_CHARACTERS, read_name
from worker.entrypoints.web.login.paths import own_path
from worker.entrypoints.web.page_routes import page_routes

Render = Callable[[Request, str, dict[str, Any], int], Response]
"""Returns the page of a template: the request, the template's name, its values, the status."""

_PAGE = "login.html"


class Problem(StrEnum):
    """Why the login's page is shown again."""

    CLOSED = "closed"  # no password opens anything
    NAME = "name"  # not 1 to 60 printable characters
    WRONG = "wrong"  # the password opens nothing
    LIMITED = "limited"  # too many tries, none was compared
    FOREIGN = "foreign"  # another site sent the form
    AWAY = "away"  # Redis does not answer


_STATUS = {
    Problem.CLOSED: 403,
    Problem.NAME: 422,
    Problem.WRONG: 403,
    Problem.LIMITED: 429,
    Problem.FOREIGN: 403,
    Problem.AWAY: 503,
}


def login_routes(gate: Gate, render: Render) -> APIRouter:
    """Return the routes.

    The template `login.html` gets `next`, `name` as typed, `most_characters` of a name, `problem` (a `Problem` or
    None) and `wait_seconds` (0 unless `limited` or `away`).
    """
    routes = page_routes()
    login = _Login(gate, render)

    @routes.get("/login")
    def ask(request: Request) -> Response:
        try:
            return login.ask(request)
        except HTTPException as error:
            return login.unavailable(request, {}, error)

    @routes.post("/login")
    def enter(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        try:
            return login.enter(request, form)
        except HTTPException as error:
            return login.unavailable(request, form, error)

    @routes.post("/logout")
    def leave(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        # Even of who is not known: the answer lets the browser forget a session that another site's form did not show.
        checked_origin(request)
        visitor = gate.visitor(request)
        if visitor is not None:
            checked_form(request, form, visitor)
            gate.leave(request)
        answer = RedirectResponse("/login", 303)
        gate.take_back(request, answer)
        return answer

    return routes


@dataclass(frozen=True, slots=True)
class _Login:
    gate: Gate
    render: Render

    def ask(self, request: Request) -> Response:
        """Show the form to who has not entered."""
        if self.gate.is_closed():
            return self._page(request, {}, Problem.CLOSED)
        if self.gate.visitor(request) is not None:
            return RedirectResponse(own_path(request.query_params.get("next", "/")), 303)
        return self._page(request, {"next": request.query_params.get("next", "/")})

    def enter(self, request: Request, form: Form) -> Response:
        """Let a person in, or show the form again."""
        name = read_name(form.get("name", ""))
        problem = self._problem(request, name)
        if problem is not None or name is None:
            return self._page(request, form, problem)
        match self.gate.enter(request, form.get("password", ""), name):
            case Entered() as entered:
                answer = RedirectResponse(own_path(form.get("next", "/")), 303)
                self.gate.hand_out(request, answer, entered)
                return answer
            case Wrong():
                return self._page(request, form, Problem.WRONG)
            case Limited(seconds):
                return self._page(request, form, Problem.LIMITED, wait_seconds=seconds)
            case outcome:
                assert_never(outcome)

    def unavailable(self, request: Request, form: Form, error: HTTPException) -> Response:
        """Say that Redis does not answer; raises every other error."""
        if error.status_code != _STATUS[Problem.AWAY]:
            raise error
        return self._page(request, form, Problem.AWAY, wait_seconds=int(RETRY_AFTER_SECONDS))

    def _problem(self, request: Request, name: str | None) -> Problem | None:
        try:
            checked_origin(request)
        except HTTPException:
            return Problem.FOREIGN
        if self.gate.is_closed():
            return Problem.CLOSED
        return Problem.NAME if name is None else None

    def _page(self, request: Request, form: Form, problem: Problem | None = None, wait_seconds: int = 0) -> Response:
        values = {
            "next": own_path(form.get("next", "/")),
            "name": form.get("name", "")[:MOST_CHARACTERS],
            "most_characters": MOST_CHARACTERS,
            "problem": problem,
            "wait_seconds": wait_seconds,
        }
        answer = self.render(request, _PAGE, values, 200 if problem is None else _STATUS[problem])
        if wait_seconds:
            answer.headers["Retry-After"] = str(wait_seconds)
        return answer
