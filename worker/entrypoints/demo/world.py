"""The demo's world in a directory of its own: a Redis server, a simulated SkyHub, a worker and beat.

Nothing of the caller's configuration reaches it: no `COLETA_*` variable, no `.env`, no stores file.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from celery import Celery

import worker
from config.celeryconfig import celery_settings
from config.settings import load_settings
from config.stores import load_stores
from worker.adapters.http import HttpClient
from worker.bootstrap import Service, build
from worker.domain.order import Order
from worker.entrypoints.demo.children import Child, DemoError
from worker.entrypoints.demo.stories import Story
from worker.entrypoints.embedded import EmbeddedServer, start_embedded
from worker.sandbox.control import SandboxControl
from worker.sandbox.seller import Credentials

_START_SECONDS = 60.0
_END_SECONDS = 30.0
_KEY = "opens nothing but the simulated SkyHub"

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
    "DEMO_KEY": _KEY,
}
# The caller's settings, ours and Celery's, are not the demo's.
_OTHERS = ("COLETA_", "CELERY_")

_STORE = """\
[stores.{store}.skyhub]
base_url = "{base_url}"
user_email = "{user_email}"
api_key = "env:DEMO_KEY"
accountmanager_key = "env:DEMO_KEY"
"""


@dataclass(frozen=True, slots=True)
class World:
    """The running processes, and the ways to them: `control` steers the simulated SkyHub at `base_url`."""

    base_url: str
    control: SandboxControl
    service: Service
    app: Celery
    server: EmbeddedServer
    children: Sequence[Child]

    def check(self) -> None:
        """Raise `DemoError` if a process has ended."""
        for child in self.children:
            child.check()
        if not self.server.running():
            raise DemoError("the Redis server ended")

    def register(self, stories: Iterable[Story]) -> None:
        """Let the simulated SkyHub know the orders and what goes wrong with them."""
        for story in stories:
            self.control.register_orders(account(story.store).user_email, [story.registration])
            if story.fault is not None:
                self.control.fault(replace(story.fault, code=story.code))

    def orders(self, stories: Iterable[Story]) -> dict[str, Order]:
        """Return what the ledger knows of the stories' orders, by SkyHub code."""
        codes = {(story.store, story.order_id): story.code for story in stories}
        found: dict[str, Order] = {}
        for store in {store for store, _ in codes}:
            ids = [order_id for owner, order_id in codes if owner == store]
            known, _ = self.service.ledger(store).load(ids)
            found |= {codes[store, order_id]: stored.order for order_id, stored in known.items()}
        return found


def account(store: str) -> Credentials:
    """Return the store's account at the simulated SkyHub."""
    return Credentials(user_email=f"ops@{store}.example", api_key=_KEY, accountmanager_key=_KEY)


@contextmanager
def running_world(folder: Path, stores: Collection[str], say: Callable[[str], None]) -> Iterator[World]:
    """Start everything in `folder`, saying so, and end it all; raises `DemoError` where a process does not do so.

    Each of the stores has an account of its own at the simulated SkyHub.
    """
    environ = _environ(folder)
    own = [sys.executable, "-m"]
    with ExitStack() as stack:
        settings = load_settings(environ)
        server = stack.enter_context(start_embedded(settings))
        say(f"Redis server started (process {server.pid})")

        sandbox = Child("sandbox", [*own, "worker.sandbox", "--port", "0"], folder, environ)
        stack.callback(_end, [sandbox])
        base_url = sandbox.await_line(r"listening on (http://\S+)", _START_SECONDS)
        control = stack.enter_context(SandboxControl(base_url))
        say(f"simulated SkyHub started at {base_url}")

        settings.stores_file.write_text(_stores_file(stores, base_url), encoding="utf-8")
        for store in stores:
            credentials = account(store)
            control.register_account(credentials.user_email, credentials.api_key, credentials.accountmanager_key)
        celery = [*own, "celery", "-A", "worker"]
        engine = [
            Child("worker", [*celery, "worker"], folder, environ),
            Child("beat", [*celery, "beat"], folder, environ),
        ]
        stack.callback(_end, engine)
        for child, pattern in zip(engine, (r"celery@\S+ ready", "beat: Starting"), strict=True):
            child.await_line(pattern, _START_SECONDS)
            say(f"{child.name} started")

        settings = settings.with_redis_url(server.url)
        http = HttpClient()
        stack.callback(http.close)
        http.start()
        service = build(settings, load_stores(settings.stores_file, environ), http=http)
        stack.callback(service.redis.close)
        app = stack.enter_context(Celery("coleta", set_as_current=False))
        app.conf.update(celery_settings(settings))
        yield World(base_url, control, service, app, server, [sandbox, *engine])


def _environ(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_OTHERS)}
    modules = [str(Path(worker.__file__).parents[1]), *filter(None, [kept.get("PYTHONPATH")])]
    return {
        **kept,
        **_SETTINGS,
        "COLETA_STORES_FILE": str(folder / "stores.toml"),
        "COLETA_DATA_DIR": str(folder / "data"),
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONUNBUFFERED": "1",
    }


def _stores_file(stores: Iterable[str], base_url: str) -> str:
    return "".join(
        _STORE.format(store=store, base_url=base_url, user_email=account(store).user_email) for store in stores
    )


def _end(children: Sequence[Child]) -> None:
    for child in children:
        child.ask_to_end()
    killed = [child.name for child in children if not child.end(_END_SECONDS)]
    if killed:
        raise DemoError(f"{' and '.join(killed)} did not end within {_END_SECONDS:g} s of SIGTERM, and was killed")
