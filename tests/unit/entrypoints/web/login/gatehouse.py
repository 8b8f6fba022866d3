"""The login before two pages that say who looks at them, over a Redis in this process; each browser has an address."""

import asyncio
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any, cast

import fakeredis
import httpx
from fastapi import APIRouter, Depends, FastAPI
from redis import Redis
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from config.settings import load_settings
from config.stores import Ingress, SkyHubAccount, Store
from tests.fakes.door_fleet import DoorFleet
from worker.bootstrap import Service, build
from worker.entrypoints.web.edge import Edge
from worker.entrypoints.web.login import Form, Gate, checked_form, login_routes, read_form
from worker.entrypoints.web.pages.rendering import Renderer

ADMIN = "password-of-the-administrator"
PASSWORDS = {"acme": "password-of-acme", "brava": "password-of-brava"}
SESSION = "coleta-session"
NOW = 1_795_176_000  # 2026-11-20T12:00:00Z


def a_store(name: str, password: str | None) -> Store:
    """Return a store with this password of its pages."""
    account = SkyHubAccount(user_email=f"ops@{name}.example", api_key="key", accountmanager_key="key")
    return Store(name=name, skyhub=account, ingress=Ingress(token="token", pages_password=password))


@dataclass
class Gatehouse:
    """One web process; several on the same `server` are replicas. `now` is its clock, `settings` what is set."""

    server: fakeredis.FakeServer = field(default_factory=fakeredis.FakeServer)
    settings: dict[str, str] = field(default_factory=lambda: {"ADMIN_PASSWORD": ADMIN})
    passwords: dict[str, str | None] = field(default_factory=lambda: dict(PASSWORDS))
    now: float = NOW

    @cached_property
    def redis(self) -> Any:  # noqa: ANN401 - redis-py's clients answer with several types
        """Return a client of its Redis."""
        return fakeredis.FakeRedis(server=self.server, decode_responses=True)

    @cached_property
    def app(self) -> ASGIApp:
        """Return the application."""
        gate = Gate(cast("Redis", self.redis), self._service, lambda: self.now)
        app = FastAPI(openapi_url=None)
        for routes in (login_routes(gate, Renderer().without_visitor), _pages(gate)):
            app.include_router(routes)
        return Edge(app)

    def browser(self, address: str = "192.0.2.1", scheme: str = "http") -> "Browser":
        """Return a new browser at an address."""
        return Browser(self, address, scheme)

    def entered(self, password: str = ADMIN, **form: str) -> "Browser":
        """Return a new browser whose person has logged in."""
        browser = self.browser()
        assert browser.enter(password, **form).status_code == 303
        return browser

    def sessions(self) -> list[str]:
        """Return the keys of the sessions that live."""
        return [str(key) for key in self.redis.keys("coleta:{_}:session:*")]

    def _service(self) -> Service:
        settings = load_settings({f"COLETA_{name}": value for name, value in self.settings.items()})
        stores = {name: a_store(name, password) for name, password in self.passwords.items()}
        return build(settings, stores, redis=cast("Redis", self.redis), fleet=DoorFleet())


@dataclass
class Browser:
    """What one person does; `cookies` are kept as a browser keeps them."""

    house: Gatehouse
    address: str
    scheme: str = "http"
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        """Send a request and keep what the answer says."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.house.app, client=(self.address, 4711), raise_app_exceptions=False)
            base = f"{self.scheme}://coleta"
            async with httpx.AsyncClient(transport=transport, base_url=base, cookies=self.cookies) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asked())

    def at(self, house: Gatehouse) -> "Browser":
        """Return this browser, asking another process."""
        return replace(self, house=house)

    @property
    def held(self) -> str:
        """What it keeps as its session."""
        return str(self.cookies[SESSION])

    def showing(self, session: str) -> "Browser":
        """Return this browser with something kept as its session."""
        self.cookies.set(SESSION, session, domain="coleta.local")
        return self

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return self.ask("GET", path, headers=_spelt(headers))

    def post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """Send a form, as a page of this host would."""
        return self.ask("POST", path, data=form, headers={"Origin": f"{self.scheme}://coleta", **_spelt(headers)})

    def enter(self, password: str = ADMIN, **form: str) -> httpx.Response:
        """Try to log in."""
        return self.post("/login", {"password": password, "name": "Maria", **form})

    def who(self, **headers: str) -> dict[str, Any] | None:
        """Return what a page says of who looks at it, None: nobody that is known."""
        seen: dict[str, Any] | None = self.get("/who", **headers).json()
        return seen


def _spelt(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _pages(gate: Gate) -> APIRouter:
    routes = APIRouter()

    @routes.get("/who")
    def who(request: Request) -> Response:
        visitor = gate.visitor(request)
        if visitor is None:
            return JSONResponse(None)
        sees = [store for store in ("_", "acme", "brava") if visitor.may_see(store)]
        return JSONResponse({"name": visitor.name, "store": visitor.store, "csrf": visitor.csrf, "sees": sees})

    @routes.post("/act")
    def act(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visitor = gate.visitor(request)
        assert visitor is not None
        checked_form(request, form, visitor)
        return JSONResponse("done")

    return routes
