"""Stores files that cannot be used: each problem with its place and its mending, no secret in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.stores import StoresError, load_stores
from tests.unit.config.stores_files import loaded, refused, store

_INGRESS = '[stores.{store}.ingress]\ntoken = "env:KEY"\n'
_FEED = """[stores.{store}.vtex]
base_url = "https://{host}"
app_key = "env:KEY"
app_token = "env:KEY"
feed = {feed}
"""
_VTEX = '[stores.acme.vtex]\nbase_url = "{url}"\napp_key = "env:KEY"\napp_token = "env:KEY"\n'
_PICK_AND_PACK = '[stores.acme.pick_and_pack]\n{key} = "{url}"\napi_key = "env:KEY"\n'
_PLACES: dict[str, Callable[[str], str]] = {
    "skyhub.base_url": lambda url: store("acme", more=f'base_url = "{url}"'),
    "vtex.base_url": lambda url: store("acme") + _VTEX.format(url=url),
    "pick_and_pack.base_url": lambda url: store("acme") + _PICK_AND_PACK.format(key="base_url", url=url),
    "pick_and_pack.auth_url": lambda url: store("acme") + _PICK_AND_PACK.format(key="auth_url", url=url),
}


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize(
    "url",
    [
        "http://api.skyhub.com.br",
        "HTTP://api.skyhub.com.br",
        "http://sandbox:8800",
        "http://10.0.0.1:8800",
        "http://0.0.0.0:8800",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
    ],
)
def test_keys_are_not_sent_in_the_clear(tmp_path: Path, place: str, url: str) -> None:
    """An address that is not this machine's own begins with https://; one in the same network is another machine's."""
    (problem,) = refused(tmp_path, _PLACES[place](url))

    assert f"stores.acme.{place} is '{url}'; it must begin with https://" in problem


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize(
    "url",
    ["https://sandbox:8800", "http://127.0.0.1:8800", "http://127.8.9.1", "http://[::1]:8800", "http://localhost"],
)
def test_this_machine_may_be_asked_in_the_clear(tmp_path: Path, place: str, url: str) -> None:
    """Nobody is on the way: it is how a simulated counterparty is asked."""
    assert len(loaded(tmp_path, _PLACES[place](url))) == 1


@pytest.mark.parametrize(
    ("secret", "mend"),
    [
        ("env:MISSING", "'MISSING' is not set"),
        ("env:BLANK", "'BLANK' is not set, or empty"),
        ("file:missing", "missing cannot be read (No such file or directory)"),
        ("file:blank", "blank is empty"),
        ("file:bytes", "bytes cannot be read (not UTF-8 text)"),
        ("", "is empty"),
    ],
)
def test_a_secret_that_is_not_there_is_refused(tmp_path: Path, secret: str, mend: str) -> None:
    """An unset variable, a missing or an empty file: each is named with its place."""
    (tmp_path / "blank").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")

    (problem,) = refused(tmp_path, store("acme", key=secret), {"KEY": "the-secret", "BLANK": " "})

    assert problem.startswith(f"{tmp_path}/stores.toml: stores.acme.skyhub.api_key: ")
    assert mend in problem


@pytest.mark.parametrize(
    ("text", "place", "mend"),
    [
        ("[stores.acme]\ncoleta = true", "stores.acme.skyhub is missing", "stores.example.toml"),
        (store("acme").replace("user_email", "user_mail"), "stores.acme.skyhub.user_email is missing", "add it"),
        (store("acme", more='api_kye = "the-secret"'), "stores.acme.skyhub.api_kye is not known", "'api_key'?"),
        (store("acme", more="zzz = 1"), "stores.acme.skyhub.zzz is not known", "known here: base_url"),
        (store("acme") + "[stores.acme.vtx]", "stores.acme.vtx is not known", "'vtex'?"),
        (store("acme") + "[stores.acme]\nname = 'a'", "stores.acme.name is not known", "the table's own"),
        (store("acme") + "[store.acme]", "store is not known", "'stores'?"),
        (store("acme") + "[stores.acme]\nvtex = 3", "stores.acme.vtex is of the type int", "[stores.acme.vtex]"),
        (store("acme") + "[stores]\nother = 3", "stores.other", "must be a table"),
        (store("acme") + "[stores.acme]\ncoleta = 'yes'", "stores.acme.coleta is 'yes'", "must be a valid boolean"),
        (store("acme", more='base_url = "skyhub"'), "stores.acme.skyhub.base_url is 'skyhub'", "https://"),
        (store("acme", more='base_url = "http://u:the-secret@h"'), "skyhub.base_url is 'http://h'", "without user"),
        (store("acme", more='orders_path = "orders"'), "skyhub.orders_path is 'orders'", 'begins with "/"'),
        (store("acme", more='order_path = "/orders"'), "skyhub.order_path is '/orders'", '"{code}"'),
        (store("acme").replace('"env:KEY"', '["the-secret"]', 1), "api_key is of the type list", "valid string"),
        (store('"a b"', user="a"), "stores.a b", "rename it"),
        (store("_"), "stores._", "rename it"),
        (store('".."', user="a"), "stores...", "rename it"),
        ("[stores]", "it holds no store", "stores.example.toml"),
        ("", "it holds no store", "stores.example.toml"),
        ("stores = [", "is not TOML in UTF-8", "Invalid value"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, place: str, mend: str) -> None:
    """Each problem says its place in the file and how to mend it; a secret is never repeated."""
    problems = refused(tmp_path, text)

    assert any(place in problem and mend in problem for problem in problems), problems


def test_two_stores_cannot_share_a_skyhub_user(tmp_path: Path) -> None:
    """Two drains over one account would request twice; e-mail addresses differ by more than case."""
    (problem,) = refused(tmp_path, store("one", user="Ops@acme.example") + store("two", user="ops@ACME.example"))

    assert "stores.two.skyhub.user_email" in problem
    assert "stores.one" in problem


def test_two_stores_cannot_share_a_token_of_their_doors(tmp_path: Path) -> None:
    """It opens the doors of one store only."""
    text = "".join(store(name) + _INGRESS.format(store=name) for name in ("one", "two"))

    (problem,) = refused(tmp_path, text)

    assert "stores.two.ingress.token is that of stores.one" in problem


def test_two_stores_cannot_share_a_password_of_their_pages(tmp_path: Path) -> None:
    """It tells whose pages are to be opened, and is not shown."""
    text = "".join(
        f'{store(name)}[stores.{name}.ingress]\ntoken = "token-of-{name}"\npages_password = "env:PAGES"\n'
        for name in ("one", "two")
    )

    (problem,) = refused(tmp_path, text, {"KEY": "the-secret", "PAGES": "the-secret-of-pages"})

    assert "stores.two.ingress.pages_password is that of stores.one, too; it tells whose pages" in problem


@pytest.mark.parametrize("in_a_file", [False, True])
def test_a_store_cannot_have_the_administrators_password(tmp_path: Path, *, in_a_file: bool) -> None:
    """Its own people would open the pages of all others."""
    text = store("one") + '[stores.one.ingress]\ntoken = "token"\npages_password = "the-secret-of-pages"\n'
    file = tmp_path / "password"
    file.write_text("the-secret-of-pages\n")
    admin = f"file:{file}" if in_a_file else "the-secret-of-pages"

    (problem,) = refused(tmp_path, text, {"KEY": "the-secret", "COLETA_ADMIN_PASSWORD": admin})

    assert "stores.one.ingress.pages_password is that of COLETA_ADMIN_PASSWORD, too; " in problem


def test_two_stores_cannot_poll_one_feed(tmp_path: Path) -> None:
    """Each would take the other's events away; another host, or a store that does not poll, is no harm."""

    def both(host: str, feed: str) -> str:
        one = store("one") + _FEED.format(store="one", host="a.example", feed="true")
        return one + store("two") + _FEED.format(store="two", host=host, feed=feed)

    (problem,) = refused(tmp_path, both("A.example", "true"))

    assert "stores.two.vtex.app_key" in problem
    assert "turn feed off" in problem
    assert len(loaded(tmp_path, both("b.example", "true"))) == len(loaded(tmp_path, both("a.example", "false"))) == 2


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """All problems of all stores come together."""
    text = store("one", more="zzz = 1") + store("two", more='order_path = "x"').replace("user_email", "user")

    assert len(refused(tmp_path, text)) == 4


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    """The first start of all ends with the next step."""
    with pytest.raises(StoresError, match=r"does not exist; copy config/stores\.example\.toml .*COLETA_STORES_FILE"):
        load_stores(tmp_path / "stores.toml", {})


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A directory stands for all that exists and cannot be read."""
    with pytest.raises(StoresError, match="cannot be read"):
        load_stores(tmp_path, {})
