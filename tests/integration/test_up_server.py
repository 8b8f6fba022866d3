"""How the embedded server is kept running, with a server program that can be told to fail."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from tests.fixtures.redis_servers import required
from tests.fixtures.running_parts import until
from worker.entrypoints.embedded import running_url
from worker.entrypoints.up.log_lines import as_json
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.server_keeper import ServerKeeper
from worker.entrypoints.up.stop import Stop, StoppedError


@pytest.fixture
def log(tmp_path: Path) -> Iterator[MergedLog]:
    """Give a log into a file."""
    descriptor = os.open(tmp_path / "up.log", os.O_WRONLY | os.O_CREAT)
    log = MergedLog(descriptor, as_json, lambda: None)
    yield log
    log.close()
    os.close(descriptor)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a server that has no memory while the file `broken` is there, and hangs at `hanging`."""
    program = tmp_path / "server"
    program.write_text(
        f"""#!/bin/sh
        if [ -e {tmp_path}/broken ]; then echo no memory >&2; exit 3; fi
        if [ -e {tmp_path}/hanging ]; then exec sleep 60; fi
        exec {required("valkey")} "$@"
        """
    )
    program.chmod(0o755)
    return load_settings({"COLETA_DATA_DIR": str(tmp_path / "data"), "COLETA_REDIS_SERVER": str(program)})


def _kill(settings: Settings) -> None:
    address = (settings.data_dir / "server.json").read_text()
    os.kill(int(address.rpartition(":")[2].strip(" }")), signal.SIGKILL)


def test_a_killed_server_is_back_at_its_address(settings: Settings, log: MergedLog) -> None:
    """Clients find it by themselves; the others need not know."""
    keeper = ServerKeeper(settings, log, Stop())
    try:
        before = keeper.url
        _kill(settings)
        until(lambda: keeper.look() is None and running_url(settings) is not None, "it answers again")
        assert keeper.url == before == running_url(settings)
    finally:
        keeper.stop()


def test_a_server_that_cannot_be_kept_running_ends_it(settings: Settings, log: MergedLog, tmp_path: Path) -> None:
    """It was killed and does not come up any more: the reason says how often, and what the server said."""
    keeper = ServerKeeper(settings, log, Stop())
    try:
        (tmp_path / "broken").touch()
        _kill(settings)
        reason = _given_up(keeper)
    finally:
        keeper.stop()

    assert reason.startswith("the embedded server ended 5 times in a row: it could not be started: ")
    assert "no memory" in reason
    log.close()
    said = (tmp_path / "up.log").read_text()
    assert "server was killed by SIGKILL; started again" in said
    assert said.count("could not be started") == 4  # the kill was an accident


def _given_up(keeper: ServerKeeper) -> str:
    reasons = iter(keeper.look, "never")
    found: list[str] = []

    def is_given_up() -> bool:
        found.extend(filter(None, [next(reasons)]))
        return bool(found)

    until(is_given_up, "it is given up")
    return found[0]


def test_a_start_that_takes_long_can_be_stopped(settings: Settings, log: MergedLog, tmp_path: Path) -> None:
    """A long file is replayed at the start; Ctrl-C does not wait for that."""
    (tmp_path / "hanging").touch()
    stop = Stop()
    threading.Timer(0.5, stop.ask).start()
    began = time.monotonic()

    with pytest.raises(StoppedError):
        ServerKeeper(settings, log, stop)

    assert time.monotonic() - began < 20
