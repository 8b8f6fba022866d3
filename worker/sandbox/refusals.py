"""Why a control call is refused, besides its form: what it names is not known, or is in the way."""

from collections.abc import Container, Iterable


class UnknownError(LookupError):
    """No such account, order or invoice is registered; the text names it."""


class ConflictError(ValueError):
    """What is registered stands against it; the text says what."""


def require_new(known: Container[str], ids: Iterable[str]) -> None:
    """Raise `ConflictError` if one of these ids is known, or comes twice."""
    seen: set[str] = set()
    for each in ids:
        if each in known or each in seen:
            raise ConflictError(f"registered before: {each}")
        seen.add(each)
