"""JSON read into dataclasses: a wrong name, a missing field or a wrong type is refused with a sentence on it."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, TypeAdapter, ValidationError

Form = TypeVar("Form")


class FormError(ValueError):
    """The JSON does not have the form that is needed; the text says where and why."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def form(kind: type[Form]) -> type[Form]:
    """Make a class a frozen dataclass that `build` reads as it stands: no field more, no type taken for another."""
    kind.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[attr-defined] # pydantic's name
    return dataclass(frozen=True, kw_only=True)(kind)


def build(kind: type[Form], value: object) -> Form:
    """Build a form from a JSON object; fields with a default may be left out.

    Raises `FormError`.
    """
    try:
        # As JSON, where a list may become a tuple; between Python's types a strict form would refuse it.
        built: Form = _reader(kind).validate_json(json.dumps(value))  # type: ignore[arg-type] # a class is hashable
    except ValidationError as error:
        problems = error.errors()
        said = [f"{_place(each['loc'])}: {each['msg'].removeprefix('Value error, ')}" for each in problems]
        raise FormError("; ".join(said)) from error
    return built


@cache
def _reader(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _place(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path)) or "body"
