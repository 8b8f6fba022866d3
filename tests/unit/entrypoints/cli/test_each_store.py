"""Stores are read one after the other; one whose node of a cluster is away keeps none of the others back."""

from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.entrypoints.cli.each_store import EachStore, unless_away


def _reading(*stores: str, away: tuple[str, ...]) -> EachStore:
    def seen(store: str) -> str:
        if store in away:
            raise RedisConnectionError(f"the node of {store} is away")
        return store

    service: Any = SimpleNamespace(seen=seen)
    return EachStore(service, stores)


def _read(reading: EachStore) -> list[tuple[str, str]]:
    return list(reading.each(lambda ledger: [f"one of {ledger}"]))


def test_what_cannot_be_read_is_named_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """After the others, and the exit code tells a program that not all is there."""
    reading = _reading("acme", "brava", "cravo", away=("acme", "cravo"))
    assert _read(reading) == [("brava", "one of brava")]
    with pytest.raises(SystemExit) as end:
        reading.end()
    assert end.value.code == 1
    said = "left out, for their node of the Redis cluster does not answer: acme, cravo\n"
    assert capsys.readouterr().err == said


def test_where_nothing_can_be_read_the_error_is_told() -> None:
    """It is not one node that is away."""
    with pytest.raises(RedisConnectionError, match="brava"):
        _read(_reading("acme", "brava", away=("acme", "brava")))


def test_where_all_is_read_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does the process end with an error."""
    reading = _reading("acme", "brava", away=())
    assert len(_read(reading)) == 2
    reading.end()
    assert capsys.readouterr().err == ""


def _lost() -> int:
    raise RedisConnectionError("away")


def test_what_acts_on_many_stores_goes_on_where_a_node_of_a_cluster_is_away() -> None:
    """A single server that is away is another matter: no other store could be acted on."""
    cluster: Any = SimpleNamespace(settings=SimpleNamespace(redis_url="redis+cluster://one:6379"))
    single: Any = SimpleNamespace(settings=SimpleNamespace(redis_url="redis://one:6379"))
    assert unless_away(cluster, _lost) is None
    assert unless_away(single, lambda: 7) == 7
    with pytest.raises(RedisConnectionError, match="away"):
        unless_away(single, _lost)
