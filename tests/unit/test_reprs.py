"""What holds a secret never shows it: a repr ends up in an error, a debugger, a log."""

from pathlib import Path

import pytest
from celery import Celery
from kombu import Connection

from config.celeryconfig import celery_settings
from config.settings import Settings, load_settings
from config.stores import Stores, load_stores
from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import Answer, Call, HttpClient
from worker.adapters.pick_and_pack import PickAndPackSettings, build_status, build_token
from worker.adapters.redis_clients import connect, connect_briefly
from worker.adapters.skyhub import calls as skyhub_calls
from worker.adapters.vtex_oms import VtexSettings
from worker.adapters.vtex_oms import calls as vtex_calls
from worker.bootstrap import build
from worker.entrypoints.embedded.folder import Address

_SECRET = "hunter2"
_EXAMPLE = Path(__file__).parents[2] / "config" / "stores.example.toml"


@pytest.fixture
def settings() -> Settings:
    """Give settings with a secret wherever one can be."""
    url = f"redis://coleta:{_SECRET}@127.0.0.1:1/0"
    return load_settings({"COLETA_REDIS_URL": url, "COLETA_ADMIN_PASSWORD": _SECRET})


@pytest.fixture
def stores() -> Stores:
    """Give a store with every table."""
    names = ("ACME_SKYHUB_API_KEY", "SKYHUB_ACCOUNTMANAGER_KEY", "ACME_VTEX_KEY", "ACME_VTEX_TOKEN", "ACME_PNP_KEY")
    return load_stores(_EXAMPLE, dict.fromkeys((*names, "ACME_INGRESS_TOKEN"), _SECRET))


def _shown(thing: object) -> list[str]:
    return [repr(thing), str(thing), f"{thing}", repr([thing]), repr({"thing": thing})]


def test_settings_and_stores_show_no_secret(settings: Settings, stores: Stores) -> None:
    """Nor do their parts, or the service that is built from them."""
    service = build(settings, stores, http=HttpClient())
    acme = stores["acme"]
    parts = [acme.skyhub, acme.vtex, acme.pick_and_pack, acme.ingress, service.skyhub(acme), service.oms(acme)]
    for thing in (settings, stores, acme, service, service.packing(acme), *parts):
        assert all(_SECRET not in text for text in _shown(thing))
    service.redis.close()


def test_what_speaks_to_counterparties_shows_no_secret() -> None:
    """Neither their accounts, nor a call, nor its answer."""
    account = skyhub_account(user_email=_SECRET, api_key=_SECRET, accountmanager_key=_SECRET)
    vtex = VtexSettings("https://example.com", _SECRET, _SECRET, 20.0)
    packing = PickAndPackSettings("https://example.com", "https://example.com", _SECRET, 20.0)
    for thing in (
        account,
        vtex,
        packing,
        skyhub_calls.build_confirmation(account, ["1"]),
        vtex_calls.build_order(vtex, "A-1"),
        build_token(packing),
        build_status(packing, "A-1", _SECRET),
        Call("POST", "https://example.com", {"X-Api-Key": _SECRET}, _SECRET.encode()),
        Answer(200, {"set-cookie": _SECRET}, _SECRET.encode()),
        Address(f"redis://:{_SECRET}@127.0.0.1:1/0", 1),
    ):
        assert all(_SECRET not in text for text in _shown(thing))


def test_what_speaks_to_servers_shows_no_password(settings: Settings) -> None:
    """Libraries show addresses without passwords: clients of Redis, connections of the broker, Celery's settings."""
    app = Celery("test", set_as_current=False)
    app.conf.update(celery_settings(settings))
    rabbit = Connection(f"amqp://coleta:{_SECRET}@127.0.0.1:1//")
    url = settings.redis_url
    with connect(url) as state, connect_briefly(url) as brief, app.connection() as broker, rabbit:
        for thing in (state, brief, state.connection_pool, broker, broker.as_uri(), rabbit, rabbit.as_uri(), app):
            assert all(_SECRET not in text for text in _shown(thing))
    assert _SECRET not in app.bugreport()
