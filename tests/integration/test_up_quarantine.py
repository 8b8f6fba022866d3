"""What `coleta up` says of its server's start: for how long no pickup is requested."""

import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from config.stores import Stores, load_stores
from tests.fixtures.deployment import secrets, stores_file
from tests.fixtures.redis_servers import required
from worker.bootstrap import build
from worker.entrypoints.embedded import start_embedded
from worker.entrypoints.up.log_lines import as_json
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.quarantine import say_quarantine
from worker.ports import Drain, Standing

_NOWHERE = "http://127.0.0.1:1"


class _Said:
    """The log of an `up`, and what it says of a server."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "up.log"
        self._descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self.log = MergedLog(self._descriptor, as_json, lambda: None)

    def close(self) -> list[dict[str, str]]:
        self.log.close()
        os.close(self._descriptor)
        return [json.loads(line) for line in self._file.read_text().splitlines()]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of an embedded server, with the shipped times."""
    data = str(tmp_path / "data")
    return load_settings({"COLETA_DATA_DIR": data, "COLETA_REDIS_SERVER": str(required("valkey"))})


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    """Return two stores."""
    file = tmp_path / "stores.toml"
    file.write_text(stores_file(["acme", "brava"], _NOWHERE))
    return load_stores(file, secrets(["acme", "brava"]))


def _said_at_a_start(settings: Settings, stores: Stores, folder: Path) -> tuple[list[dict[str, str]], list[Standing]]:
    said = _Said(folder)
    with start_embedded(settings) as server:
        say_quarantine(settings, stores, server.url, said.log)
        service = build(settings.with_redis_url(server.url), stores)
        standings = [service.ledger(name).standing(Drain.PICKUPS) for name in stores]
        service.redis.close()
    return said.close(), standings


def test_a_first_start_holds_nothing_and_a_second_one_says_until_when(
    settings: Settings, stores: Stores, tmp_path: Path
) -> None:
    """The moment counts from the start, for every store, whether or not anything of it is due yet."""
    assert _said_at_a_start(settings, stores, tmp_path)[0] == []

    began = time.time()
    (held,), standings = _said_at_a_start(settings, stores, tmp_path)

    assert held["event"] == "pickups.held"
    until = datetime.fromisoformat(held["until"])
    assert began + 104 <= until.timestamp() <= time.time() + 105
    clock = until.astimezone().strftime("%H:%M:%S")
    assert re.match(rf"no pickup is requested until {clock} \(105 s\): .*; events are recorded$", held["message"])
    assert all(not each.doubted and each.changed_at >= (began - 1) * 1000 for each in standings)
    assert until.tzinfo == UTC


def test_a_server_that_does_not_answer_is_left_to_the_workers(
    settings: Settings, stores: Stores, tmp_path: Path
) -> None:
    """It died again at once: `up` has better things to say."""
    said = _Said(tmp_path)

    say_quarantine(settings, stores, "redis://127.0.0.1:1/0", said.log)

    assert said.close() == []
