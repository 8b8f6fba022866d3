"""The SkyHub adapter over real sockets: what a call comes to."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fixtures.raw_server import (
    OK,
    Peer,
    RawServer,
    Serve,
    answering,
    client,
    endless,
    http,
    no_answer,
    reset_after_request,
    serve,
    slow_body,
    then_close,
)
from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import HttpClient
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys, SkyHubSettings
from worker.domain.confirmation import Accepted, Cause, NoEffect, Unclear
from worker.domain.facts import Carrier
from worker.ports import PermanentError, TransientError

__all__ = ["client", "serve"]

ACCOUNT = skyhub_account()
KEYS = SkyHubRateKeys("coleta:{acme}:rate:shipments", "coleta:{acme}:rate:orders", "coleta:{acme}:rate:order")
# For calls that are answered, however busy the machine is; and for those that are not.
PATIENCE, IMPATIENCE = 15.0, 1.0


class Limit:
    """A rate limit with the given answer."""

    def __init__(self, *, grants: bool = True) -> None:
        self.grants = grants
        self.keys: list[str] = []

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        assert interval in {ACCOUNT.shipments_interval, ACCOUNT.orders_interval}
        assert deadline > time.monotonic()
        self.keys.append(key)
        return self.grants


def settings(url: str, timeout: float = PATIENCE) -> SkyHubSettings:
    """Return the settings of a store whose SkyHub is at `url`."""
    return replace(ACCOUNT, base_url=url, timeout=timeout)


def api(server: RawServer, client: HttpClient, limit: Limit | None = None, timeout: float = PATIENCE) -> SkyHubApi:
    """Return the adapter in front of `server`."""
    return SkyHubApi(settings(server.url, timeout), client, limit or Limit(), KEYS)


def test_a_confirmation_reaches_skyhub_as_the_contract_has_it(serve: Serve, client: HttpClient) -> None:
    """Path, headers and body arrive on the wire; 201 with an empty body is accepted."""
    server, limit = serve(answering(http("201 Created", b""))), Limit()
    assert api(server, client, limit).confirm(["350755608801", "2"], lambda: True) == Accepted()
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /shipments/b2w/confirm_collection HTTP/1.1\r\n")
    assert json.loads(body) == {"order_codes": ["350755608801", "2"]}
    for line in (b"X-User-Email: ops@acme.example", b"X-Api-Key: api-secret", b"Accept: application/json"):
        assert line in head.split(b"\r\n")
    assert limit.keys == [KEYS.shipments]


@pytest.mark.parametrize(
    "behaviour",
    [
        no_answer,
        slow_body,
        reset_after_request,
        endless,
        then_close(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{"),
        then_close(b'HTTP/1.1 200 OK\r\n\r\n{"result":"o'),
        then_close(http("504 Gateway Time-out", b"<html><h1>504 Gateway Time-out</h1></html>")),
        then_close(http("302 Found", b"", b"Location: https://elsewhere.example/")),
    ],
)
def test_a_confirmation_whose_answer_proves_nothing_is_unclear(
    serve: Serve, client: HttpClient, behaviour: Callable[[Peer], None]
) -> None:
    """Once a byte may have left, only a clear answer counts, and the call is made once."""
    server = serve(behaviour)
    assert isinstance(api(server, client, timeout=IMPATIENCE).confirm(["1"], lambda: True), Unclear)
    assert len(server.requests) == 1


def test_a_confirmation_held_back_has_no_effect(serve: Serve, client: HttpClient) -> None:
    """A no from the caller's leases, from the rate limit, or a rate limit that broke: nothing is sent."""

    class Broken(Limit):
        def wait(self, key: str, *, interval: float, deadline: float) -> bool:
            raise RedisConnectionError(key, interval, deadline)

    server = serve(answering(OK))
    outcomes = [
        api(server, client).confirm(["1"], lambda: False),
        api(server, client, Limit(grants=False)).confirm(["1"], lambda: True),
        api(server, client, Broken()).confirm(["1"], lambda: True),
    ]
    for outcome in outcomes:
        assert isinstance(outcome, NoEffect)
        assert outcome.cause is Cause.NOT_SENT
    assert server.received == 0
    with pytest.raises(RedisConnectionError):
        api(server, client, Broken()).collectables(requested=False, page=1)


def test_a_confirmation_without_a_connection_has_no_effect(serve: Serve, client: HttpClient) -> None:
    """SkyHub away is known to be harmless."""
    server = serve(answering(OK))
    server.stop()
    outcome = api(server, client).confirm(["1"], lambda: True)
    assert isinstance(outcome, NoEffect)
    assert outcome.cause is Cause.UNREACHABLE


def test_reads_come_back_as_facts(serve: Serve, client: HttpClient) -> None:
    """Each read goes to its own path under its own limit, and its answer is read."""

    def behave(peer: Peer) -> None:
        while request := peer.request():
            order = {"code": "Lojas Americanas-1", "calculation_type": "b2wentregadirect"}
            if request.startswith(b"GET /shipments/"):
                body: object = {"orders": [{"code": "1"}] if b"offset=1 " in request else []}
            elif request.startswith(b"GET /orders?page=1&per_page=100"):
                body = {"total": 1, "orders": [order]}
            else:
                body = {"order": order}
            known = b"Unknown" not in request
            peer.send(http("200 OK" if known else "404 Not Found", json.dumps(body).encode()))

    server, limit = serve(behave), Limit()
    skyhub = api(server, client, limit)
    assert skyhub.collectables(requested=True, page=1) == ("1",)
    assert skyhub.collectables(requested=True, page=2) == ()
    found = skyhub.order("Lojas Americanas-1")
    assert found is not None
    assert found.carrier is Carrier.DIRECT
    assert skyhub.order("Unknown-1") is None
    assert skyhub.invoiced_orders(1).orders == (found,)
    assert b"GET /orders/Lojas%20Americanas-1 HTTP/1.1" in server.requests[2]
    assert limit.keys == [KEYS.shipments, KEYS.shipments, KEYS.order, KEYS.order, KEYS.orders]


def test_reads_that_fail_say_whether_to_try_again(serve: Serve, client: HttpClient) -> None:
    """The wire's failures and a full rate limit are transient; refused credentials are a person's matter."""
    hanging = api(serve(no_answer), client, timeout=IMPATIENCE)
    refusing = api(serve(answering(http("401 Unauthorized", b'{"error":"key api-secret is wrong"}'))), client)
    with pytest.raises(TransientError, match="timed out"):
        hanging.collectables(requested=False, page=1)
    with pytest.raises(TransientError, match="rate limit"):
        api(serve(no_answer), client, Limit(grants=False)).order("A-1")
    with pytest.raises(PermanentError, match=r"key \*\*\* is wrong.*accountmanager_key"):
        refusing.invoiced_orders(1)
