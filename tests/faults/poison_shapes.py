"""Every malformed shape that a broker's list may hold; each carries the number of an order, to be found again by it."""

import copy
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any
from uuid import uuid4

from tests.fixtures.sales import Sale

JUNK: tuple[Any, ...] = (None, True, 0, -1.5, 10**30, "", "x", "\udc00", [], [[]], {}, {"x": 1}, "é" * 200)
_BAD_DATE = {"__type__": "datetime", "__value__": "yesterday"}
_PICKLE = "application/x-python-serialize"
_DEEP = 100_000
_HUGE = 2 * 1024 * 1024


class Outcome(StrEnum):
    """What becomes of the event in a message."""

    REJECTED = "rejected"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of poison, as a function of the order whose event it carries, and what becomes of that event."""

    name: str
    make: Callable[[Sale], bytes]
    outcome: Outcome = Outcome.REJECTED


def _body(call: Any) -> str:  # noqa: ANN401 - JSON is anything
    return b64encode(call if isinstance(call, bytes) else json.dumps(call).encode()).decode()


def envelope(sale: Sale, **parts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is anything
    """Return a sound message with the first event of an order; `parts` replace what it has."""
    return {
        "body": _body([[sale.event(0)], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": "coleta.order_invoiced", "id": str(uuid4()), "eta": None, "retries": 0},
        "properties": {
            "delivery_mode": 2,
            "delivery_tag": str(uuid4()),
            "delivery_info": {"exchange": "", "routing_key": "inbox"},
            "body_encoding": "base64",
            "priority": 0,
        },
        **parts,
    }


def _without(sale: Sale, *path: str) -> dict[str, Any]:
    message = envelope(sale)
    parent = message
    for name in path[:-1]:
        parent = parent[name]
    del parent[path[-1]]
    return message


def _with(sale: Sale, value: object, *path: str) -> dict[str, Any]:
    message = envelope(sale)
    parent = message
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = value
    return message


def _json(make: Callable[[Sale], Any]) -> Callable[[Sale], bytes]:
    return lambda sale: json.dumps(make(sale)).encode()


def _old(sale: Sale, eta: str | None = None) -> dict[str, Any]:
    """Return a message of Celery's first protocol, whose headers are null: all that it calls for stands in its body."""
    call: Any = {"task": "coleta.order_invoiced", "id": str(uuid4()), "args": [sale.event(0)], "kwargs": {}, "eta": eta}
    return envelope(sale, headers=None, body=_body(call))


def _calls(call: Callable[[Sale], Any]) -> Callable[[Sale], bytes]:
    return _json(lambda sale: envelope(sale, body=_body(call(sale))))


