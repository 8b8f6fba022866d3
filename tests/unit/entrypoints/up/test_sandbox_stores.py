from pathlib import Path

import pytest

from config.stores import load_stores
from worker.entrypoints.up.sandbox_stores import SANDBOX_STORES, write_stores

URL = "http://127.0.0.1:4711"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a stores file of the sandbox."""
    file = tmp_path / "stores.toml"
    write_stores(file, URL)
    return file


def test_the_file_holds_every_store_with_the_simulated_world_behind_it(file: Path) -> None:
    """Each with its doors; one has its feed polled, one holds orders until they are packed."""
    stores = load_stores(file, {})

    assert set(stores) == {store.name for store in SANDBOX_STORES}
    assert stores.warnings == ()
    for known in SANDBOX_STORES:
        store = stores[known.name]
        assert store.vtex is not None
        assert store.ingress is not None
        assert (store.skyhub.base_url, store.vtex.base_url) == (URL, f"{URL}/vtex")
        assert store.vtex.feed is ("Orders feed" in known.own_doors)
        assert (store.pick_and_pack is not None) is known.pick_and_pack
        assert (store.pick_and_pack is not None and store.pick_and_pack.require_packed) is known.require_packed
    assert sum(store.require_packed for store in SANDBOX_STORES) == 1
    assert sum("Orders feed" in store.own_doors for store in SANDBOX_STORES) == 1


def test_secrets_are_new_each_time_and_nobody_elses_to_read(tmp_path: Path, file: Path) -> None:
    """Each has a file of its own; the stores file only names it."""
    again = tmp_path / "again"
    again.mkdir()
    write_stores(again / "stores.toml", URL)

    found = [secret for folder in (tmp_path, again) for secret in (folder / "secrets").iterdir()]
    texts = [secret.read_text() for secret in found]
    assert len(set(texts)) == len(texts)
    assert min(map(len, texts)) >= 32
    assert not any(text in file.read_text() for text in texts)
    assert {secret.stat().st_mode & 0o777 for secret in [file, *found]} == {0o600}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
