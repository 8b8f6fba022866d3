"""The pages as an operator has them, over a fleet in memory: what is sent by a form, and what comes of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Event as ThreadEvent
from types import SimpleNamespace
from typing import Any, cast

import fakeredis
import httpx
from celery import Celery
from fastapi import FastAPI
from redis import Redis
from starlette.types import ASGIApp

from config.settings import load_settings
from config.stores import SkyHubAccount, Store, VtexAccount
from tests.fakes.fake_skyhub import FakeSkyHub
from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.unit.domain.builders import invoiced
from worker.bootstrap import Service, build
from worker.domain.events import Event
from worker.domain.order import Order, Status
from worker.domain.progress import enter
from worker.entrypoints.web.edge import Edge
from worker.entrypoints.web.login import Gate, Visitor
from worker.entrypoints.web.pages.acting import actions
from worker.entrypoints.web.pages.errors import explain_errors
from worker.entrypoints.web.pages.open_lists import OpenLists
from worker.entrypoints.web.pages.rendering import Renderer
from worker.entrypoints.web.pages.routes import pages
from worker.entrypoints.web.pages.visits import Site
from worker.ports import Change, Drain, Pause
from worker.usecases.record_invoices import record_now

ADDRESS = "http://coleta"
_CSRF = "csrf-of-this-session"
_RENDERER = Renderer()


def a_store(name: str) -> Store:
    """Return a store of this name."""
    account = SkyHubAccount(user_email=f"ops@{name}.example", api_key="key", accountmanager_key="key")
    vtex = VtexAccount(base_url="https://vtex.example", app_key="key", app_token="token", affiliate_id="BWW")
    return Store(name=name, skyhub=account, vtex=vtex)


@dataclass
class _Messages:
    """Celery's part that hints need."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    conf: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(task_default_queue_type="classic"))

    def send_task(self, task: str, *, args: Sequence[str], **_named: object) -> None:
        self.sent.append((task, args[0]))


@dataclass
class _Gate:
    visitor_now: Visitor | None

    def visitor(self, _request: object) -> Visitor | None:
        return self.visitor_now


@dataclass
class Desk:
    """One operator at the pages of `acme` and `brava`; `store` is what their password opens, None: everything."""

    name: str = "Ana Souza"
    store: str | None = None
    fleet: MemoryFleet = field(default_factory=MemoryFleet)
    lists: OpenLists = field(default_factory=OpenLists)
    messages: _Messages = field(default_factory=_Messages)
    stores: dict[str, Store] = field(default_factory=lambda: {name: a_store(name) for name in ("acme", "brava")})

    def __post_init__(self) -> None:
        self.gate = _Gate(Visitor(name=self.name, store=self.store, csrf=_CSRF))
        self.released = ThreadEvent()
        self.skyhub = FakeSkyHub(self.fleet.clock)
        self.fleet.remember(list(self.stores))

    @cached_property
    def app(self) -> ASGIApp:
        """The application."""
        site = Site(
            service=lambda: self.service,
            app=cast("Celery", self.messages),
            gate=cast("Gate", self.gate),
            renderer=_RENDERER,
            lists=self.lists,
        )
        app = FastAPI(openapi_url=None, redirect_slashes=False)
        app.include_router(pages(site))
        app.include_router(actions(site))
        explain_errors(app, _RENDERER)
        return Edge(app)

    @property
    def service(self) -> Service:
        """The service as its stores file says now."""
        return replace(self._built, stores=dict(self.stores))

    @cached_property
    def _built(self) -> Service:
        redis = cast("Redis", fakeredis.FakeRedis())
        return build(load_settings({}), self.stores, redis=redis, fleet=self.fleet, skyhub=lambda _store: self.skyhub)

    # ---- what the operator does

    def post(self, path: str, form: Mapping[str, Any] | None = None, **fields: str) -> httpx.Response:
        """Send a form of the page at this path; its reason is given unless another one is."""
        data = {"csrf": _CSRF, "reason": "label printed", **(form or {}), **fields}
        return self.ask("POST", path, data=data, headers={"Origin": ADDRESS})

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def head(self, path: str) -> httpx.Response:
        """Ask for the head of a page."""
        return self.ask("HEAD", path)

    def follow(self, answer: httpx.Response) -> str:
        """Go where an answer leads to, and return the page."""
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"]).text

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        """Send a request."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
                return await client.request(method, path, **options)

        return asyncio.run(asked())

    # ---- what there is

    @property
    def ledger(self) -> MemoryLedger:
        """What acme's ledger holds."""
        return self.fleet.ledger("acme")

    def hear(self, *events: Event) -> None:
        """Record events of acme."""
        policy = self._built.policy("acme")
        for each in events:
            record_now(self.ledger, policy, each, "")

    def due(self, *codes: str) -> None:
        """Record Direct orders, all invoiced."""
        self.hear(*(invoiced(order_id=order_id(code), at=self.fleet.clock()) for code in codes))

    def waiting(self, *codes: str) -> None:
        """Record Direct orders, half of them invoiced."""
        self.hear(*(invoiced(ordered={"a": 2}, order_id=order_id(code), at=self.fleet.clock()) for code in codes))

    def stand(self, status: Status, *codes: str, reason: str = "refused: no contract") -> None:
        """Record Direct orders, all invoiced, that came to stand so."""
        self.due(*codes)
        for code in codes:
            known = self.ledger.load([order_id(code)])[0][order_id(code)]
            order = enter(known.order, status, reason, self.fleet.clock())
            self.ledger.save([Change(order=order, version=known.version)])

    def order(self, code: str) -> Order:
        """Return what is known of an order."""
        return self.ledger.load([order_id(code)])[0][order_id(code)].order

    def wishes(self, code: str) -> list[str]:
        """Return what operators did to an order, and why."""
        return [entry.detail for entry in self.order(code).history if entry.event.startswith("operator.")]

    @property
    def pause(self) -> Pause:
        """Acme's pause."""
        return self.ledger.standing(Drain.PICKUPS).pause

    def take_out(self, store: str) -> None:
        """Take a store out of the stores file."""
        del self.stores[store]


def order_id(code: str) -> str:
    """Name an order as the ledger does."""
    return f"BWW-Lojas_Americanas-{code}"


def page_of(code: str) -> str:
    """Return the path of an order's page."""
    return f"/stores/acme/orders/{order_id(code)}"
