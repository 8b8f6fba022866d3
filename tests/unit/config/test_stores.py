from pathlib import Path

from config.stores import load_stores
from tests.unit.config.stores_files import loaded, store

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
    only = loaded(tmp_path, store("acme"))["acme"]

    assert (only.name, only.coleta, only.vtex, only.pick_and_pack, only.ingress) == ("acme", True, None, None, None)
    assert only.skyhub.base_url == "https://api.skyhub.com.br"
    assert only.skyhub.collectables_path == "/shipments/b2w/collectables"
    assert only.skyhub.confirm_path == "/shipments/b2w/confirm_collection"
    assert (only.skyhub.order_path, only.skyhub.orders_path) == ("/orders/{code}", "/orders")
    assert only.skyhub.codes_field == "order_codes"


def test_skyhub_can_be_moved(tmp_path: Path) -> None:
    """Host, paths and the body's key are the store's to change: a migration of SkyHub needs no release."""
    moved = 'base_url = "http://127.0.0.1:9000/"\nconfirm_path = "/v2/confirm"\ncodes_field = "codes"\n'

    skyhub = loaded(tmp_path, store("acme", more=moved))["acme"].skyhub

    assert (skyhub.base_url, skyhub.confirm_path, skyhub.codes_field) == (
        "http://127.0.0.1:9000",
        "/v2/confirm",
        "codes",
    )


def test_secrets_never_show() -> None:
    """No text made of the stores holds a secret."""
    stores = load_stores(EXAMPLE, SECRETS)

    assert "secret-of" not in f"{stores} {stores!r} {stores['acme']} {stores['acme'].skyhub!r}"


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    """A relative path begins beside the stores file; the file's last line end is no part of the secret."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "relative").write_text("one\r\n")
    (tmp_path / "absolute").write_text("two")
    text = store("acme", key="file:keys/relative").replace("env:KEY", f"file:{tmp_path}/absolute")

    skyhub = loaded(tmp_path, text)["acme"].skyhub

    assert (skyhub.api_key, skyhub.accountmanager_key) == ("one", "two")


def test_a_secret_written_out_works_with_a_warning(tmp_path: Path) -> None:
    """It is named by its place, never by its value."""
    stores = loaded(tmp_path, store("acme", key="the-secret"))

    assert stores["acme"].skyhub.api_key == "the-secret"
    assert len(stores.warnings) == 1
    assert "stores.acme.skyhub.api_key" in stores.warnings[0]
    assert "the-secret" not in stores.warnings[0]


def test_a_password_of_the_pages_that_is_easily_guessed_is_warned_of(tmp_path: Path) -> None:
    """It opens every order of the store to whoever finds the page."""
    text = store("one") + '[stores.one.ingress]\ntoken = "env:TOKEN"\npages_password = "env:PAGES"\n'
    environ = {"KEY": "the-secret", "TOKEN": "x" * 16}

    (warning,) = loaded(tmp_path, text, {**environ, "PAGES": "hunter2hunt"}).warnings

    assert "stores.one.ingress.pages_password has fewer than 12 characters; whoever guesses it reads" in warning
    assert "hunter2" not in warning
    assert loaded(tmp_path, text, {**environ, "PAGES": "hunter2hunte"}).warnings == ()


def test_a_token_that_is_easily_guessed_is_warned_of(tmp_path: Path) -> None:
    """Everybody may knock at the doors."""
    text = store("one") + '[stores.one.ingress]\ntoken = "env:TOKEN"\n'

    (warning,) = loaded(tmp_path, text, {"KEY": "the-secret", "TOKEN": "x" * 15}).warnings

    assert "stores.one.ingress.token has fewer than 16 characters" in warning
    assert loaded(tmp_path, text, {"KEY": "the-secret", "TOKEN": "x" * 16}).warnings == ()
