"""Browse the events that could not be recorded, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.ports import Ledger, Rejected

PAGE = 50
_BACK = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedPage:
    """Some rejected events; `next` (older ones) and `previous` are cursors, "" where no page is.

    A cursor is the id of the event behind which the page begins; with a "-" before it the page ends before that one.
    """

    rejected: Sequence[Rejected]
    next: str = ""
    previous: str = ""


def browse_rejected(ledger: Ledger, after: str = "", *, size: int = PAGE) -> RejectedPage:
    """Return a page of rejected events, the first or the one at a cursor. Raises `ValueError`: that is no cursor."""
    if after.startswith(_BACK):
        newer = ledger.rejected_after(after.removeprefix(_BACK) or after, size + 1)
        if len(newer) < size:
            return browse_rejected(ledger, size=size)
        shown = newer[:size][::-1]
        return RejectedPage(
            rejected=shown,
            next=shown[-1].rejected_id,
            previous=_BACK + shown[0].rejected_id if len(newer) > size else "",
        )
    older = ledger.rejected(size + 1, after)
    shown = older[:size]
    return RejectedPage(
        rejected=shown,
        next=shown[-1].rejected_id if len(older) > size else "",
        previous=_BACK + shown[0].rejected_id if shown and after else "",
    )


def rejected_event(ledger: Ledger, rejected_id: str) -> Rejected | None:
    """Return one rejected event, None if it is not kept any more. Raises `ValueError`: that is no id."""
    return next(iter(ledger.rejected_by_id([rejected_id])), None)
