"""Faults on demand: which call goes wrong, when, and how."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from worker.sandbox.calls import CallName
from worker.sandbox.forms import form
from worker.sandbox.skyhub.orders import Listing

When = Literal["before", "after"]
Rows = Literal["doubled", "skipped", "repeated", "both"]
"""What is wrong with a page of a pickup list: each row comes twice; a row before this page has left the list since the
page before was read, or has come to it; the rows of the other list are in this one, too."""


@form
class Fault:
    """A fault waits `hang_seconds`, then resets the connection, or answers `status`, or lets the true answer through.

    `before` it acts instead of the call's effect (one that only hangs or drips lets the effect happen, late); `after`
    it acts once the effect has happened. With `takes` or `rows` it meets only calls that these change.
    """

    call: CallName
    when: When = "before"
    account: str | None = None
    """Whose calls it meets: `X-User-Email` at SkyHub, else the account's name; null: anybody's."""
    code: str | None = None
    """Only calls that ask for, confirm or list this full or remote code, or this order id of VTEX's."""
    listing: Listing | None = None
    """Only calls for this pickup list: `open` is `requested=false`, `requested` the other."""
    times: int | None = 1
    """How many calls it meets; null: all until it is cleared."""
    status: int | None = None
    """Answer this instead of the true answer, with `body`, `content_type` and `headers`."""
    body: str = ""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    pad_to_bytes: int = 0
    """Blanks are appended to `body` up to this size."""
    hang_seconds: float = 0.0
    reset: bool = False
    """The connection is reset without an answer."""
    drip_seconds: float = 0.0
    """Time between two pieces of the answer's body, whichever answer it is; 0: the body is sent at once."""
    drip_bytes: int = 1
    takes: int | None = None
    """Of a confirmation of more codes only the first so many take effect, whatever it is answered."""
    rows: Rows | None = None
    """A pickup list's page is answered so instead of the true answer."""

    def __post_init__(self) -> None:
        """Refuse a fault that does nothing or contradicts itself."""
        if self.status is None and not (self.reset or self.hang_seconds or self.drip_seconds or self.rows):
            raise ValueError("a fault needs a status, reset, hang_seconds, drip_seconds or rows")
        if self.reset and self.status is not None:
            raise ValueError("a fault either resets the connection or answers a status")
        if self.status is not None and not 200 <= self.status <= 599:  # noqa: PLR2004 - the final HTTP statuses
            raise ValueError("status must be from 200 to 599")
        if self.times == 0 or min(self.times or 0, self.hang_seconds, self.drip_seconds, self.drip_bytes - 1) < 0:
            raise ValueError("times and drip_bytes start at 1, seconds at 0")
        if (self.listing or self.rows) and self.call != "collectables":
            raise ValueError("only collectables have a listing and rows")
        if self.takes is not None and (self.call != "confirm" or self.takes < 1 or not self.replaces_answer):
            raise ValueError("takes starts at 1, and is for a confirm that is not answered by the truth")
        if self.bends_effect and self.when == "after":
            raise ValueError("takes and rows act before the effect, not after it")

    @property
    def replaces_answer(self) -> bool:
        """Tell whether the caller does not get the true answer."""
        return self.reset or self.status is not None

    @property
    def bends_effect(self) -> bool:
        """Tell whether the call is not carried out as it was asked."""
        return self.takes is not None or self.rows is not None


@dataclass
class _Planned:
    fault: Fault
    remaining: int | None


class FaultBook:
    """The planned faults, in the order in which they were planned."""

    def __init__(self) -> None:
        self.struck: Counter[int] = Counter()
        """How many calls each fault has met, by its id; those that are used up or cleared too."""
        self._planned: dict[int, _Planned] = {}
        self._last_id = 0

    def add(self, fault: Fault) -> int:
        """Plan a fault and return its id."""
        self._last_id += 1
        self._planned[self._last_id] = _Planned(fault, fault.times)
        return self._last_id

    def clear(self, fault_id: int | None = None) -> None:
        """Forget one fault, or all."""
        if fault_id is None:
            self._planned.clear()
        else:
            self._planned.pop(fault_id, None)

    def planned(self) -> list[tuple[int, Fault, int | None]]:
        """Return id, fault and how many calls it will still meet (None: all)."""
        return [(fault_id, planned.fault, planned.remaining) for fault_id, planned in self._planned.items()]

    def take(self, call: CallName, when: When, account: str, meets: Callable[[Fault], bool]) -> Fault | None:
        """Return the first fault that meets the call, used up by one; `meets` looks at what else the fault asks for."""
        for fault_id, planned in self._planned.items():
            fault = planned.fault
            if fault.call == call and fault.when == when and fault.account in (None, account) and meets(fault):
                self.struck[fault_id] += 1
                self._use_up(fault_id, planned)
                return fault
        return None

    def _use_up(self, fault_id: int, planned: _Planned) -> None:
        if planned.remaining is not None:
            planned.remaining -= 1
            if planned.remaining == 0:
                del self._planned[fault_id]
