"""The two cookies. Over HTTPS their names begin with `__Host-`: no other host can set them, and none gets them."""

from starlette.requests import Request
from starlette.responses import Response

from worker.entrypoints.web.login.tokens import BROWSER_SECONDS

_SESSION = "coleta-session"
_BROWSER = "coleta-browser"


def read_session(request: Request, *, secure: bool) -> str:
    """Return what the browser shows as its session, "" for nothing."""
    return request.cookies.get(_named(_SESSION, secure=secure), "")


def read_browser(request: Request, *, secure: bool) -> str:
    """Return what the browser shows to be known, "" for nothing."""
    return request.cookies.get(_named(_BROWSER, secure=secure), "")


def set_session(response: Response, value: str, *, secure: bool) -> None:
    """Let the browser keep its session until it is closed.

    Lax, not Strict: who follows a link from an e-mail into an order is to see it, not to log in again. Nothing is done
    by a GET, and every form has its token.
    """
    name = _named(_SESSION, secure=secure)
    response.set_cookie(name, value, path="/", secure=secure, httponly=True, samesite="lax")


def set_browser(response: Response, value: str, *, secure: bool) -> None:
    """Let the browser be known when somebody logs in the next time."""
    name = _named(_BROWSER, secure=secure)
    response.set_cookie(name, value, max_age=BROWSER_SECONDS, path="/", secure=secure, httponly=True, samesite="strict")


def drop_session(response: Response, *, secure: bool) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(_named(_SESSION, secure=secure), path="/", secure=secure, httponly=True, samesite="lax")


def _named(name: str, *, secure: bool) -> str:
    return f"__Host-{name}" if secure else name
