"""Beat starts where nobody has prepared anything for it, and sweeps whatever its clock does."""

import os
import sys
from pathlib import Path

from tests.fixtures.deployment import environment, secrets, stores_file
from tests.fixtures.redis_servers import free_port
from tests.fixtures.running_parts import Part, RedisPart, until
from tests.fixtures.stepped_clock import SteppedClock

_BEAT = [sys.executable, "-m", "celery", "-A", "worker", "beat"]


def test_beat_makes_the_folder_of_its_memory(tmp_path: Path) -> None:
    """On a fresh machine DATA_DIR does not exist; without beat there would be no sweep. Both are its owner's alone."""
    (tmp_path / "stores.toml").write_text(stores_file(["acme"], "http://127.0.0.1:1"))
    redis = f"redis://127.0.0.1:{free_port()}/0"
    environ = environment(secrets(["acme"]), REDIS_URL=redis, STORES_FILE="stores.toml", DATA_DIR="fresh/data")
    careless = os.umask(0)
    beat = Part("beat", _BEAT, environ, tmp_path)
    os.umask(careless)
    try:
        folder = tmp_path / "fresh" / "data"
        until(lambda: list(folder.glob("celerybeat-schedule*")), "beat's memory", lambda: [beat])
        assert [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077] == []
        assert beat.runs
    finally:
        beat.kill()


def test_beat_sweeps_on_when_its_clock_was_set_back(tmp_path: Path) -> None:
    """While it runs, and between two runs: its memory then names moments to come, up to which Celery would wait."""
    (tmp_path / "stores.toml").write_text(stores_file(["acme"], "http://127.0.0.1:1"))
    clock = SteppedClock(tmp_path)
    redis = RedisPart("redis", tmp_path, "valkey")
    named = {"REDIS_URL": redis.url, "STORES_FILE": "stores.toml", "DATA_DIR": "data", "SWEEP_SECONDS": "0.2"}
    beat = Part("beat", _BEAT, {**environment(secrets(["acme"]), **named), **clock.variables}, tmp_path)

    def sweeps_again() -> None:
        sent = beat.text.count("Sending due task sweep")
        until(lambda: beat.text.count("Sending due task sweep") > sent + 1, "beat sweeps", lambda: [beat], 10)

    try:
        sweeps_again()
        clock.step(-3600)
        sweeps_again()
        beat.stop()
        clock.step(-7200)
        beat.start()
        sweeps_again()
        told = [line for line in beat.text.splitlines() if "clock.set_back" in line and "coleta.sweep" in line]
        assert len(told) == 2
    finally:
        beat.kill()
        redis.kill()
