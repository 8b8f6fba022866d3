"""What the bodies that others send to us share: how they are read, their types, their faults, what is kept of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError, from_json

from worker.adapters.reading import whole
from worker.ports import UnreadableBodyError

MOST_BYTES = 1024 * 1024
_MOST_FAULTS = 5
_MOST_LINES = 1_000
_MOST_KEPT_CHARS = 200  # a value that was too long stays too long
_HIDDEN = "…"

_NATIVE = """
event store order_id occurred_at reason invoice number key type issued_at items sku quantity
order skyhub_code remote_code carrier
"""
_PUSHES = "id invoiceNumber invoiceKey issuanceDate"
_NOTIFICATIONS = """
OrderId orderId State state LastChange lastChange CurrentChange currentChange hookConfig newStatus
"""
_MESSAGE = "args kwargs"  # what a Celery message of several arguments is kept under
# Every key that a door reads, at any depth and by every name that it goes by: nothing of a customer is among them.
KNOWN_KEYS = frozenset(f"{_NATIVE} {_PUSHES} {_NOTIFICATIONS} {_MESSAGE}".split())


class Body(BaseModel):
    """The base of every body: unknown fields are ignored, numbers read as text, outer blanks cut."""

    model_config = ConfigDict(coerce_numbers_to_str=True, str_strip_whitespace=True, extra="ignore")


_Body = TypeVar("_Body", bound=Body)


def read_as(model: type[_Body], fields: Mapping[str, Any]) -> _Body:
    """Return the body that the fields are; raises `UnreadableBodyError`."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise UnreadableBodyError(_faults(error)) from None


def fields_of(value: object) -> Mapping[str, Any]:
    """Return the fields of a JSON object; raises `UnreadableBodyError` for any other value."""
    if not isinstance(value, Mapping):
        raise UnreadableBodyError(f"found {shown(value)}, expected a JSON object")
    return value


def parsed(body: str | bytes, most: int = MOST_BYTES) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the value of a JSON text, nested at most 200 deep, of `most` bytes; raises `UnreadableBodyError`."""
    if len(body) > most:
        raise UnreadableBodyError(f"the body has {len(body)} bytes, {most} are the most")
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise UnreadableBodyError(f"not JSON: {error}") from None


def _faults(error: ValidationError) -> str:
    """Name each wrong field, what was found and what belongs there; at most five, the others counted."""
    found = error.errors(include_url=False, include_context=False)
    sentences = [_fault(fault) for fault in found[:_MOST_FAULTS]]
    if len(found) > _MOST_FAULTS:
        sentences.append(f"and {len(found) - _MOST_FAULTS} more")
    return "; ".join(sentences)


def _fault(fault: Any) -> str:  # noqa: ANN401 - pydantic's error details
    place = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"][0].lower() + fault["msg"][1:]
    if fault["type"] == "missing":
        return f"{place}: {message}"
    if fault["type"] == "model_type":  # its message names a class of ours
        message = "expected an object"
    return f"{place}: found {shown(fault['input'])}, {message}"


def shown(value: object) -> str:
    """Show a wrong value briefly; of a container only its kind, since it may hold a customer's data."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if _may_be_json(value):
        return "JSON inside a text"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line of a terminal


def known_part(body: str | bytes) -> str:
    """Return what may be kept of a body that was refused; the rest may be a customer's data.

    Of an object in it, at any depth, a key that no door reads keeps its name and loses its value, and a text or number
    that stays is cut. A body without such keys is kept as it came, and so is what is no JSON.
    """
    text = body if isinstance(body, str) else body.decode(errors="replace")
    try:
        # Objects become pairs: of a key that is repeated, every value is looked at.
        value = json.loads(text.removeprefix("\ufeff"), strict=False, object_pairs_hook=tuple, parse_int=_number)
        if _is_known(value):
            return text
        kept = json.dumps(_known(value), ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    return kept.encode(errors="backslashreplace").decode()  # half a surrogate pair becomes its escape again


def _is_known(value: Any) -> bool:  # noqa: ANN401 - JSON is anything
    match value:
        case tuple():
            return all(key in KNOWN_KEYS and _is_known(inner) for key, inner in value)
        case list():
            return all(map(_is_known, value))
        case str() if _may_be_json(value):
            return known_part(value) == value
        case _:
            return True


def _known(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    match value:
        case tuple():
            return {key: _known(inner) if key in KNOWN_KEYS else _HIDDEN for key, inner in value}
        case list():
            return [_known(inner) for inner in value]
        case str():
            text = known_part(value) if _may_be_json(value) else value
            return text if len(text) <= _MOST_KEPT_CHARS else text[:_MOST_KEPT_CHARS] + _HIDDEN
        case _:
            return value


def _may_be_json(value: object) -> bool:
    """Whether a text looks like an object, a list or a text in JSON that is not empty."""
    return isinstance(value, str) and value.lstrip().startswith(("{", "[", '"')) and len(value.strip()) > len("{}")


def _number(digits: str) -> int | str:
    """Read a whole number; one that is too long to be any stays text, and Python need not count so far."""
    return int(digits) if len(digits) <= _MOST_KEPT_CHARS else digits


def _titled(value: object) -> object:
    if value is None:
        return "Output"
    return value.strip().capitalize() or "Output" if isinstance(value, str) else value


def _zoned(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _no_bool(value: object) -> object:
    if isinstance(value, bool):  # which is an int to Python
        raise PydanticCustomError("int_type", "input should be a valid integer")
    return value


# The constraints stand before the conversion: only so pydantic's messages and schema know them.
Text = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(whole)]
MaybeText = Annotated[str, Field(max_length=200), BeforeValidator(whole)] | None
Moment = Annotated[datetime, AfterValidator(_zoned)]
Units = Annotated[int, Field(ge=0, le=1_000_000, description="Units."), BeforeValidator(_no_bool)]
InvoiceType = Annotated[Literal["Output", "Input"], BeforeValidator(_titled)]
NOT_TOO_LONG = Field(max_length=_MOST_LINES)  # of a list
