"""The doors over a fleet in memory, asked in this process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeVar, cast

import fakeredis
import httpx
from fastapi import FastAPI
from starlette.requests import Request

from config.settings import load_settings
from config.stores import Ingress, SkyHubAccount, Store
from tests.fakes.door_fleet import DoorFleet
from tests.fixtures.door_calls import DoorCall
from tests.fixtures.running_web import ingress_token
from worker.bootstrap import Service, build
from worker.entrypoints.web.app import create_app
from worker.entrypoints.web.body import Bodies
from worker.entrypoints.web.committer import Committer
from worker.entrypoints.web.door import Door, Doors
from worker.entrypoints.web.inbox_writer import InboxWriter
from worker.ports import Meters

NOW = 1_795_176_000_000  # 2026-11-20T12:00:00Z
_T = TypeVar("_T")


def _store(name: str, *, door: bool = True) -> Store:
    account = SkyHubAccount(user_email=f"ops@{name}.example", api_key="key", accountmanager_key="key")
    return Store(name=name, skyhub=account, ingress=Ingress(token=ingress_token(name)) if door else None)


STORES = {name: _store(name, door=name != "doorless") for name in ("acme", "other", "doorless")}


class _Behind:
    """What is behind the one application: the doors of the world that is asked."""

    doors: Doors

    def service(self) -> Service:
        return self.doors.service()

    @property
    def meters(self) -> Meters:
        return self.doors.meters

    def opened(self, request: Request, store: str) -> AbstractAsyncContextManager[Door]:
        return self.doors.opened(request, store)


@cache
def _application(hosts: frozenset[str]) -> tuple[FastAPI, _Behind]:
    """Return the application: FastAPI takes longer over its routes than a test over all else."""
    behind = _Behind()
    return create_app(cast("Doors", behind), hosts), behind


@dataclass
class World:
    """The application, what is behind it, and which stores were hinted at."""

    fleet: DoorFleet = field(default_factory=DoorFleet)
    hinted: list[set[str]] = field(default_factory=list)
    patience: float = 4.0
    most_waiting: int = 50_000
    bodies: Bodies = field(default_factory=Bodies)
    hosts: frozenset[str] = frozenset()
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> FastAPI:
        """Return the application, with this world behind it."""
        app, behind = _application(self.hosts)
        behind.doors = self._doors
        return app

    @cached_property
    def _doors(self) -> Doors:
        service = build(load_settings(self.environ), STORES, redis=fakeredis.FakeRedis(), fleet=self.fleet)
        committer = Committer(
            InboxWriter(self.fleet).write,
            lambda saved: self.hinted.append({each.store for each in saved}),
            patience=self.patience,
            most_waiting=self.most_waiting,
        )
        return Doors(
            service=lambda: service,
            committer=committer,
            bodies=self.bodies,
            tally=service.tally,
            meters=service.meters,
            now=lambda: NOW,
        )

    def run(self, talk: Callable[[httpx.AsyncClient], Awaitable[_T]]) -> _T:
        """Let a client talk to the application."""

        async def talked() -> _T:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://coleta") as client:
                return await talk(client)

        return asyncio.run(talked())

    def post(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        """Post to a path with the token of acme, unless `headers` say something else."""
        return self.run(lambda client: client.post(path, **{"headers": bearer(), **options}))

    def knock(self, door: DoorCall, body: bytes | None = None, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        """Post a body to acme's door, one that tells of an order unless another is given."""
        content = door.body("BWW-1") if body is None else body
        return self.post(door.path("acme", "BWW-1"), content=content, **options)


def bearer(store: str = "acme", **more: str) -> dict[str, str]:
    """Return the headers of a caller of this store."""
    return {"Authorization": f"Bearer {ingress_token(store)}", **more}


@contextmanager
def held(fleet: DoorFleet) -> Iterator[None]:
    """Stop every write for the length of the block."""
    fleet.hold()
    try:
        yield
    finally:
        fleet.release()
