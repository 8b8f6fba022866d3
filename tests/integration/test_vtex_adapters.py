"""VTEX's OMS and Pick and Pack over real HTTP: statuses, waits, timeouts and a renewed token."""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fixtures.raw_server import client
from tests.fixtures.scripted_server import Reply, Request, Script, Serve, serve
from tests.samples import vtex_samples
from worker.adapters.http import HttpClient
from worker.adapters.pick_and_pack import PickAndPackApi, PickAndPackSettings
from worker.adapters.vtex_oms import VtexOms, VtexSettings
from worker.ports import TransientError

__all__ = ["client", "serve"]

ORDER_ID = "BWW-Lojas_Americanas-912000000011"
TIMEOUT = 0.5


def oms(url: str, client: HttpClient, timeout: float = 5) -> VtexOms:
    """Return the adapter of an OMS at this address."""
    return VtexOms(VtexSettings(url, "app-key", "app-token", timeout), client)


def pick_and_pack(url: str, client: HttpClient, timeout: float = 5) -> PickAndPackApi:
    """Return the adapter of a Pick and Pack at this address."""
    return PickAndPackApi(PickAndPackSettings(f"{url}/auth", url, "made-up-key", timeout), client)


def always(reply: Reply) -> Script:
    """Answer every request alike."""
    return lambda _: reply


# --- the OMS ---


def test_the_oms_gets_what_the_contract_has(serve: Serve, client: HttpClient) -> None:
    """Paths, credentials and bodies arrive on the wire, and answers are read."""
    order = vtex_samples.body("order_full") | {"orderId": "A/1 é"}
    replies = {
        "/api/oms/pvt/orders/A%2F1%20%C3%A9": json.dumps(order).encode(),
        "/api/orders/feed?maxlot=10": vtex_samples.raw("feed"),
        "/api/orders/feed": b"",
    }
    server = serve(lambda request: Reply(body=replies[request.path]))
    vtex = oms(server.url, client)
    read = vtex.order("A/1 é")
    assert read is not None
    assert read.items == {"7001": 2, "7002": 2, "7003": 3, "7009": 1}
    handles = [entry.handle for entry in vtex.feed()]
    vtex.commit(handles)
    vtex.commit([])
    assert [(request.method, request.path) for request in server.requests] == [
        ("GET", "/api/oms/pvt/orders/A%2F1%20%C3%A9"),
        ("GET", "/api/orders/feed?maxlot=10"),
        ("POST", "/api/orders/feed"),
    ]
    assert json.loads(server.requests[2].body) == {"handles": handles}
    for request in server.requests:
        assert request.headers["x-vtex-api-appkey"] == "app-key"
        assert request.headers["x-vtex-api-apptoken"] == "app-token"


@pytest.mark.parametrize(
    ("status", "headers", "retry_after"),
    [(429, {"Retry-After": "7"}, 7), (429, {}, 60), (503, {}, None), (503, {"Retry-After": "9"}, 9), (500, {}, None)],
)
def test_an_oms_in_trouble_says_when_to_come_back(
    serve: Serve, client: HttpClient, status: int, headers: dict[str, str], retry_after: float | None
) -> None:
    """Whether an order, the feed or a commit was asked for; each is one call."""
    server = serve(always(Reply(status, b"<html>busy</html>", headers)))
    vtex = oms(server.url, client)
    for ask in (lambda: vtex.order(ORDER_ID), vtex.feed, lambda: vtex.commit(["h"])):
        with pytest.raises(TransientError, match=str(status)) as raised:
            ask()
        assert raised.value.retry_after == retry_after
    assert len(server.requests) == 3


@pytest.mark.alone
def test_an_oms_that_hangs_or_is_away_is_asked_again(serve: Serve, client: HttpClient) -> None:
    """After exactly the timeout, or at once."""
    server = serve(always(Reply(after=20)))
    started = time.monotonic()
    with pytest.raises(TransientError, match=r"VTEX OMS: timed out after 0\.5 s"):
        oms(server.url, client, TIMEOUT).order(ORDER_ID)
    assert TIMEOUT <= time.monotonic() - started < TIMEOUT + 1
    server.stop()
    with pytest.raises(TransientError, match="refused"):
        oms(server.url, client).feed()


# --- Pick and Pack ---


def test_a_pick_and_pack_that_hangs_is_asked_again(serve: Serve, client: HttpClient) -> None:
    """After the same timeout, once for the token and once for the order."""
    token = Reply(body=b'{"data":"t"}')
    server = serve(lambda request: token if request.path == "/auth/token" else Reply(after=20))
    with pytest.raises(TransientError, match=r"Pick and Pack: timed out after 0\.5 s"):
        pick_and_pack(server.url, client, TIMEOUT).status(ORDER_ID)
    assert [request.path for request in server.requests] == ["/auth/token", f"/picking-tracking/{ORDER_ID}"]


class Packing:
    """A Pick and Pack that takes its time over a token, and whose tokens expire when the test says so."""

    def __init__(self) -> None:
        self.calls = Counter[str]()
        self.valid = ""
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            if request.path == "/auth/token":
                self.calls["token"] += 1
                self.valid = f"token-{self.calls['token']}"
                assert json.loads(request.body) == {"apiKey": "made-up-key"}
                return Reply(body=json.dumps({"message": "success", "data": self.valid}).encode(), after=0.3)
            if request.headers["authorization"] != self.valid:
                return Reply(401, vtex_samples.raw("pick_and_pack_error_401"))
            return Reply(body=vtex_samples.raw("pick_and_pack_status_full"))


def test_racing_threads_renew_a_token_once(serve: Serve, client: HttpClient) -> None:
    """Eight threads, first without a token, then with one that has expired: one question each time."""
    packing = Packing()
    api = pick_and_pack(serve(packing).url, client)
    with ThreadPoolExecutor(8) as pool:
        for renewals in (1, 2):
            assert set(pool.map(api.status, [ORDER_ID] * 8)) == {"WAITING_FOR_DELIVERY_COMPANY"}
            assert packing.calls["token"] == renewals
            packing.valid = "expired"
