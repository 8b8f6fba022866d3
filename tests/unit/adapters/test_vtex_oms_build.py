"""Requests to the OMS are spelled as contracts/vtex-oms.md has them."""

import pytest

from worker.adapters.http import Call
from worker.adapters.vtex_oms import VtexSettings
from worker.adapters.vtex_oms.calls import build_commit, build_feed, build_feed_configuration, build_order

SETTINGS = VtexSettings("https://acme.vtexcommercestable.com.br", "app-key", "app-token", timeout=20.0)
HOST = "https://acme.vtexcommercestable.com.br"


@pytest.mark.parametrize(
    ("call", "method", "url"),
    [
        (
            build_order(SETTINGS, "BWW-Lojas_Americanas-285264647201"),
            "GET",
            f"{HOST}/api/oms/pvt/orders/BWW-Lojas_Americanas-285264647201",
        ),
        (build_order(SETTINGS, "A/é ?#%-1"), "GET", f"{HOST}/api/oms/pvt/orders/A%2F%C3%A9%20%3F%23%25-1"),
        (build_feed(SETTINGS), "GET", f"{HOST}/api/orders/feed?maxlot=10"),
        (build_feed_configuration(SETTINGS), "GET", f"{HOST}/api/orders/feed/config"),
        (build_commit(SETTINGS, ["h"]), "POST", f"{HOST}/api/orders/feed"),
    ],
)
def test_a_call_has_the_contracts_method_and_address(call: Call, method: str, url: str) -> None:
    """The order's id is percent-encoded, whatever stands in it."""
    assert (call.method, call.url) == (method, url)


def test_a_slash_at_the_end_of_the_address_does_no_harm() -> None:
    """A base URL may be written either way."""
    assert build_feed(VtexSettings(f"{HOST}/", "k", "t", timeout=20.0)).url == build_feed(SETTINGS).url


def test_every_call_carries_the_key_and_the_token() -> None:
    """And asks for JSON."""
    expected = {
        "X-VTEX-API-AppKey": "app-key",
        "X-VTEX-API-AppToken": "app-token",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    for call in (build_order(SETTINGS, "A-1"), build_feed(SETTINGS), build_commit(SETTINGS, ["h"])):
        assert call.headers == expected
