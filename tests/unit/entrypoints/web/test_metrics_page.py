"""`/metrics`: who may read it, and what it says whatever Redis does."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import fakeredis
import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from config.settings import load_settings
from tests.unit.entrypoints.web.world import STORES
from worker.adapters.redis_ledger import RedisMeters
from worker.bootstrap import Service, build
from worker.entrypoints.web import metrics_page
from worker.entrypoints.web.app import create_app
from worker.entrypoints.web.committer import Committer
from worker.entrypoints.web.door import Doors
from worker.ports import Reading

TOKEN = "token-of-prometheus"
ELSEWHERE = "192.0.2.7"


class FakeMeters(RedisMeters):
    """Counts how often it is read; `trouble` may raise, `waits` holds the answer back."""

    def __init__(self) -> None:
        super().__init__(fakeredis.FakeRedis(decode_responses=True))
        self.reads = 0
        self.trouble: Exception | None = None
        self.goes_on = threading.Event()
        self.goes_on.set()

    def read(self, stores: Sequence[str]) -> Reading:
        self.reads += 1
        assert self.goes_on.wait(20)
        if self.trouble is not None:
            raise self.trouble
        return super().read(stores)


class Page:
    """The application, and how it is asked."""

    def __init__(self, token: str = TOKEN) -> None:
        self.meters = FakeMeters()
        settings = load_settings({"COLETA_METRICS_TOKEN": token})
        self.service: Service = build(settings, STORES, redis=fakeredis.FakeRedis(decode_responses=True))
        committer = Committer(lambda deliveries: [""] * len(deliveries), lambda _: None)
        doors = Doors(service=lambda: self.service, committer=committer, tally=self.service.tally, meters=self.meters)
        self.app = create_app(doors)

    def ask(self, *headers: tuple[str, str], client: str = ELSEWHERE, times: int = 1) -> list[httpx.Response]:
        """Ask so many times side by side."""

        async def asked() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app, client=(client, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://coleta") as caller:
                return await asyncio.gather(*(caller.get("/metrics", headers=list(headers)) for _ in range(times)))

        return asyncio.run(asked())

    def status(self, *headers: tuple[str, str], client: str = ELSEWHERE) -> int:
        """Return what one who asks is answered; who is refused is told how to ask, and nothing else."""
        (answer,) = self.ask(*headers, client=client)
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json() == {"detail": "a valid token is needed"}
            assert self.meters.reads == 0
        return answer.status_code


def _bearer(token: str = TOKEN, scheme: str = "Bearer") -> tuple[str, str]:
    return "Authorization", f"{scheme} {token}"


def test_prometheus_reads_it_with_the_token() -> None:
    """As text of the version that every Prometheus reads."""
    (answer,) = Page().ask(_bearer())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'coleta_orders{status="due",store="acme"} 0.0' in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [_bearer("wrong")],
        [_bearer("")],
        [_bearer(scheme="Basic")],
        [_bearer(), _bearer()],
        [("Authorization", TOKEN)],
        [("Cookie", f"token={TOKEN}")],
    ],
    ids=["none", "wrong", "empty", "basic", "two", "bare", "cookie"],
)
def test_who_asks_from_elsewhere_needs_the_token(headers: list[tuple[str, str]]) -> None:
    """In the one place where it belongs."""
    assert Page().status(*headers) == 401


def test_a_token_in_the_query_opens_nothing() -> None:
    """It would stand in logs of proxies."""
    page = Page()

    async def asked() -> int:
        transport = httpx.ASGITransport(page.app, client=(ELSEWHERE, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://coleta") as caller:
            return (await caller.get("/metrics", params={"token": TOKEN})).status_code

    assert asyncio.run(asked()) == 401


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_itself_needs_none(client: str) -> None:
    """Who can ask there can look at more."""
    assert Page().status(client=client) == 200
    assert Page(token="").status(client=client) == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_on_this_machine_asks_for_somebody_else(header: str) -> None:
    """Whatever it says of whom."""
    assert Page().status((header, "127.0.0.1"), client="127.0.0.1") == 401
    assert Page().status((header, "127.0.0.1"), _bearer(), client="127.0.0.1") == 200


@pytest.mark.parametrize("given", [[], [_bearer("")], [_bearer("None")], [_bearer("**********")]])
def test_without_a_token_nobody_reads_it_from_elsewhere(given: list[tuple[str, str]]) -> None:
    """None is set, so none is right."""
    assert Page(token="").status(*given) == 401


def test_redis_that_is_away_is_told_as_a_figure() -> None:
    """An error page would look like a service that is down."""
    page = Page()
    page.meters.trouble = RedisConnectionError("refused")
    (answer,) = page.ask(_bearer())
    assert answer.status_code == 200
    assert "coleta_up 0.0" in answer.text.splitlines()


def test_redis_that_hangs_is_told_as_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """In time: Prometheus gives up sooner or later."""
    monkeypatch.setattr(metrics_page, "_PATIENCE_SECONDS", 0.05)
    page = Page()
    page.meters.goes_on.clear()
    timer = threading.Timer(0.5, page.meters.goes_on.set)  # or the thread would outlive the test
    timer.start()
    (answer,) = page.ask(_bearer())
    assert "coleta_up 0.0" in answer.text.splitlines()
    assert page.meters.reads == 1
    timer.join()


def test_those_who_ask_at_once_share_an_answer() -> None:
    """Redis is read once for all of them."""
    page = Page()
    answers = page.ask(_bearer(), times=5)
    assert {answer.status_code for answer in answers} == {200}
    assert page.meters.reads == 1


def test_an_answer_is_soon_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then Redis is read again, also after a failure."""
    monkeypatch.setattr(metrics_page, "_FRESH_SECONDS", 0.0)
    page = Page()
    page.meters.trouble = RedisConnectionError("refused")
    page.ask(_bearer())
    page.meters.trouble = None
    (answer,) = page.ask(_bearer())
    assert page.meters.reads == 2
    assert "coleta_up 1.0" in answer.text.splitlines()


def test_no_secret_is_told() -> None:
    """Of no store, and of nobody who reads."""
    page = Page()
    secrets: list[Any] = [TOKEN, *(store.ingress.token for store in STORES.values() if store.ingress)]
    secrets += [STORES["acme"].skyhub.api_key, STORES["acme"].skyhub.user_email]
    text = page.ask(_bearer())[0].text
    assert not any(f'"{secret}"' in text for secret in secrets)
    assert TOKEN not in repr(page.service.settings)


def test_a_store_that_comes_is_told_with_the_next_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stores file is read again when it changes."""
    monkeypatch.setattr(metrics_page, "_FRESH_SECONDS", 0.0)
    page = Page()
    assert 'store="new"' not in page.ask(_bearer())[0].text
    page.service = replace(page.service, stores={**STORES, "new": replace(STORES["acme"], name="new")})
    assert 'store="new"' in page.ask(_bearer())[0].text
