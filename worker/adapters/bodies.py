"""What the bodies that others send to us share: how they are read, their types, and their faults in sentences."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError, from_json

from worker.adapters.reading import whole
from worker.ports import UnreadableBodyError

_MOST_BYTES = 1024 * 1024
_MOST_FAULTS = 5
_MOST_ROWS = 1_000


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


def parsed(body: str | bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the value of a JSON text, nested at most 200 deep; raises `UnreadableBodyError`."""
    if len(body) > _MOST_BYTES:
        raise UnreadableBodyError(f"the body has {len(body)} bytes, {_MOST_BYTES} are the most")
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
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line of a terminal


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
MOST_ROWS = Field(max_length=_MOST_ROWS)
