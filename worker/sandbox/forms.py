"""JSON read into dataclasses: a wrong name, a missing field or a wrong type is refused with a sentence on it."""

from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable


class DataclassLike(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Form = TypeVar("Form", bound=DataclassLike)


class FormError(ValueError):
    """The JSON does not have the form that is needed; the text says where and why."""


def build(kind: type[Form], value: object, where: str = "body") -> Form:
    """Build the dataclass `kind` from a JSON object; fields with a default may be left out.

    Raises `FormError`.
    """
    if not isinstance(value, dict):
        raise FormError(f"{where} must be an object")
    hints = _hints(kind)
    if unknown := sorted(set(value) - set(hints)):
        raise FormError(f"{where} has no field {', '.join(unknown)}; known are {', '.join(hints)}")
    if missing := sorted(_required(kind) - set(value)):
        raise FormError(f"{where} lacks {', '.join(missing)}")
    values = {name: convert(hints[name], field, f"{where}.{name}") for name, field in value.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise FormError(f"{where}: {error}") from error


def convert(hint: Any, value: object, where: str) -> Any:  # noqa: ANN401 - a type hint in, a value of that type out
    """Return the JSON value as the type that `hint` names.

    Raises `FormError`.
    """
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, value, where)
    origin = get_origin(hint)
    reader = _READERS.get(hint if origin is None else origin)
    if reader is None:
        raise TypeError(f"{where}: no reader for {hint}")
    return reader(hint, value, where)


@cache
def _hints(kind: type[DataclassLike]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


@cache
def _required(kind: type[DataclassLike]) -> frozenset[str]:
    return frozenset(f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)


def _plain(hint: type, value: object, where: str) -> object:
    if type(value) is not hint:
        raise FormError(f"{where} must be of type {hint.__name__}")
    return value


def _number(_hint: type, value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormError(f"{where} must be a number")
    return float(value)


def _one_of(hint: object, value: object, where: str) -> object:
    if value not in get_args(hint):
        raise FormError(f"{where} must be one of {', '.join(map(str, get_args(hint)))}")
    return value


def _optional(hint: object, value: object, where: str) -> object:
    if value is None:
        return None
    (kind,) = (kind for kind in get_args(hint) if kind is not NoneType)
    return convert(kind, value, where)


def _list(hint: object, value: object, where: str) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):  # A tuple is what `asdict` makes of a form that was built before.
        raise FormError(f"{where} must be a list")
    kind = get_args(hint)[0]
    return tuple(convert(kind, item, f"{where}[{index}]") for index, item in enumerate(value))


def _mapping(hint: object, value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise FormError(f"{where} must be an object")
    kind = get_args(hint)[1]
    return {name: convert(kind, item, f"{where}.{name}") for name, item in value.items()}


_READERS: "dict[object, Callable[[Any, object, str], object]]" = {
    str: _plain,
    int: _plain,
    bool: _plain,
    float: _number,
    Literal: _one_of,
    UnionType: _optional,
    Union: _optional,
    tuple: _list,
    dict: _mapping,
}
