"""What a message in a Redis list must be for kombu to deliver it, and for Celery to run it.

kombu trusts what it finds there: bytes that are no JSON end the worker, others loop through all workers for ever.
"""

import json
import re
from base64 import b64decode
from typing import Annotated, Any, Literal

from kombu.utils.json import loads
from pydantic import ConfigDict, Field

from worker.adapters.bodies import MOST_BYTES, Body, known_part, parsed, read_as, shown
from worker.ports import UnreadableBodyError

# An event as large as any door takes: what is beyond ASCII is written as escapes of up to three times its size, base64
# adds a third, and headers and properties stand beside it.
_MOST_BYTES = 3 * MOST_BYTES * 4 // 3 + 64 * 1024
# kombu puts a message back as it writes it itself, with escapes of up to six characters for one: it passes again.
_MOST_AGAIN_BYTES = 6 * _MOST_BYTES
# What code that trusts a message raises because of the message. Anything else is the worker's trouble, not its fault.
OF_A_SHAPE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)

# Escapes of half a surrogate pair, as Celery writes them into a header that shows an event whose text was cut there.
_HALVES = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")

_KEPT_ROW = 3  # of the hash `unacked`: the message, its exchange, its routing key
_BESIDE_A_BODY = frozenset({"properties", "headers", "content-type", "content-encoding"})
_CALL = 3  # of a message's body: positional arguments, named ones, what follows the task


class _Strict(Body):
    model_config = ConfigDict(strict=True, coerce_numbers_to_str=False, str_strip_whitespace=False)


class _DeliveryInfo(_Strict):
    exchange: str
    routing_key: str


class _Properties(_Strict):
    delivery_tag: Annotated[str, Field(min_length=1)]
    delivery_info: _DeliveryInfo
    body_encoding: Literal["base64", "utf-8", ""] | None = None


class _Envelope(_Strict):
    properties: _Properties
    headers: dict[str, Any] | None = None
    content_type: Annotated[str | None, Field(alias="content-type")] = None
    content_encoding: Annotated[str | None, Field(alias="content-encoding")] = None
    body: str


def message_problem(item: bytes) -> str:
    """Return why kombu cannot deliver what a list held, "" where it can."""
    try:
        parsed(_HALVES.sub(rb"\\ufffd", item), _MOST_AGAIN_BYTES)
        envelope = _check_message(json.loads(item))
        if len(item) > _MOST_BYTES and not (envelope.headers or {}).get("redelivered"):
            return f"it has {len(item)} bytes, {_MOST_BYTES} are the most"
        loads(item)  # as kombu does, whose JSON knows types that may be wrong in turn
    except UnreadableBodyError as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - kombu would die of whatever it is
        return unreadable(error)
    return ""


def kept_problem(row: bytes) -> str:
    """Return why kombu cannot put back what the hash `unacked` held, "" where it can."""
    try:
        kept = json.loads(row)  # however large and deep: a list's message passed before, and is one level deeper here
        if not (isinstance(kept, list) and len(kept) == _KEPT_ROW):
            return f"found {shown(kept)}, expected a message, its exchange and its routing key"
        _check_message(kept[0])
        loads(row)
    except UnreadableBodyError as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - as above
        return unreadable(error)
    return "" if all(isinstance(part, str) for part in kept[1:]) else "its exchange and routing key are no texts"


def arguments(body: object) -> tuple[list[Any], dict[str, Any]]:
    """Return what a task is called with by a message's decoded body; raises `UnreadableBodyError`."""
    args, kwargs, embed = _call(body)
    if not isinstance(args, list):
        raise UnreadableBodyError(f"its arguments are {shown(args)}, expected a list")
    if not isinstance(kwargs, dict):
        raise UnreadableBodyError(f"its named arguments are {shown(kwargs)}, expected an object")
    if not isinstance(embed, dict | None):
        raise UnreadableBodyError(f"what follows its task is {shown(embed)}, expected an object")
    return args, kwargs


def kept_text(item: object) -> str:
    """Return what may be kept of a message that cannot be used: its event, if one can be recognized in it.

    `item` is an envelope, the body of one, or anything else.
    """
    raw = item if isinstance(item, bytes) else str(item).encode(errors="backslashreplace")
    try:
        found = _event_in(json.loads(raw))
    except (ValueError, RecursionError):
        found = _event_in_body(raw.decode(errors="backslashreplace"), strictly=True)
    return known_part(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))


def _event_in(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    if isinstance(value, dict) and "body" in value and value.keys() & _BESIDE_A_BODY:
        body = value["body"]
        return _event_in_body(body) if isinstance(body, str) else _event_in(body)
    if isinstance(value, dict) and isinstance(value.get("args"), list):
        return _argument(value["args"], value.get("kwargs") or {})
    if isinstance(value, list) and len(value) == _CALL and isinstance(value[0], list):
        return _argument(value[0], value[1])
    if isinstance(value, list) and value and isinstance(value[0], dict) and not any(map(_holds, value[1:])):
        return _event_in(value[0])  # what is not acknowledged stands so, beside its exchange and its routing key
    return value


def _event_in_body(body: str, *, strictly: bool = False) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what a body in base64 holds, else the body; `strictly`: only if that is JSON."""
    try:
        raw = b64decode(body, validate=strictly)
    except ValueError:
        return body
    try:
        return _event_in(json.loads(raw))
    except (ValueError, RecursionError):
        return body if strictly else raw.decode(errors="backslashreplace")


def _holds(value: object) -> bool:
    return isinstance(value, dict | list)


def _argument(args: list[Any], kwargs: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the only argument of a call, else all of them, as the task `coleta.order_invoiced` keeps them."""
    return args[0] if len(args) == 1 and not kwargs else {"args": args, "kwargs": kwargs}


def _call(body: object) -> tuple[object, object, object]:
    """Return arguments, named arguments and what follows, of either protocol of Celery's."""
    if isinstance(body, dict):
        return body.get("args", []), body.get("kwargs", {}), None
    if isinstance(body, list) and len(body) == _CALL:
        return body[0], body[1], body[2]
    raise UnreadableBodyError(f"its body is {shown(body)}, expected a list of {_CALL}: arguments, named ones, the rest")


def _check_message(value: object) -> _Envelope:
    if not isinstance(value, dict):
        raise UnreadableBodyError("it is no JSON object")
    envelope = read_as(_Envelope, value)
    for text in (envelope.properties.delivery_tag, *vars(envelope.properties.delivery_info).values()):
        text.encode()  # half a surrogate pair is no key of Redis
    if envelope.properties.body_encoding == "base64":
        try:
            b64decode(envelope.body)
        except ValueError:
            raise UnreadableBodyError("its body is not base64") from None
    return envelope


def unreadable(error: Exception, what: str = "it") -> str:
    """Return as a reason what reading a message raised, and nothing of the message."""
    return f"{what} cannot be read ({type(error).__name__})"
