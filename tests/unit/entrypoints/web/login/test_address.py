"""From where a request comes: a header that anybody can write is believed of named proxies only."""

import pytest
from starlette.requests import Request

from config.proxies import read_proxies
from worker.entrypoints.web.login.address import came_by_https, client_address

PROXIES = read_proxies("127.0.0.1,10.0.0.0/8,fd00::/8")


def _request(peer: str | None, *headers: tuple[str, str], scheme: str = "http") -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in (("host", "coleta"), *headers)]
    client = (peer, 4711) if peer is not None else None
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": raw, "scheme": scheme}
    return Request({**scope, "client": client, "server": ("coleta", 80)})


def _for(text: str) -> tuple[str, str]:
    return ("X-Forwarded-For", text)


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", [_for("203.0.113.9")], "192.0.2.1"),  # it is no proxy: it may say what it likes
        ("127.0.0.1", [_for("203.0.113.9")], "203.0.113.9"),
        ("127.0.0.1", [_for("198.51.100.1, 203.0.113.9")], "203.0.113.9"),  # the first one says the visitor
        ("127.0.0.1", [_for("203.0.113.9, 10.1.2.3")], "203.0.113.9"),  # a proxy before the proxy
        ("127.0.0.1", [_for("198.51.100.1, 203.0.113.9, 10.1.2.3")], "203.0.113.9"),
        ("127.0.0.1", [_for("198.51.100.1"), _for("203.0.113.9")], "203.0.113.9"),
        ("127.0.0.1", [_for("10.9.9.9, 10.1.2.3")], "10.9.9.9"),  # all are proxies: one of them asks
        ("127.0.0.1", [_for("203.0.113.9:50123")], "203.0.113.9"),
        ("127.0.0.1", [_for("[2001:db8:1:2::9]:50123")], "2001:db8:1:2::/64"),
        ("127.0.0.1", [_for("203.0.113.9, unknown")], "127.0.0.1"),
        ("127.0.0.1", [_for("")], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("fd00::1", [_for("203.0.113.9")], "203.0.113.9"),
        ("::ffff:127.0.0.1", [_for("::ffff:203.0.113.9")], "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", [], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        (None, [_for("203.0.113.9")], ""),
        ("a socket", [_for("203.0.113.9")], ""),
    ],
)
def test_an_address_is_that_of_the_last_who_is_no_proxy(
    peer: str | None, headers: list[tuple[str, str]], address: str
) -> None:
    """Read from the right; of IPv6 a household's whole network."""
    assert client_address(_request(peer, *headers), PROXIES) == address


def test_without_named_proxies_nobody_is_believed() -> None:
    """Not even this machine itself."""
    request = _request("127.0.0.1", _for("203.0.113.9"), ("X-Forwarded-Proto", "https"))

    assert (client_address(request, ()), came_by_https(request, ())) == ("127.0.0.1", False)


@pytest.mark.parametrize(
    ("peer", "said", "scheme", "secure"),
    [
        ("127.0.0.1", "https", "http", True),
        ("127.0.0.1", "http, HTTPS", "http", True),
        ("127.0.0.1", "https, http", "http", False),
        ("127.0.0.1", "http", "http", False),
        ("192.0.2.1", "https", "http", False),
        ("192.0.2.1", "http", "https", True),
        (None, "https", "http", False),
    ],
)
def test_a_request_came_by_https_if_the_server_or_a_named_proxy_says_so(
    peer: str | None, said: str, scheme: str, *, secure: bool
) -> None:
    """The last word of the nearest proxy counts."""
    assert came_by_https(_request(peer, ("X-Forwarded-Proto", said), scheme=scheme), PROXIES) is secure
