"""Messages that wait beside their queue until all of them are let in at once, and how fast a running worker takes them.

So neither the start of the worker nor that of its producer is measured, and no worker has to stand still.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from celery import Celery

from config.celeryconfig import TASK_QUEUES
from tests.bench.stage import timed, twice
from tests.fixtures.producers import producer
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService

# kombu writes it before the name of every key: what is sent like this is the same message under another key.
_BESIDE = "beside:"
_QUEUES = sorted(set(TASK_QUEUES.values()))


@contextmanager
def producer_beside(**settings: Any) -> Iterator[Celery]:  # noqa: ANN401 - Celery's settings are anything
    """Give a producer with these settings, whose messages wait beside their queues."""
    options: Mapping[str, object] = settings.get("broker_transport_options", {})
    with ExitStack() as closing:
        named = {**settings, "broker_transport_options": {**options, "global_keyprefix": _BESIDE}}
        yield producer(closing, **named)


def taken_a_second(service: RunningService, worker: Part, queue: str) -> float:
    """Let in what waits beside a queue, in one step; return how many of its messages the idle worker takes a second.

    The clock runs from that step until no message of the queue waits and none of any queue is worked on.
    """
    # What an earlier run left in other queues would be work of this one.
    timed(_empty(service, queue, *_QUEUES), "no message is left", lambda: [worker])
    messages = service.messages.llen(_BESIDE + queue)
    assert service.messages.renamenx(_BESIDE + queue, queue)
    return messages / timed(_empty(service, queue), f"the queue {queue} is empty", lambda: [worker])


def _empty(service: RunningService, *queues: str) -> Callable[[], bool]:
    """Return whether no message waits or is worked on."""
    return twice(lambda: not _left(service, queues))


def _left(service: RunningService, queues: Sequence[str]) -> int:
    with service.messages.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.llen(queue)
        pipe.hlen("unacked")
        return sum(pipe.execute())
