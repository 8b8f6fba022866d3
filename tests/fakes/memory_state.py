"""What the ledger in memory holds, and the clock it goes by."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from worker.domain.activity import Hour
from worker.domain.order import Order
from worker.ports import Backoff, Drain, Pause, Reconciled, Rejected, Scan


class ManualClock:
    """Server milliseconds that stand still until a test moves them."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> None:
        self.now += ms


@dataclass(slots=True)
class Document:
    order: Order
    version: int
    flagged_at: int | None
    expires: float
    server: str = ""


@dataclass(slots=True)
class PickupKey:
    order_id: str
    token: str = ""
    closed: bool = False
    expires: float = float("inf")


@dataclass(slots=True)
class Server:
    known: str = ""
    changed_at: int = 0
    doubted: int = 0


@dataclass(slots=True)
class Kept:
    """What one store holds."""

    inbox: dict[str, str] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    keys: dict[tuple[str, int], PickupKey] = field(default_factory=dict)
    counters: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    leases: dict[Drain, tuple[str, int]] = field(default_factory=dict)
    hints: dict[Drain, int] = field(default_factory=dict)
    pause: Pause = field(default_factory=Pause)
    backoffs: dict[Drain, Backoff] = field(default_factory=dict)
    server: Server = field(default_factory=Server)
    scan: Scan | None = None
    reconciled: Reconciled | None = None
    hours: dict[int, Hour] = field(default_factory=dict)
    serial: Iterator[int] = field(default_factory=count)
