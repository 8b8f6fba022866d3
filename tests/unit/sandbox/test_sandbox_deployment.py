"""A simulated store: what the service reads of it is what the simulated world knows of it."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from config.stores import Store, load_stores
from tests.unit.sandbox.receiver import Receiver, settle
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.deployment import SecretKind, SimulatedStore
from worker.sandbox.sales import NewSale
from worker.sandbox.vtex.bodies import Line, NewPackage, of_skus

WHOLE = SimulatedStore(
    name="whole",
    doors=True,
    vtex=True,
    pick_and_pack=True,
    require_packed=True,
    tells=frozenset({"connector", "hook", "feed", "webhook"}),
)
BARE = SimulatedStore(name="bare")
SALE = NewSale(code="Submarino-1", lines=(Line(sku="A"),))


def secret(kind: SecretKind) -> str:
    """Return a secret that no other kind has."""
    return f"secret-{kind}-of-a-store"


def read(known: SimulatedStore, folder: Path, base_url: str) -> Store:
    """Return a store as the service reads it, its secrets in the environment."""
    file = folder / "stores.toml"
    file.write_text(known.tables(base_url, lambda kind: f"env:{kind.upper().replace('.', '_')}"))
    stores = load_stores(file, {kind.upper().replace(".", "_"): secret(kind) for kind in known.secret_kinds})
    assert stores.warnings == ()
    return stores[known.name]


def register(control: SandboxControl, known: SimulatedStore) -> None:
    """Open a store's accounts, and let its whole world know an order."""
    known.open_accounts(control, secret)
    control.register_sales([SALE], skyhub=known.user_email, vtex=known.name, pick_and_pack=known.name)


def test_the_service_finds_every_simulated_service_with_its_secrets(
    control: SandboxControl, base_url: str, tmp_path: Path
) -> None:
    """Address and secrets of each table open the account there."""
    store = read(WHOLE, tmp_path, base_url)
    register(control, WHOLE)
    assert store.vtex is not None
    assert store.pick_and_pack is not None
    assert store.ingress is not None

    skyhub = {"X-User-Email": store.skyhub.user_email, "X-Api-Key": store.skyhub.api_key}
    skyhub |= {"X-Accountmanager-Key": store.skyhub.accountmanager_key, "Accept": "application/json"}
    vtex = {"X-VTEX-API-AppKey": store.vtex.app_key, "X-VTEX-API-AppToken": store.vtex.app_token}
    picking = store.pick_and_pack
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{store.skyhub.base_url}/orders/{SALE.code}", headers=skyhub).status_code == 200
        order = client.get(f"{store.vtex.base_url}/api/oms/pvt/orders/{SALE.order_id}", headers=vtex)
        assert order.status_code == 200
        token = client.post(f"{picking.auth_url}/token", json={"apiKey": picking.api_key}).json()["data"]
        status = client.get(
            f"{picking.base_url}/picking-tracking/{SALE.order_id}", headers={"Authorization": str(token)}
        )
        assert status.status_code == 200
    assert (store.vtex.affiliate_id, store.vtex.feed, picking.require_packed) == ("BWW", True, True)
    assert store.ingress.token == secret("ingress.token")


def test_a_store_has_no_more_than_it_names(control: SandboxControl, tmp_path: Path, base_url: str) -> None:
    """Besides SkyHub each account, each door and each hold is the store's own choice."""
    store = read(BARE, tmp_path, base_url)
    assert (store.vtex, store.pick_and_pack, store.ingress) == (None, None, None)
    BARE.open_accounts(control, secret)
    with pytest.raises(SandboxError, match="no VTEX account bare"):
        control.vtex.configure_feed("bare")

    quiet = read(replace(WHOLE, tells=frozenset(), require_packed=False), tmp_path, base_url)
    assert quiet.vtex is not None
    assert quiet.pick_and_pack is not None
    assert (quiet.vtex.feed, quiet.pick_and_pack.require_packed) == (False, False)


def test_each_teller_calls_its_own_door_with_the_token(control: SandboxControl, receiver: Receiver) -> None:
    """Hook and webhook show it in a header, the connector in the address; the feed waits to be fetched."""
    register(control, WHOLE)
    WHOLE.tell(control, receiver.url, "t")
    receiver.forget()
    control.vtex.invoice(WHOLE.name, SALE.order_id, NewPackage(number="1", items=of_skus({"A": 1})))
    control.pick_and_pack.set_status(WHOLE.name, SALE.order_id, "INVOICED")
    settle(control)

    told = {(call.path.partition("?")[0], call.query, call.headers.get("authorization")) for call in receiver.calls}
    assert told == {
        (f"/vtex/whole/pub/orders/{SALE.marketplace_order_id}/invoice", "token=t", None),
        ("/vtex/whole/hook", "", "Bearer t"),
        ("/pick-and-pack/whole/webhook", "", "Bearer t"),
    }
    assert control.report(WHOLE.name).feed_waiting > 0


def test_who_is_not_to_tell_calls_nobody(control: SandboxControl, receiver: Receiver) -> None:
    """The accounts alone tell nothing."""
    silent = replace(WHOLE, tells=frozenset())
    register(control, silent)
    silent.tell(control, receiver.url, "t")
    control.vtex.cancel(silent.name, SALE.order_id)
    control.pick_and_pack.set_status(silent.name, SALE.order_id, "CANCELED")
    settle(control)

    assert receiver.calls == []
    assert control.report(silent.name).feed_waiting == 0
