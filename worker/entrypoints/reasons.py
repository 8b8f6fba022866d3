"""What an operator gives as the reason of a wish, by command or message: one rule for both."""

_MOST_CHARS = 500


class ReasonError(ValueError):
    """It cannot be kept as a reason; the message says why."""


def read_reason(reason: object) -> str:
    """Return a reason on one line; raises `ReasonError` for what is no text, or says nothing, or is a novel."""
    if not isinstance(reason, str):
        raise ReasonError(f"it is no text but of type {type(reason).__name__}; say why, in a few words")
    line = " ".join(reason.split())
    if not line:
        raise ReasonError("it is empty; say why, in a few words")
    if len(line) > _MOST_CHARS:
        raise ReasonError(f"it has {len(line)} characters; {_MOST_CHARS} are the most")
    try:
        line.encode()
    except UnicodeEncodeError as error:  # half a character, which no document can hold
        raise ReasonError("it holds what is no character; say why, in a few words") from error
    return line
