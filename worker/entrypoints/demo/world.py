"""The demo's world in a directory of its own: a Redis server, simulated counterparties, a worker, beat and web.

Nothing of the caller's configuration reaches it: no `COLETA_*` variable, no `.env`, no stores file.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from celery import Celery

import worker
from config.celeryconfig import celery_settings
from config.settings import load_settings
from config.stores import load_stores
from worker.adapters.http import HttpClient
from worker.bootstrap import Service, build
from worker.domain.order import Order
from worker.entrypoints.demo.children import Children, DemoError, started_children
from worker.entrypoints.demo.stores import secret, secrets, simulated, stores_file
from worker.entrypoints.demo.stories import Story
from worker.entrypoints.embedded import EmbeddedServer, start_embedded
from worker.entrypoints.listening import LOOPBACK, free_port, http_url
from worker.entrypoints.up.plan import sandbox_plan, service_plans
from worker.entrypoints.up.seller.handing_in import HandingIn, native_doors
from worker.sandbox.control import SandboxControl

_SETTINGS = {
    "COLETA_LOG_FORMAT": "json",
    "COLETA_WORKER_THREADS": "8",
    # What takes a minute in earnest takes seconds here.
    "COLETA_SWEEP_SECONDS": "1",
    "COLETA_SETTLING_SECONDS": "2",
    "COLETA_CALL_TIMEOUT_SECONDS": "2",
    "COLETA_LEASE_SECONDS": "5",
    "COLETA_CLAIM_SECONDS": "6",
    "COLETA_NOT_YET_SECONDS": "1",
    "COLETA_NOT_YET_MAX_SECONDS": "2",
    "COLETA_BACKOFF_SECONDS": "0.5",
    "COLETA_BACKOFF_MAX_SECONDS": "2",
    "COLETA_FEED_SECONDS": "1",
    "COLETA_RECONCILE_SECONDS": "5",
    # COLETA_PACKED_SECONDS stays a minute: what is packed must be known by the webhook.
}
# The caller's settings, ours and Celery's, are not the demo's.
_OTHERS = ("COLETA_", "CELERY_")


@dataclass(frozen=True, slots=True)
class World:
    """The running processes, and the ways to them.

    `control` steers the simulated services at `base_url`, `hand_in` tells the service of events.
    """

    base_url: str
    control: SandboxControl
    hand_in: HandingIn
    service: Service
    app: Celery
    server: EmbeddedServer
    children: Children

    def check(self) -> None:
        """Raise `DemoError` if a process has ended."""
        self.children.check()
        if not self.server.running():
            raise DemoError("the Redis server ended")

    def orders(self, stories: Iterable[Story]) -> dict[str, Order]:
        """Return what the ledger knows of the stories' orders, by SkyHub code."""
        codes = {(story.store, story.order_id): story.code for story in stories}
        found: dict[str, Order] = {}
        for store in {store for store, _ in codes}:
            ids = [order_id for owner, order_id in codes if owner == store]
            known, _ = self.service.ledger(store).load(ids)
            found |= {codes[store, order_id]: stored.order for order_id, stored in known.items()}
        return found


@contextmanager
def running_world(folder: Path, stores: Collection[str], say: Callable[[str], None]) -> Iterator[World]:
    """Start everything in `folder`, saying so, and end it all; raises `DemoError` where a process does not do so.

    Each of the stores has accounts of its own at the simulated services.
    """
    environ = _environ(folder, stores)
    with ExitStack() as stack:
        settings = load_settings(environ)
        server = stack.enter_context(start_embedded(settings))
        say(f"Redis server started (process {server.pid})")

        children = stack.enter_context(started_children(folder, environ))
        sandbox = children.start(sandbox_plan(0))  # it takes a free port by itself, and says which
        children.await_ready(sandbox)
        base_url = sandbox.last_lines().rpartition("listening on ")[2].split()[0]
        control = stack.enter_context(SandboxControl(base_url))
        say(f"simulated SkyHub, VTEX and Pick and Pack started at {base_url}")

        settings.stores_file.write_text(stores_file(stores, base_url), encoding="utf-8")
        for store in stores:
            open_accounts(control, store)
        for child in [children.start(plan) for plan in service_plans(1)]:
            children.await_ready(child)
            say(f"{child.plan.name} started")
        web_url = http_url(settings.web_host, settings.web_port)
        for store in stores:
            simulated(store).tell(control, web_url, secret(store))

        settings = settings.with_redis_url(server.url)
        http = HttpClient()
        stack.callback(http.close)
        http.start()
        service = build(settings, load_stores(settings.stores_file, environ), http=http)
        stack.callback(service.redis.close)
        app = stack.enter_context(Celery("coleta", set_as_current=False))
        app.conf.update(celery_settings(settings))
        hand_in = stack.enter_context(native_doors(service, app, web_url))
        yield World(base_url, control, hand_in, service, app, server, children)


def open_accounts(control: SandboxControl, store: str) -> None:
    """Give a store its accounts, with the feed: a service that finds none asks again only after a minute."""
    simulated(store).open_accounts(control, lambda _kind: secret(store))


def _environ(folder: Path, stores: Iterable[str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_OTHERS)}
    modules = [str(Path(worker.__file__).parents[1]), *filter(None, [kept.get("PYTHONPATH")])]
    return {
        **kept,
        **_SETTINGS,
        **secrets(stores),
        "COLETA_STORES_FILE": str(folder / "stores.toml"),
        "COLETA_DATA_DIR": str(folder / "data"),
        "COLETA_WEB_HOST": LOOPBACK,
        "COLETA_WEB_PORT": str(_web_port()),
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONUNBUFFERED": "1",
    }


def _web_port() -> int:
    port = free_port()
    if port is None:
        raise DemoError(f"no port is free on {LOOPBACK} for the web process: close what uses them")
    return port
