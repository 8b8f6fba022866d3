"""VTEX's OMS and Pick and Pack as the sandbox simulates them, through the adapters."""

from collections.abc import Iterator

import pytest

from tests.fixtures.raw_server import client
from tests.fixtures.running_sandbox import running
from worker.adapters.http import HttpClient
from worker.adapters.pick_and_pack import PickAndPackApi, PickAndPackSettings
from worker.adapters.vtex_oms import VtexOms, VtexSettings
from worker.domain.invoices import counted
from worker.ports import PermanentError
from worker.sandbox import create_app
from worker.sandbox.control import SandboxControl
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder
from worker.sandbox.vtex.bodies import Line, NewOmsOrder, NewPackage, of_skus

__all__ = ["client"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    """Serve the sandbox and give its address."""
    with running(create_app()) as url:
        yield url


def test_an_order_travels_through_the_simulated_oms(sandbox: str, client: HttpClient) -> None:
    """Announced by the feed, invoiced in two parts, canceled; keys that are wrong are refused."""
    vtex = VtexOms(VtexSettings(f"{sandbox}/vtex", "app-key", "app-token", 5), client)
    with SandboxControl(sandbox) as control:
        control.vtex.register_account("acme", app_key="app-key", app_token="app-token")
        new = NewOmsOrder(marketplace_order_id="Submarino-7", lines=(Line(sku="A", quantity=2), Line(sku="B")))
        control.vtex.register_orders("acme", [new])
        with pytest.raises(PermanentError, match="feed is not configured"):
            vtex.feed()
        control.vtex.configure_feed("acme")
        control.vtex.invoice("acme", "BWW-Submarino-7", NewPackage(number="1/A", items=of_skus({"A": 2})))
        control.vtex.invoice("acme", "BWW-Submarino-7", NewPackage(number="2", items=of_skus({"B": 1})))
        read = vtex.order("BWW-Submarino-7")
        entries = vtex.feed()
        vtex.commit([entry.handle for entry in entries])
        control.vtex.cancel("acme", "BWW-Submarino-7", reason="no stock")
        canceled = vtex.order("BWW-Submarino-7")
    assert read is not None
    assert read.items == counted(read.invoices) == {"A": 2, "B": 1}
    assert [invoice.number for invoice in read.invoices] == ["1/A", "2"]
    assert entries
    assert {entry.order_id for entry in entries} == {"BWW-Submarino-7"}
    assert all(entry.changed_at for entry in entries)
    assert canceled is not None
    assert canceled.canceled
    assert canceled.canceled_at is not None
    assert vtex.order("BWW-Submarino-8") is None
    with pytest.raises(PermanentError, match="app_key"):
        VtexOms(VtexSettings(f"{sandbox}/vtex", "app-key", "wrong", 5), client).order("BWW-Submarino-7")


def test_a_status_travels_through_the_simulated_pick_and_pack(sandbox: str, client: HttpClient) -> None:
    """With a token that expires in between; an order of another channel is unknown; a wrong key is refused."""
    auth, base = f"{sandbox}/pick-and-pack/auth", f"{sandbox}/pick-and-pack"
    api = PickAndPackApi(PickAndPackSettings(auth, base, "made-up-key", 5), client)
    with SandboxControl(sandbox) as control:
        control.pick_and_pack.register_account("acme", api_key="made-up-key")
        control.pick_and_pack.register_orders("acme", [NewPickingOrder(order_id="BWW-Submarino-7", status="PENDING")])
        assert api.status("BWW-Submarino-7") == "PENDING"
        control.pick_and_pack.set_status("acme", "BWW-Submarino-7", "PACKING")
        for with_403 in (False, True):
            control.settings(expired_with_403=with_403)
            control.pick_and_pack.expire_tokens("acme")
            assert api.status("BWW-Submarino-7") == "PACKING"
        for with_400 in (False, True):
            control.settings(unknown_with_400=with_400)
            assert api.status("BWW-Submarino-8") is None
        assert control.report().tokens_issued == 3
    with pytest.raises(PermanentError, match="api_key"):
        PickAndPackApi(PickAndPackSettings(auth, base, "wrong", 5), client).status("BWW-Submarino-7")
