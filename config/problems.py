"""Why a configuration cannot be used: everything that is wrong with it, each a sentence that says how to mend it."""

import difflib
from collections.abc import Collection

from pydantic_core import ErrorDetails


class ProblemsError(Exception):
    """A configuration cannot be used; `problems` are the sentences of its text."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def near(word: str, known: Collection[str]) -> str | None:
    """Return the known word that was most likely meant, None where none is like it."""
    return next(iter(difflib.get_close_matches(word, known, n=1)), None)


def said(detail: ErrorDetails, subject: str = "") -> str:
    """Return what pydantic says must be, after this subject, or the words of a check of our own."""
    message = detail["msg"].removeprefix("Value error, ")
    for theirs, ours in (("Input should be", "must be"), ("String should have", "must have")):
        message = message.replace(theirs, f"{subject}{ours}", 1)
    return message
