"""Stores are read one after the other; one whose node of a cluster is away keeps none of the others back."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.entrypoints.cli.each_store import EachStore, act_on_each, unless_away
from worker.entrypoints.cli.options import How
from worker.entrypoints.cli.tally import Tally

_CLUSTER: Any = SimpleNamespace(settings=SimpleNamespace(redis_url="redis+cluster://one:6379"))
_SINGLE: Any = SimpleNamespace(settings=SimpleNamespace(redis_url="redis://one:6379"))


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
    said = "left out, for their Redis server does not answer: acme, cravo\n"
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
    assert unless_away(_CLUSTER, _lost) is None
    assert unless_away(_SINGLE, lambda: 7) == 7
    with pytest.raises(RedisConnectionError, match="away"):
        unless_away(_SINGLE, _lost)


@pytest.mark.parametrize(("service", "tried"), [(_CLUSTER, ["acme", "brava", "cravo"]), (_SINGLE, ["acme", "brava"])])
def test_a_server_that_dies_in_the_middle_leaves_what_is_counted(service: Any, tried: list[str]) -> None:  # noqa: ANN401 - a stand-in
    """What was done before counts as done; a server that stands alone has the next stores too, and is asked no more."""
    tally = Tally(verb="retried", things="orders", keys=("store", "order_id"), wanted=7, how=How(as_json=True))
    asked = []

    def act(store: str, names: Sequence[str]) -> None:
        asked.append(store)
        for _ in names:
            tally.do()
            if store == "brava":
                _lost()

    act_on_each(service, tally, {"acme": ["1"], "brava": ["2", "3", "4"], "cravo": ["5", "6", "7"]}, act)
    assert asked == tried
    assert (tally.done, tally.missed) == ((5, 2) if service is _CLUSTER else (2, 5))


def test_a_server_that_dies_when_all_is_done_leaves_nothing() -> None:
    """Only the hint was lost, and the sweep gives it again."""
    tally = Tally(verb="retried", things="orders", keys=("store", "order_id"), wanted=1, how=How(as_json=True))

    def act(_store: str, _names: Sequence[str]) -> None:
        tally.do()
        _lost()

    act_on_each(_SINGLE, tally, {"acme": ["1"]}, act)
    assert (tally.done, tally.missed) == (1, 0)
