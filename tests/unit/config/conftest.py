from pathlib import Path

import pytest

from tests.unit.config.stores_files import store
from tests.unit.config.watch import Watch


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Follow a file with one store, from a working directory without `.env`."""
    monkeypatch.chdir(tmp_path)
    return Watch(tmp_path, store("acme"))
