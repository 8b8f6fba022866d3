"""One question to many stores in one round trip; on a cluster the node of some may be away while others answer."""

from collections.abc import Callable, Sequence
from typing import Any

from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.scripts import Scripts

AWAY = (RedisConnectionError, RedisTimeoutError)
"""What a node of a cluster that is away raises, or a server."""


def ask_each(scripts: Scripts, stores: Sequence[str], ask: Callable[["Pipeline", Keys], None]) -> dict[str, list[Any]]:
    """Ask the same of every store; return the answers of each, without those that are away. Raises if all are."""
    found = dict(zip(stores, _answers(scripts, stores, ask), strict=True))
    away = {store for store, answers in found.items() if any(isinstance(answer, AWAY) for answer in answers)}
    reached = found if len(away) == len(found) else found.keys() - away
    return {store: raised(found[store]) for store in found if store in reached}


def raised(answers: list[Any]) -> list[Any]:
    """Return answers; raises an error that is among them."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


def _answers(scripts: Scripts, stores: Sequence[str], ask: Callable[["Pipeline", Keys], None]) -> list[list[Any]]:
    def fill(pipe: "Pipeline") -> None:
        for store in stores:
            ask(pipe, Keys(store))

    answers = scripts.pipeline(fill, raising=False) if stores else []
    width = len(answers) // max(len(stores), 1)
    return [answers[n * width :][:width] for n in range(len(stores))]
