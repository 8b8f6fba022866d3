"""Forms of the pages: how they are read, and how they prove that a page of ours sent them."""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request

from worker.entrypoints.web.body import Bodies
from worker.entrypoints.web.login.visitor import Visitor

Form = Mapping[str, str]
"""The fields of a form; of one that is named twice, the last."""

Fields = ImmutableMultiDict[str, str]
"""A form as it was sent, in which a field may stand several times, as checked boxes do."""

_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
# What is read before anybody is known: a login is some hundred bytes.
_MOST_HELD_BYTES = 16 * 1024 * 1024
_FOREIGN = (
    "another site sent this form, nothing was done; open the page here and repeat. If it was this one: the proxy before"
    " it must pass on the header Host"
)
_bodies = Bodies(most_held=_MOST_HELD_BYTES)


async def read_form(request: Request) -> Fields:
    """Return the form in a request's body, for `Depends`; raises `HTTPException` with 400, 408, 413, 415 or 503."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise HTTPException(415, f"a form is sent as {_TYPE}")
    with _bodies.held() as body:
        text = (await body.read(request)).decode(errors="replace")
    try:
        return ImmutableMultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise HTTPException(400, f"the form has more than {_MOST_FIELDS} fields") from None


def checked_form(request: Request, form: Form, visitor: Visitor) -> None:
    """Raise `HTTPException` with 403 and a sentence unless a page that this visitor was given sent the form."""
    checked_origin(request)
    if not hmac.compare_digest(form.get("csrf", "").encode(), visitor.csrf.encode()):
        raise HTTPException(403, "this form is not of your session, nothing was done; open the page again and repeat")


def checked_origin(request: Request) -> None:
    """Raise `HTTPException` with 403 and a sentence unless the browser says that a page of this host sent the form.

    Browsers say it in `Sec-Fetch-Site`, over plain HTTP only in `Origin`. The host alone is compared: a proxy that
    takes HTTPS off may not be named in the settings. (`Origin` is `null` under the policy `no-referrer`, whose place
    `same-origin` takes for pages: https://fetch.spec.whatwg.org/#append-a-request-origin-header.)
    """
    fetched = request.headers.getlist("sec-fetch-site")
    origins = request.headers.getlist("origin")
    host = request.headers.get("host", "").lower()
    if fetched:
        ours = fetched in (["same-origin"], ["none"])  # none: not a page's doing, but the person's
    else:
        ours = len(origins) == 1 and bool(host) and origins[0].lower().partition("://")[2] == host
    if not ours:
        raise HTTPException(403, _FOREIGN)
