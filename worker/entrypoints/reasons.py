"""What an operator gives as the reason of a wish, by command, message or page: one rule for all."""

_MOST_CHARS = 500
MOST_TYPED = 400
"""Characters of a reason on the pages: what is kept names the person, too."""
# A person's name ends where our closing bracket stands, whatever is in it.
_NO_BRACKETS = str.maketrans("()", "[]")


class ReasonError(ValueError):
    """It cannot be kept as a reason; the message says why."""


def read_reason(reason: object, most: int = _MOST_CHARS) -> str:
    """Return a reason on one line; raises `ReasonError` for what is no text, or says nothing, or is a novel."""
    if not isinstance(reason, str):
        raise ReasonError(f"it is no text but of type {type(reason).__name__}; say why, in a few words")
    line = " ".join(reason.split())
    if not line:
        raise ReasonError("it is empty; say why, in a few words")
    if len(line) > most:
        raise ReasonError(f"it has {len(line)} characters; {most} are the most")
    try:
        line.encode()
    except UnicodeEncodeError as error:  # half a character, which no document can hold
        raise ReasonError("it holds what is no character; say why, in a few words") from error
    return line


def signed(reason: str, name: str) -> str:
    """Return a reason with who gave it on the pages, `label printed (Ana Souza, pages)`: the last brackets are ours.

    What cannot be printed is left out: it could turn the line around for who reads it.
    """
    by = name.translate(_NO_BRACKETS)
    return "".join(each for each in f"{reason} ({by}, pages)" if each.isprintable())
