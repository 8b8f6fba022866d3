"""Where somebody who is sent to the login comes from, and gets back to."""

import pytest
from starlette.requests import Request

from worker.entrypoints.web.login.paths import asked_path, own_path


def a_request(path: str, query: bytes = b"", method: str = "GET") -> Request:
    """Return a request as the server hands it over: the path decoded, the query as it came."""
    return Request({"type": "http", "method": method, "path": path, "query_string": query, "headers": []})


@pytest.mark.parametrize(
    ("path", "query", "asked"),
    [
        ("/stores/acme", b"", "/stores/acme"),
        ("/stores/acme/orders", b"q=S%C3%A3o&status=due", "/stores/acme/orders?q=S%C3%A3o&status=due"),
        ("/stores/acme/orders/Lojas Americanas-1", b"", "/stores/acme/orders/Lojas%20Americanas-1"),
        ("/stores/acme/orders/S\u00e3o-1", b"", "/stores/acme/orders/S%C3%A3o-1"),
        ("/stores/acme/orders/a#b?c%", b"", "/stores/acme/orders/a%23b%3Fc%25"),
    ],
)
def test_a_link_into_an_order_leads_there_after_the_login(path: str, query: bytes, asked: str) -> None:
    """SkyHub's codes hold blanks; whatever a code holds, the way back is the address that was asked for."""
    assert own_path(asked_path(a_request(path, query))) == asked


def test_a_form_leads_back_to_its_page() -> None:
    """What it sent is not asked for again."""
    assert asked_path(a_request("/stores/acme/failed", b"after=x", "POST")) == "/stores/acme/failed"
