"""What is wrong in a stores file, said so that it can be mended, and never with a secret in it."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from config import urls
from config.problems import near, said


def sentence(store: str, detail: ErrorDetails, keys: Mapping[str, Collection[str]], secrets: Collection[str]) -> str:
    """Return one of pydantic's errors as a sentence that names its place.

    `keys` holds the known keys of each table ("" is the store's own), `secrets` the keys that are never shown.
    """
    *tables, key = (str(part) for part in detail["loc"])
    place = ".".join(("stores", store, *tables, key))
    match detail["type"]:
        case "missing":
            return f"{place} is missing; add it as config/stores.example.toml shows"
        case "unexpected_keyword_argument":
            return f"{place} is not known{suggestion(key, keys[tables[0] if tables else ''])}"
        case "dataclass_type":
            return f"{place} is {_shown(detail['input'])}; it must be a table, [{place}]"
        case "value_error" if key in secrets:
            return f"{place}: {said(detail)}"
        case _:
            found = _type(detail["input"]) if key in secrets else _shown(detail["input"])
            return f"{place} is {found}; it {said(detail)}"


def suggestion(key: str, known: Collection[str]) -> str:
    """Return the end of a sentence about an unknown key: the near one, else what there is."""
    meant = near(key, known)
    return f"; did you mean {meant!r}?" if meant else f"; known here: {', '.join(known)}"


def _shown(value: Any) -> str:  # noqa: ANN401 -- whatever TOML holds
    return repr(urls.without_password(value)) if isinstance(value, str) else _type(value)


def _type(value: Any) -> str:  # noqa: ANN401 -- whatever TOML holds
    return f"of the type {type(value).__name__}"
