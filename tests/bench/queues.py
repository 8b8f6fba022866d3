"""Messages that wait beside their queue until all of them are let in at once, and how fast a running worker takes them.

So neither the start of the worker nor that of its producer is measured, and no worker has to stand still.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from celery import Celery

from tests.bench.stage import timed
from tests.fixtures.producers import producer
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService

# kombu writes it before the name of every key: what is sent like this is the same message under another key.
_BESIDE = "beside:"


@contextmanager
def producer_beside(**settings: Any) -> Iterator[Celery]:  # noqa: ANN401 - Celery's settings are anything
    """Give a producer with these settings, whose messages wait beside their queues."""
    options: Mapping[str, object] = settings.get("broker_transport_options", {})
    with ExitStack() as closing:
        named = {**settings, "broker_transport_options": {**options, "global_keyprefix": _BESIDE}}
        yield producer(closing, **named)


def taken_a_second(service: RunningService, worker: Part, queue: str) -> float:
    """Let in what waits beside a queue, in one step; return how many of its messages the idle worker takes a second.

    The clock runs from that step until no message waits and none is worked on.
    """
    empty = _empty(service, queue)
    timed(empty, f"nothing is left of the queue {queue}", lambda: [worker])
    messages = service.messages.llen(_BESIDE + queue)
    assert service.messages.renamenx(_BESIDE + queue, queue)
    return messages / timed(empty, f"the queue {queue} is empty", lambda: [worker])


def _empty(service: RunningService, queue: str) -> Callable[[], bool]:
    """Return whether no message waits or is worked on: twice in a row, for one may be between the two."""
    seen: Sequence[bool] = (False,)

    def check() -> bool:
        nonlocal seen
        before, seen = seen, (_left(service, queue) == 0,)
        return before[0] and seen[0]

    return check


def _left(service: RunningService, queue: str) -> int:
    with service.messages.pipeline(transaction=False) as pipe:
        pipe.llen(queue)
        pipe.hlen("unacked")
        return sum(pipe.execute())
