"""Beat starts where nobody has prepared anything for it."""

import os
import sys
from pathlib import Path

from tests.fixtures.deployment import environment, secrets, stores_file
from tests.fixtures.redis_servers import free_port
from tests.fixtures.running_parts import Part, until


def test_beat_makes_the_folder_of_its_memory(tmp_path: Path) -> None:
    """On a fresh machine DATA_DIR does not exist; without beat there would be no sweep. Both are its owner's alone."""
    (tmp_path / "stores.toml").write_text(stores_file(["acme"], "http://127.0.0.1:1"))
    redis = f"redis://127.0.0.1:{free_port()}/0"
    environ = environment(secrets(["acme"]), REDIS_URL=redis, STORES_FILE="stores.toml", DATA_DIR="fresh/data")
    command = [sys.executable, "-m", "celery", "-A", "worker", "beat"]
    careless = os.umask(0)
    beat = Part("beat", command, environ, tmp_path)
    os.umask(careless)
    try:
        folder = tmp_path / "fresh" / "data"
        until(lambda: list(folder.glob("celerybeat-schedule*")), "beat's memory", lambda: [beat])
        assert [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077] == []
        assert beat.runs
    finally:
        beat.kill()
