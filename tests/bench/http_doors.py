"""The native door over HTTP: one event a request, and a hundred."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.bench.bare import bare_producer
from tests.bench.doors import STORE, check_taken, record_all
from tests.bench.figures import BrokenPromiseError, Figure, Reading
from tests.bench.http_load import Answers, Load, load_client, request
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import new_orders, stage
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, all_events

_CONNECTIONS = 32
# So many that the clock of a paced load never waits for a free one.
_PACED_CONNECTIONS = 128
_ORDERS = 1_500
_PACED_ORDERS = 1_000
_EMPTY_REQUESTS = 3_000
_EVENTS_A_REQUEST = 100
_LISTS_ORDERS = 8_000
_LISTS_CONNECTIONS = 8
_PUBLISHED = 2_000


class _Door:
    """The native door of a web process, and all that it acknowledged."""

    def __init__(self, service: RunningService, load: Callable[[Load], Answers]) -> None:
        self._service = service
        self._load = load
        self._port = urlsplit(service.web).port or 0
        self._acknowledged = 0
        self.sold: list[Sale] = []

    def take(self, orders: int, events_a_request: int, connections: int, pace: float = 0.0) -> Answers:
        """Send every event of new orders; all must be acknowledged, and be in the inbox then."""
        sold = new_orders(STORE, orders)
        events = all_events(sold)
        lists = [events[begin:][:events_a_request] for begin in range(0, len(events), events_a_request)]
        answers = self._send([self._request(each) for each in lists], connections, pace, 202)
        self.sold += sold
        self._acknowledged += len(events)
        check_taken(self._service, self._acknowledged)
        return answers

    def empty(self, requests: int, connections: int) -> Answers:
        """Ask for what costs the server least: fifteen bytes of JSON that never change."""
        return self._send([request(self._port, "/healthz")] * requests, connections, 0.0, 200)

    def _request(self, events: Sequence[object]) -> bytes:
        body = json.dumps(events if len(events) > 1 else events[0]).encode()
        headers = {"Authorization": f"Bearer {self._service.token(STORE)}"}
        return request(self._port, f"/v1/{STORE}/order-invoiced", headers, body)

    def _send(self, requests: Sequence[bytes], connections: int, pace: float, success: int) -> Answers:
        answers = self._load(Load(port=self._port, requests=requests, connections=connections, pace=pace))
        if set(answers.statuses) != {success}:
            raise BrokenPromiseError(f"not every request was answered with {success}: {answers.statuses}")
        return answers


@contextmanager
def _door(service: RunningService) -> Iterator[_Door]:
    """Start a web process and ask it once; at the end all that it took must be recorded."""
    service.start_web()
    with load_client() as load:
        door = _Door(service, load)
        door.empty(_CONNECTIONS, _CONNECTIONS)
        door.take(_CONNECTIONS, 1, _CONNECTIONS)
        yield door
    record_all(service, door.sold)


def _one(plan: Plan) -> Iterator[Readings]:
    with stage(plan.folder, doors=True) as service, _door(service) as door:
        for _ in range(plan.runs):
            empty = door.empty(plan.scaled(_EMPTY_REQUESTS), _CONNECTIONS)
            full = door.take(plan.scaled(_ORDERS), 1, _CONNECTIONS)
            half = door.take(plan.scaled(_PACED_ORDERS), 1, _PACED_CONNECTIONS, full.a_second / 2)
            yield {"rate": Reading(full.a_second, empty.a_second), "p99": Reading(half.p99_ms)}


def _many(plan: Plan) -> Iterator[Readings]:
    with stage(plan.folder, doors=True) as service, bare_producer(service) as reference, _door(service) as door:
        body = new_orders(STORE, 1)[0].event(0)
        for _ in range(plan.runs):
            lists = door.take(plan.scaled(_LISTS_ORDERS), _EVENTS_A_REQUEST, _LISTS_CONNECTIONS)
            rate = lists.a_second * _EVENTS_A_REQUEST
            yield {"rate": Reading(rate, reference.sent_a_second(plan.scaled(_PUBLISHED), body))}


ROWS = (
    Row(
        name="http-one",
        about="the native door over HTTP, one event a request, connections kept",
        figures={
            "rate": Figure(what="requests answered", unit="/s", against="its /healthz", at_least=0.7),
            "p99": Figure(what="99 of 100 requests at half that load, from the intended moment", unit="ms", at_most=50),
        },
        measure=_one,
    ),
    Row(
        name="http-many",
        about="the same door, 100 events a request",
        figures={"rate": Figure(what="events taken", unit="/s", against="bare Celery publishing", at_least=8)},
        measure=_many,
    ),
)
