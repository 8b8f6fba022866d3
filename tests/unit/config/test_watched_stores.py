"""The stores file, followed while a process runs."""

import os
from pathlib import Path

import pytest

from config.stores import StoresError
from config.watched_stores import WatchedStores
from tests.unit.config.stores_files import store
from tests.unit.config.watch import LOOK_SECONDS, TRY_SECONDS, Watch


def test_a_file_that_does_not_change_is_read_once(watch: Watch) -> None:
    """However often it is asked for, and for how long: a look is enough."""
    first = watch.stores.current()
    assert all(watch.after(seconds) is first for seconds in (0, 0.3, 0.9, 5, 3600))
    assert watch.reads == 1
    assert (watch.changes, watch.refusals) == ([], [])


def test_a_changed_file_is_taken_in_within_a_second(watch: Watch) -> None:
    """Between two looks the last answer holds; what changed is told once, with the stores before and after."""
    watch.stores.current()
    watch.file.write_text(store("acme") + store("brava"))
    assert list(watch.after(0.9)) == ["acme"]
    assert list(watch.after(0.1)) == ["acme", "brava"]
    assert watch.after(LOOK_SECONDS) is watch.after(LOOK_SECONDS)
    assert watch.changes == [(["acme"], ["acme", "brava"])]
    assert watch.reads == 2


def test_a_store_that_goes_is_gone(watch: Watch) -> None:
    """And comes back."""
    watch.file.write_text(store("brava"))
    assert list(watch.after(LOOK_SECONDS)) == ["brava"]
    watch.file.write_text(store("acme"))
    assert list(watch.after(LOOK_SECONDS)) == ["acme"]
    assert watch.changes == [(["acme"], ["brava"]), (["brava"], ["acme"])]


def test_a_file_that_is_replaced_by_another_is_seen(watch: Watch, tmp_path: Path) -> None:
    """As editors, and whoever mounts configuration, do it: also one as long and as old as the one before."""
    new = tmp_path / "new"
    new.write_text(store("acne"))
    stat = watch.file.stat()
    assert new.stat().st_size == stat.st_size
    os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    new.replace(watch.file)
    assert list(watch.after(LOOK_SECONDS)) == ["acne"]


def test_a_file_written_anew_with_the_same_text_changes_nothing(watch: Watch) -> None:
    """Nobody is told."""
    watch.file.write_text(store("acme") + "\n# a comment\n")
    watch.after(LOOK_SECONDS)
    assert (watch.reads, watch.changes, watch.refusals) == (2, [], [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        store("acme")[:40],
        store("acme") + '[stores.brava.skyhub]\nuser_email = "brava@exam',
        store("acme") + store("brava").replace("brava@", "acme@"),
        store("acme", key="env:NOWHERE"),
        "\udcff",
    ],
    ids=["empty", "begun", "half written", "contradictory", "without its secret", "not UTF-8"],
)
def test_a_file_that_cannot_be_used_is_told_once_and_the_old_stores_stay(watch: Watch, text: str) -> None:
    """Whatever is wrong with it, and however long; mended, it is taken in within a second."""
    good = watch.stores.current()
    watch.file.write_text(text, errors="surrogateescape")
    assert all(watch.after(seconds) is good for seconds in (LOOK_SECONDS, LOOK_SECONDS, TRY_SECONDS, 3600))
    assert len(watch.refusals) == 1
    assert watch.changes == []
    watch.file.write_text(store("brava"))
    assert list(watch.after(LOOK_SECONDS)) == ["brava"]
    assert watch.changes == [(["acme"], ["brava"])]


def test_each_new_problem_is_told(watch: Watch) -> None:
    """Another mistake, and the same one again after it had been mended."""
    for text in ("first = 1", "second = 1", store("acme"), "second = 1"):
        watch.file.write_text(text)
        watch.after(LOOK_SECONDS)
    assert ["first" in told for told in watch.refusals] == [True, False, False]
    assert len(watch.refusals) == 3


def test_a_file_that_vanished_leaves_its_stores(watch: Watch) -> None:
    """Told once; when it is back, the same as before, nothing has changed."""
    good, kept = watch.stores.current(), watch.file.rename(watch.file.with_suffix(".kept"))
    assert watch.after(LOOK_SECONDS) is good
    assert watch.after(TRY_SECONDS) is good
    (told,) = watch.refusals
    assert "does not exist" in told
    kept.rename(watch.file)
    assert watch.after(LOOK_SECONDS) == good
    watch.file.unlink()
    watch.after(LOOK_SECONDS)
    assert len(watch.refusals) == 2
    assert watch.changes == []


def test_a_wrong_file_at_the_start_is_refused(tmp_path: Path) -> None:
    """There is nothing yet to go on with."""
    with pytest.raises(StoresError, match="does not exist"):
        WatchedStores(tmp_path / "none.toml", dict, changed=lambda *_: None, refused=lambda _: None)
