"""Copies of frozen records, made fast: each event changes an order several times, thousands of events a second."""

from typing import TYPE_CHECKING

__all__ = ["revised"]

if TYPE_CHECKING:
    from dataclasses import replace as revised  # So that the checker knows the type of every field.
else:

    def revised(record, /, **changes):  # noqa: ANN001, ANN003, ANN201 (typed above)
        """Do what `dataclasses.replace` does, for a dataclass without slots and `__post_init__`, ten times as fast."""
        copy = object.__new__(type(record))
        copy.__dict__.update(record.__dict__, **changes)
        return copy
