"""Whether a request may enter a store's doors: by the store's own token, in a header or in the query.

A wrong token, an unknown store and a store without doors take the same steps and get the same answer.
"""

import hmac
from hashlib import sha256
from urllib.parse import parse_qsl

from starlette.requests import Request

from config.stores import Store

_SCHEME = b"bearer "
_MOST_FIELDS = 20
# Compared with where a store has no token: it opens nothing even if it is met.
_NO_TOKEN = bytes(32)


def may_enter(request: Request, store: Store | None) -> bool:
    """Whether the request bears the token of this store. Takes the same time for every token of a length."""
    expected = sha256(store.ingress.token.encode()).digest() if store is not None and store.ingress else _NO_TOKEN
    given = _token(request)
    same = hmac.compare_digest(sha256(given or b"").digest(), expected)
    return same and bool(given) and store is not None and store.ingress is not None


def _token(request: Request) -> bytes | None:
    """Return the one token of a request, that of the header if there is one; None if there is none or several."""
    headers = [value for name, value in request.headers.raw if name == b"authorization"]
    if headers:
        bearer = len(headers) == 1 and headers[0][: len(_SCHEME)].lower() == _SCHEME
        return headers[0][len(_SCHEME) :].strip() if bearer else None
    try:
        query = parse_qsl(request.scope["query_string"], keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    tokens = [value for name, value in query if name == b"token"]
    return tokens[0] if len(tokens) == 1 else None
