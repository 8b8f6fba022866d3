from collections.abc import Callable
from pathlib import Path

import pytest

from config.stores import Stores, StoresError, load_stores

EXAMPLE = Path(__file__).parents[3] / "config" / "stores.example.toml"
SECRETS = {
    name: f"secret-of-{name}"
    for name in (
        "ACME_SKYHUB_API_KEY",
        "SKYHUB_ACCOUNTMANAGER_KEY",
        "ACME_VTEX_KEY",
        "ACME_VTEX_TOKEN",
        "ACME_PNP_KEY",
        "ACME_INGRESS_TOKEN",
    )
}
SKYHUB = 'user_email = "{user}"\napi_key = "env:KEY"\naccountmanager_key = "env:KEY"\n'


def _store(name: str, user: str | None = None, more: str = "") -> str:
    return f"[stores.{name}.skyhub]\n" + SKYHUB.format(user=user or f"{name}@example.com") + more + "\n"


def _loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Stores:
    file = folder / "stores.toml"
    file.write_text(text)
    file.chmod(0o600)
    return load_stores(file, {"KEY": "the-secret"} if environ is None else environ)


def _refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(StoresError) as error:
        _loaded(folder, text, environ)
    assert "the-secret" not in str(error.value)
    assert "value error" not in str(error.value).lower()  # a library's word
    return error.value.problems


def test_the_example_is_a_whole_store() -> None:
    """The file to copy works once its variables are set, and has nothing to warn about."""
    stores = load_stores(EXAMPLE, SECRETS)

    acme = stores["acme"]
    assert (list(stores), len(stores), stores.warnings) == (["acme"], 1, ())
    assert acme.skyhub.api_key == "secret-of-ACME_SKYHUB_API_KEY"
    assert acme.vtex
    assert (acme.vtex.affiliate_id, acme.vtex.feed) == ("BWW", False)
    assert acme.pick_and_pack
    assert acme.pick_and_pack.require_packed is False
    assert acme.ingress
    assert acme.ingress.pages_password is None


def test_a_store_needs_only_skyhub(tmp_path: Path) -> None:
    """Everything else is optional; where calls go is SkyHub's contract unless the store says otherwise."""
    only = _loaded(tmp_path, _store("acme"))["acme"]

    assert (only.name, only.coleta, only.vtex, only.pick_and_pack, only.ingress) == ("acme", True, None, None, None)
    assert only.skyhub.base_url == "https://api.skyhub.com.br"
    assert only.skyhub.collectables_path == "/shipments/b2w/collectables"
    assert only.skyhub.confirm_path == "/shipments/b2w/confirm_collection"
    assert (only.skyhub.order_path, only.skyhub.orders_path) == ("/orders/{code}", "/orders")
    assert only.skyhub.codes_field == "order_codes"


def test_skyhub_can_be_moved(tmp_path: Path) -> None:
    """Host, paths and the body's key are the store's to change: a migration of SkyHub needs no release."""
    moved = 'base_url = "http://127.0.0.1:9000/"\nconfirm_path = "/v2/confirm"\ncodes_field = "codes"\n'

    skyhub = _loaded(tmp_path, _store("acme", more=moved))["acme"].skyhub

    assert (skyhub.base_url, skyhub.confirm_path, skyhub.codes_field) == (
        "http://127.0.0.1:9000",
        "/v2/confirm",
        "codes",
    )


