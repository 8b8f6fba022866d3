"""The backup of docs/operations.md: a copy of a running server's folder is a state that another server opens."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from config.settings import load_settings
from config.stores import load_stores
from tests.fixtures.command_line import an_event
from tests.fixtures.deployment import secrets, stores_file
from tests.fixtures.redis_servers import ENGINES
from tests.fixtures.running_parts import RedisPart, until
from worker.adapters.native_event import read
from worker.bootstrap import Service, build
from worker.domain.order import Status
from worker.ports import Drain
from worker.usecases.record_invoices import drain_inbox
from worker.wiring import milliseconds


@contextmanager
def _served(folder: Path, name: str, engine: str) -> Iterator[tuple[RedisPart, Service]]:
    """Run a server, and the parts of a process of the service on it."""
    file = folder / "stores.toml"
    file.write_text(stores_file(["acme"], "http://127.0.0.1:1"))
    server = RedisPart(name, folder, engine)
    try:
        service = build(load_settings({"COLETA_REDIS_URL": server.url}), load_stores(file, secrets(["acme"])))
        yield server, service
        service.redis.close()
    finally:
        server.kill()


def _back_up(server: RedisPart, to: Path) -> None:
    """Take the steps of the page."""
    with Redis.from_url(server.url) as client:
        client.config_set("auto-aof-rewrite-percentage", 0)
        until(lambda: not client.info("persistence")["aof_rewrite_in_progress"], "nothing rewrites the file")
        shutil.copytree(server.data / "appendonlydir", to / "appendonlydir")
        client.config_set("auto-aof-rewrite-percentage", 100)


def _record(service: Service, order_id: str) -> None:
    ledger = service.ledger("acme")
    ledger.append([read(an_event(order_id)).event])
    drain_inbox(ledger, service.policy("acme"), batch=10, renew_seconds=2.5, stop=lambda: False)


def _due(service: Service) -> int:
    (overview,) = service.fleet.overview(["acme"])
    return overview.counts[Status.DUE]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_restored_copy_holds_what_was_there_and_nothing_is_requested_at_once(tmp_path: Path, engine: str) -> None:
    """The orders of that moment, not those since; the service sees that another server may have forgotten requests."""
    with _served(tmp_path, "first", engine) as (server, service):
        service.ledger("acme").standing(Drain.PICKUPS)
        _record(service, "BWW-Submarino-1")
        _back_up(server, tmp_path / "second-data")
        _record(service, "BWW-Submarino-2")
        assert _due(service) == 2

    with _served(tmp_path, "second", engine) as (_, service):
        assert _due(service) == 1
        standing = service.ledger("acme").standing(Drain.PICKUPS)
        assert standing.held_until(milliseconds(service.settings.quarantine_seconds)) > standing.now
