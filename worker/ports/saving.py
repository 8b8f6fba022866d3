"""One save of a store's state: what it takes and what it answers."""

from dataclasses import dataclass
from enum import StrEnum

from worker.domain.events import Dropped, Event
from worker.domain.order import Order


@dataclass(frozen=True, slots=True)
class Stored:
    """An order as it was read; `version` guards its next save."""

    order: Order
    version: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was kept for an event but is none: its text and what is wrong with it."""

    body: str
    reason: str


class Untaken(StrEnum):
    """Why an inbox took nothing, as a door says it."""

    FULL = "the inbox is full"
    AWAY = "Redis does not take it now"


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One event of the inbox, under the id that deletes it; `text` is what was kept."""

    entry_id: str
    event: Event | Unreadable
    text: str = ""


@dataclass(frozen=True, slots=True)
class TakeKey:
    """Set the idempotency key of this pickup to the claim's token."""

    code: str
    round: int
    token: str


@dataclass(frozen=True, slots=True)
class CloseKey:
    """Write into the idempotency key that SkyHub has the pickup."""

    code: str
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An order to save over the version that was read (0 = new), the inbox entries it took in, and its key's step.

    `direct` counts the events that it took in without the inbox, `invoices` those received with it
    (`worker.domain.activity`).
    """

    order: Order
    version: int
    entries: tuple[str, ...] = ()
    key: TakeKey | CloseKey | None = None
    direct: int = 0
    invoices: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """An inbox entry that enters no order: counted under `counter`, kept as rejected if it says why.

    `order_id` is the order that it names, "" where that cannot be read.
    """

    entry_id: str
    counter: Dropped
    rejected: Unreadable | None = None
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """The save took effect (also: had taken effect already, its answer was lost)."""

    version: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Another writer was first: read again and decide again."""


@dataclass(frozen=True, slots=True)
class OwnedBy:
    """A new order whose remote code belongs to another order already: its events go there."""

    order_id: str


@dataclass(frozen=True, slots=True)
class KeyHeld:
    """The idempotency key of this pickup belongs to another order."""

    order_id: str


@dataclass(frozen=True, slots=True)
class KeyClosed:
    """The idempotency key says that SkyHub has this pickup already."""


class Halt(StrEnum):
    """Why a fenced save saved nothing at all."""

    LEASE_LOST = "lease_lost"
    PAUSED = "paused"
    SERVER_CHANGED = "server_changed"


@dataclass(frozen=True, slots=True)
class Fenced:
    """Nothing was saved: the right to act is gone."""

    halt: Halt


SaveResult = Saved | Lost | OwnedBy | KeyHeld | KeyClosed | Fenced
