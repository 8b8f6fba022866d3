"""Requests to SkyHub are spelled as contracts/skyhub.md has them."""

import json

import pytest

from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import Call
from worker.adapters.skyhub.calls import (
    build_collectables,
    build_confirmation,
    build_invoiced,
    build_order,
)

SETTINGS = skyhub_account()


@pytest.mark.parametrize(
    ("call", "method", "url"),
    [
        (
            build_collectables(SETTINGS, requested=False, page=1),
            "GET",
            "https://api.skyhub.com.br/shipments/b2w/collectables?requested=false&offset=1",
        ),
        (
            build_collectables(SETTINGS, requested=True, page=12),
            "GET",
            "https://api.skyhub.com.br/shipments/b2w/collectables?requested=true&offset=12",
        ),
        (
            build_confirmation(SETTINGS, ["350755608801"]),
            "POST",
            "https://api.skyhub.com.br/shipments/b2w/confirm_collection",
        ),
        (
            build_order(SETTINGS, "Lojas Americanas-266580617301"),
            "GET",
            "https://api.skyhub.com.br/orders/Lojas%20Americanas-266580617301",
        ),
        (build_order(SETTINGS, "Loja/é?#-1"), "GET", "https://api.skyhub.com.br/orders/Loja%2F%C3%A9%3F%23-1"),
        (
            build_invoiced(SETTINGS, 3),
            "GET",
            "https://api.skyhub.com.br/orders?page=3&per_page=100&filters%5Bstatuses%5D%5B%5D=order_invoiced",
        ),
    ],
)
def test_a_call_has_the_contracts_method_and_address(call: Call, method: str, url: str) -> None:
    """Every call goes to the path, with the query and the encoding, that the contract documents."""
    assert (call.method, call.url) == (method, url)


def test_every_call_carries_the_five_headers_and_no_other() -> None:
    """A missing header is a 401 or a 415, a looser Accept a PDF."""
    expected = {
        "X-User-Email": "ops@acme.example",
        "X-Api-Key": "api-secret",
        "X-Accountmanager-Key": "account-secret",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    for call in (
        build_collectables(SETTINGS, requested=False, page=1),
        build_confirmation(SETTINGS, ["1"]),
        build_order(SETTINGS, "A-1"),
        build_invoiced(SETTINGS, 1),
    ):
        assert call.headers == expected


def test_a_confirmation_holds_the_codes_as_a_list_of_text() -> None:
    """The body is `{"order_codes": [...]}`, in the order given."""
    assert json.loads(build_confirmation(SETTINGS, ("2", "1")).body) == {"order_codes": ["2", "1"]}


def test_paths_and_keys_that_may_move_are_settings() -> None:
    """A migration of SkyHub is a change of configuration."""
    moved = skyhub_account(
        base_url="https://omnik.example/v2/",
        collectables_path="/c",
        confirm_path="/p",
        orders_path="/o",
        order_path="/o/{code}/one",
        codes_field="codes",
    )
    assert build_collectables(moved, requested=False, page=1).url.startswith("https://omnik.example/v2/c?")
    assert build_confirmation(moved, ["1"]).url == "https://omnik.example/v2/p"
    assert json.loads(build_confirmation(moved, ["1"]).body) == {"codes": ["1"]}
    assert build_order(moved, "A 1").url == "https://omnik.example/v2/o/A%201/one"
    assert build_invoiced(moved, 1).url.startswith("https://omnik.example/v2/o?")