_VTEX = '[stores.acme.vtex]\nbase_url = "{url}"\napp_key = "env:KEY"\napp_token = "env:KEY"\n'
_PICK_AND_PACK = '[stores.acme.pick_and_pack]\n{key} = "{url}"\napi_key = "env:KEY"\n'
_PLACES: dict[str, Callable[[str], str]] = {
    "skyhub.base_url": lambda url: _store("acme", more=f'base_url = "{url}"'),
    "vtex.base_url": lambda url: _store("acme") + _VTEX.format(url=url),
    "pick_and_pack.base_url": lambda url: _store("acme") + _PICK_AND_PACK.format(key="base_url", url=url),
    "pick_and_pack.auth_url": lambda url: _store("acme") + _PICK_AND_PACK.format(key="auth_url", url=url),
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
    (problem,) = _refused(tmp_path, _PLACES[place](url))

    assert f"stores.acme.{place} is '{url}'; it must begin with https://" in problem


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize(
    "url",
    ["https://sandbox:8800", "http://127.0.0.1:8800", "http://127.8.9.1", "http://[::1]:8800", "http://localhost"],
)
def test_this_machine_may_be_asked_in_the_clear(tmp_path: Path, place: str, url: str) -> None:
    """Nobody is on the way: it is how a simulated counterparty is asked."""
    assert len(_loaded(tmp_path, _PLACES[place](url))) == 1


def test_secrets_never_show() -> None:
    """No text made of the stores holds a secret."""
    stores = load_stores(EXAMPLE, SECRETS)

    assert "secret-of" not in f"{stores} {stores!r} {stores['acme']} {stores['acme'].skyhub!r}"


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    """A relative path begins beside the stores file; the file's last line end is no part of the secret."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "relative").write_text("one\r\n")
    (tmp_path / "absolute").write_text("two")
    text = _store("acme").replace("env:KEY", "file:keys/relative", 1).replace("env:KEY", f"file:{tmp_path}/absolute")

    skyhub = _loaded(tmp_path, text)["acme"].skyhub

    assert (skyhub.api_key, skyhub.accountmanager_key) == ("one", "two")


def test_a_secret_written_out_works_with_a_warning(tmp_path: Path) -> None:
    """It is named by its place, never by its value."""
    stores = _loaded(tmp_path, _store("acme").replace("env:KEY", "the-secret", 1))

    assert stores["acme"].skyhub.api_key == "the-secret"
    assert len(stores.warnings) == 1
    assert "stores.acme.skyhub.api_key" in stores.warnings[0]
    assert "the-secret" not in stores.warnings[0]


def test_a_password_of_pages_that_do_not_exist_yet_is_warned_of(tmp_path: Path) -> None:
    """It works, and opens nothing."""
    stores = _loaded(
        tmp_path, _store("acme") + '[stores.acme.ingress]\ntoken = "env:KEY"\npages_password = "env:KEY"\n'
    )

    (warning,) = [warning for warning in stores.warnings if "token" not in warning]
    assert warning.endswith("stores.acme.ingress.pages_password is not used yet: the pages come with a later version")


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

    (problem,) = _refused(tmp_path, _store("acme").replace("env:KEY", secret, 1), {"KEY": "the-secret", "BLANK": " "})

    assert problem.startswith(f"{tmp_path}/stores.toml: stores.acme.skyhub.api_key: ")
    assert mend in problem


@pytest.mark.parametrize(
    ("text", "place", "mend"),
    [
        ("[stores.acme]\ncoleta = true", "stores.acme.skyhub is missing", "stores.example.toml"),
        (_store("acme").replace("user_email", "user_mail"), "stores.acme.skyhub.user_email is missing", "add it"),
        (_store("acme", more='api_kye = "the-secret"'), "stores.acme.skyhub.api_kye is not known", "'api_key'?"),
        (_store("acme", more="zzz = 1"), "stores.acme.skyhub.zzz is not known", "known here: base_url"),
        (_store("acme") + "[stores.acme.vtx]", "stores.acme.vtx is not known", "'vtex'?"),
        (_store("acme") + "[stores.acme]\nname = 'a'", "stores.acme.name is not known", "the table's own"),
        (_store("acme") + "[store.acme]", "store is not known", "'stores'?"),
        (_store("acme") + "[stores.acme]\nvtex = 3", "stores.acme.vtex is of the type int", "[stores.acme.vtex]"),
        (_store("acme") + "[stores]\nother = 3", "stores.other", "must be a table"),
        (_store("acme") + "[stores.acme]\ncoleta = 'yes'", "stores.acme.coleta is 'yes'", "must be a valid boolean"),
        (_store("acme", more='base_url = "skyhub"'), "stores.acme.skyhub.base_url is 'skyhub'", "https://"),
        (_store("acme", more='base_url = "http://u:the-secret@h"'), "skyhub.base_url is 'http://h'", "without user"),
        (_store("acme", more='orders_path = "orders"'), "skyhub.orders_path is 'orders'", 'begins with "/"'),
        (_store("acme", more='order_path = "/orders"'), "skyhub.order_path is '/orders'", '"{code}"'),
        (_store("acme").replace('"env:KEY"', '["the-secret"]', 1), "api_key is of the type list", "valid string"),
        (_store('"a b"', user="a"), "stores.a b", "rename it"),
        (_store("_"), "stores._", "rename it"),
        (_store('".."', user="a"), "stores...", "rename it"),
        ("[stores]", "it holds no store", "stores.example.toml"),
        ("", "it holds no store", "stores.example.toml"),
        ("stores = [", "is not TOML in UTF-8", "Invalid value"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, place: str, mend: str) -> None:
    """Each problem says its place in the file and how to mend it; a secret is never repeated."""
    problems = _refused(tmp_path, text)

    assert any(place in problem and mend in problem for problem in problems), problems


def test_two_stores_cannot_share_a_skyhub_user(tmp_path: Path) -> None:
    """Two drains over one account would request twice; e-mail addresses differ by more than case."""
    (problem,) = _refused(tmp_path, _store("one", user="Ops@acme.example") + _store("two", user="ops@ACME.example"))

    assert "stores.two.skyhub.user_email" in problem
    assert "stores.one" in problem


_INGRESS = '[stores.{store}.ingress]\ntoken = "env:{token}"\n'
_FEED = """[stores.{store}.vtex]
base_url = "https://{host}"
app_key = "env:KEY"
app_token = "env:KEY"
feed = {feed}
"""


def test_two_stores_cannot_share_a_token_of_their_doors(tmp_path: Path) -> None:
    """It opens the doors of one store only."""
    text = "".join(_store(store) + _INGRESS.format(store=store, token="KEY") for store in ("one", "two"))

    (problem,) = _refused(tmp_path, text)

    assert "stores.two.ingress.token is that of stores.one" in problem


def test_two_stores_cannot_poll_one_feed(tmp_path: Path) -> None:
    """Each would take the other's events away; another host, or a store that does not poll, is no harm."""

    def both(host: str, feed: str) -> str:
        one = _store("one") + _FEED.format(store="one", host="a.example", feed="true")
        return one + _store("two") + _FEED.format(store="two", host=host, feed=feed)

    (problem,) = _refused(tmp_path, both("A.example", "true"))

    assert "stores.two.vtex.app_key" in problem
    assert "turn feed off" in problem
    assert len(_loaded(tmp_path, both("b.example", "true"))) == len(_loaded(tmp_path, both("a.example", "false"))) == 2


def test_a_token_that_is_easily_guessed_is_warned_of(tmp_path: Path) -> None:
    """Everybody may knock at the doors."""
    text = _store("one") + _INGRESS.format(store="one", token="TOKEN")

    (warning,) = _loaded(tmp_path, text, {"KEY": "the-secret", "TOKEN": "x" * 15}).warnings

    assert "stores.one.ingress.token has fewer than 16 characters" in warning
    assert _loaded(tmp_path, text, {"KEY": "the-secret", "TOKEN": "x" * 16}).warnings == ()


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """All problems of all stores come together."""
    text = _store("one", more="zzz = 1") + _store("two", more='order_path = "x"').replace("user_email", "user")

    assert len(_refused(tmp_path, text)) == 4


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    """The first start of all ends with the next step."""
    with pytest.raises(StoresError, match=r"does not exist; copy config/stores\.example\.toml .*COLETA_STORES_FILE"):
        load_stores(tmp_path / "stores.toml", {})


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A directory stands for all that exists and cannot be read."""
    with pytest.raises(StoresError, match="cannot be read"):
        load_stores(tmp_path, {})