NO_MESSAGE = (
    Shape("bytes that are no UTF-8", lambda sale: b"\xff\xfe" + str(sale.number).encode() + b"\xc3"),
    Shape("no JSON", lambda sale: f"order {sale.number} is invoiced".encode()),
    Shape("JSON cut off", lambda sale: json.dumps(envelope(sale)).encode()[:-9] + str(sale.number).encode()),
    Shape("a JSON array", _json(lambda sale: [sale.event(0)])),
    Shape("a JSON text", _json(lambda sale: f"order {sale.number}")),
    Shape("a native event", _json(lambda sale: sale.event(0))),
    Shape("nested very deep", lambda sale: f'["{sale.number}",'.encode() + b"[" * _DEEP),
    Shape("very large", lambda sale: json.dumps({**sale.event(0), "event": "x" * _HUGE}).encode()),
    Shape("a type of kombu's that is wrong", _json(lambda sale: _with(sale, _BAD_DATE, "headers", "at"))),
)
BAD_ENVELOPE = (
    Shape("no properties", _json(lambda sale: _without(sale, "properties"))),
    Shape(
        "nothing beside the body but its encoding",
        _json(lambda sale: {key: envelope(sale)[key] for key in ("body", "content-encoding")}),
    ),
    Shape("properties null", _json(lambda sale: envelope(sale, properties=None))),
    Shape("no delivery tag", _json(lambda sale: _without(sale, "properties", "delivery_tag"))),
    Shape(
        "a delivery tag of half a character", _json(lambda sale: _with(sale, "\udc00", "properties", "delivery_tag"))
    ),
    Shape("no delivery info", _json(lambda sale: _without(sale, "properties", "delivery_info"))),
    Shape("no routing key", _json(lambda sale: _with(sale, {"exchange": ""}, "properties", "delivery_info"))),
    Shape("an unknown encoding of the body", _json(lambda sale: _with(sale, "rot13", "properties", "body_encoding"))),
    Shape("headers that are a list", _json(lambda sale: envelope(sale, headers=["task"]))),
    Shape("a body that is an object", _json(lambda sale: envelope(sale, body=sale.event(0)))),
    Shape("a body that is not base64", _json(lambda sale: envelope(sale, body=f"%%%{sale.number}a"))),
)
BAD_BODY = (
    Shape("a body that is no JSON", _calls(lambda sale: f"no JSON {sale.number}".encode())),
    Shape("a body that is no UTF-8", _calls(lambda sale: b"\xff" + str(sale.number).encode())),
    Shape("a body nested very deep", _calls(lambda sale: f'["{sale.number}",'.encode() + b"[" * 10_000)),
    Shape("a body that says it is pickle", _json(lambda sale: _with(sale, _PICKLE, "content-type"))),
    Shape("a body of an unknown type", _json(lambda sale: _with(sale, "text/x-own", "content-type"))),
    Shape(
        "a body of an unknown encoding",
        _json(lambda sale: _with(sale, "klingon", "content-encoding")),
        Outcome.RECORDED,  # JSON has one only
    ),
    Shape("a body that says it is compressed", _json(lambda sale: _with(sale, "zlib", "headers", "compression"))),
)  # fmt: skip
BAD_CALL = (
    Shape("no task", _json(lambda sale: _without(sale, "headers", "task"))),
    Shape("no headers", _json(lambda sale: envelope(sale, headers=None))),
    Shape("no task id", _json(lambda sale: _without(sale, "headers", "id"))),
    Shape("an unknown task", _json(lambda sale: _with(sale, "coleta.order_invoice", "headers", "task"))),
    Shape("a task that is a list", _json(lambda sale: _with(sale, ["coleta.order_invoiced"], "headers", "task"))),
    Shape("an eta that is none", _json(lambda sale: _with(sale, "soon", "headers", "eta"))),
    Shape("an eta before all time", _json(lambda sale: _with(sale, "0001-01-01T00:00:00+14:00", "headers", "eta"))),
    Shape("time limits that are a text", _json(lambda sale: _with(sale, "never", "headers", "timelimit"))),
    Shape(
        "expired",
        _json(lambda sale: _with(sale, "2020-01-01T00:00:00+00:00", "headers", "expires")),
        Outcome.RECORDED,
    ),
    Shape("headers null, by the old protocol", _json(_old), Outcome.RECORDED),
    Shape("an event that is half a character", _calls(lambda sale: [[f"\udc00 {sale.number}"], {}, {}])),
    Shape("a call that is an object", _calls(lambda sale: sale.event(0))),
    Shape("a call of two parts", _calls(lambda sale: [[sale.event(0)], {}])),
    Shape("arguments that are an object", _calls(lambda sale: [sale.event(0), {}, {}])),
    Shape("named arguments that are a list", _calls(lambda sale: [[sale.event(0)], ["x"], {}])),
    Shape("what follows is a list", _calls(lambda sale: [[sale.event(0)], {}, ["x"]])),
    Shape("a sweep with arguments", _json(lambda sale: _with(sale, "coleta.sweep", "headers", "task"))),
)
UNACKNOWLEDGED = (
    Shape("no JSON", lambda sale: f"order {sale.number}".encode()),
    Shape("an object", _json(lambda sale: sale.event(0))),
    Shape("a list of one", _json(lambda sale: [envelope(sale)])),
    Shape("a message that is an event", _json(lambda sale: [sale.event(0), "", "inbox"])),
    Shape("a message without properties", _json(lambda sale: [_without(sale, "properties"), "", "inbox"])),
    Shape("a routing key that is null", _json(lambda sale: [envelope(sale), "", None])),
)

# kombu deletes them when it puts them back, their bodies in the log.
PUT_BACK = (
    Shape("headers null", _json(lambda sale: [_old(sale), "", "inbox"]), Outcome.RECORDED),
    Shape("headers null and no task", _json(lambda sale: [envelope(sale, headers=None), "", "inbox"])),
    Shape("no headers", _json(lambda sale: [_without(sale, "headers"), "", "inbox"])),
    Shape("an exchange that is not there", _json(lambda sale: [envelope(sale), "nowhere", "nobody"])),
)
_LATER = "2100-01-01T00:00:00+00:00"
# What a worker holds for long, unacknowledged.
HELD = (
    Shape("a sound message", _json(lambda sale: _with(sale, _LATER, "headers", "eta"))),
    Shape("headers null", _json(lambda sale: _old(sale, _LATER))),
)


def bent(sale: Sale, draw: Random) -> bytes:
    """Return a message in which up to three parts beside its event are something else, are missing, or are new."""
    message = envelope(sale)
    call = [[sale.event(0)], {}, {"callbacks": None}]
    for _ in range(draw.randint(1, 3)):
        places = [
            *_places(message, ("headers", "properties", "content-type", "content-encoding")),
            *_places(call, (1, 2)),
        ]
        parent, key = draw.choice(places)
        what = draw.random()
        if what < 0.2 and isinstance(parent, dict):
            parent.pop(key, None)
        elif what < 0.3 and isinstance(parent, dict):
            parent[f"new-{draw.random()}"] = copy.deepcopy(draw.choice(JUNK))
        else:
            parent[key] = copy.deepcopy(draw.choice(JUNK))
    message["body"] = _body(call)
    return json.dumps(message).encode()


def _places(value: Any, keys: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON is anything
    for key in keys:
        if isinstance(value, Mapping) and key not in value:
            continue
        yield value, key
        inner = value[key]
        if isinstance(inner, dict):
            yield from _places(inner, tuple(inner))
