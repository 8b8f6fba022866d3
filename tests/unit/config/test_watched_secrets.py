"""What the stores file refers to, followed as well: secrets in `.env` and in files of their own."""

from pathlib import Path

import pytest

from config.settings import read_environment
from tests.unit.config.stores_files import store
from tests.unit.config.watch import LOOK_SECONDS, TRY_SECONDS, Variables, Watch


def test_a_secrets_file_that_changes_counts_as_well(watch: Watch, tmp_path: Path) -> None:
    """Also one that the file names only since it changed."""
    (tmp_path / "key").write_text("one")
    watch.file.write_text(store("acme", key="file:key"))
    assert watch.key() == "one"
    (tmp_path / "key").write_text("another")
    assert watch.key() == "another"
    assert watch.changes == [(["acme"], ["acme"])] * 2
    reads = watch.reads
    watch.after(3600)
    assert watch.reads == reads


def test_a_secrets_file_that_vanished_leaves_its_secret(watch: Watch, tmp_path: Path) -> None:
    """Told once; when it is back with another key, that one counts within a second."""
    (tmp_path / "key").write_text("one")
    watch.file.write_text(store("acme", key="file:key"))
    assert watch.key() == "one"
    (tmp_path / "key").unlink()
    assert [watch.key(), watch.key()] == ["one", "one"]
    assert len(watch.refusals) == 1
    (tmp_path / "key").write_text("two")
    assert watch.key() == "two"


def test_a_secrets_file_that_appears_later_mends_the_file(watch: Watch, tmp_path: Path) -> None:
    """The store that needs it is taken in, though the stores file did not change again."""
    watch.file.write_text(store("acme") + store("brava", key="file:late"))
    assert list(watch.after(LOOK_SECONDS)) == ["acme"]
    (tmp_path / "late").write_text("key")
    looks = [list(watch.after(LOOK_SECONDS)) for _ in range(int(TRY_SECONDS))]
    assert looks[-1] == ["acme", "brava"]
    assert len(watch.refusals) == 1


def test_a_file_that_stays_wrong_is_tried_at_leisure(watch: Watch) -> None:
    """Not with every look."""
    watch.file.write_text("")
    for _ in range(61):
        watch.after(LOOK_SECONDS)
    assert watch.reads <= 1 + 7


def test_a_secret_in_the_env_file_that_changes_counts_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one in the working directory of the start, as every command reads it; the file may come later, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "from the process")
    watch = Watch(tmp_path, store("acme"), read_environment)
    watch.file.write_text(store("acme", key="env:LATER"))
    assert watch.key() == "from the process"
    (tmp_path / ".env").write_text("LATER=one\nKEY=loses\n")
    assert watch.key() == "one"
    assert watch.stores.current()["acme"].skyhub.accountmanager_key == "from the process"
    (tmp_path / ".env").write_text("LATER=another\n")
    assert watch.key() == "another"
    (refusal,) = watch.refusals
    assert "'LATER' is not set" in refusal
    assert watch.changes == [(["acme"], ["acme"])] * 2


@pytest.mark.parametrize("broken", ["bytes", "folder"])
def test_an_env_file_that_cannot_be_read_is_refused_like_the_stores_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """It is half written, say: the process goes on with what was good, and takes it in when it is whole."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("KEY=one\n")
    watch = Watch(tmp_path, store("acme"), read_environment)
    (tmp_path / ".env").unlink()
    if broken == "bytes":
        (tmp_path / ".env").write_bytes(b"KEY=\xff\xfe\n")
    else:
        (tmp_path / ".env").mkdir()
    assert [watch.key() for _ in range(3)] == ["one"] * 3
    (refusal,) = watch.refusals
    assert ".env" in refusal
    if broken == "bytes":
        (tmp_path / ".env").write_text("KEY=two\n")
        assert watch.key() == "two"


@pytest.mark.parametrize("changes", ["stores.toml", "key"])
@pytest.mark.parametrize("when", ["at the start", "as it names a secret's file", "later"])
def test_what_changes_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: str, when: str
) -> None:
    """Half of it may have been read: a second later all of it counts, and no change is lost."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text("one")
    (tmp_path / "other").write_text("from another file")

    def meanwhile() -> None:
        if changes == "stores.toml":
            (tmp_path / "stores.toml").write_text(store("acme", key="file:other"))
        else:
            (tmp_path / "key").write_text("changed")

    variables = Variables()
    named = store("acme", key="file:key")
    if when == "at the start":
        variables.meanwhile.append(meanwhile)
    watch = Watch(tmp_path, named if when != "as it names a secret's file" else store("acme"), lambda: variables)
    watch.stores.current()
    if when != "at the start":
        variables.meanwhile.append(meanwhile)
        watch.file.write_text(f"{named}# a comment\n")
    watch.after(LOOK_SECONDS)
    assert variables.meanwhile == []
    assert watch.key() == ("from another file" if changes == "stores.toml" else "changed")
    reads = watch.reads
    watch.after(3600)
    assert watch.reads == reads
