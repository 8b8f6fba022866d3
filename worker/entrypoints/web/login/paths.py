"""Where a person goes after the login: to the page that was asked for, never to another site."""

import re
from urllib.parse import quote

from starlette.requests import Request

# Of printable ASCII, as a path in a request is. Browsers read `//` and `/\` as the beginning of another host, and skip
# line ends and tabs before they read.
_OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_NOT_A_PAGE = re.compile(r"/log(?:in|out)(?:[/?#].*)?")


def own_path(asked: str) -> str:
    """Return the path that was asked for if it leads to a page of ours, else `/`."""
    return asked if _OWN.fullmatch(asked) and not _NOT_A_PAGE.fullmatch(asked) else "/"


def asked_path(request: Request) -> str:
    """Return the path that a request asks for, and its query if it is to be asked for again, as `own_path` takes it."""
    # Written anew: `URL.path` has a blank or an "é" of an order's code as it is.
    path, query = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query and request.method != "POST" else path
