"""SkyHub in memory: a plain fake of `ports.SkyHub` that knows what it really did, with lag and accidents on demand."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear
from worker.domain.facts import SkyHubOrder, SkyHubStatus
from worker.ports import InvoicedPage

ROWS = 20
ORDERS = 100


class During(Enum):
    """Where in a call something else may happen: once it reached SkyHub, and the steps of a confirmation."""

    PAGE = auto()
    ORDER = auto()
    INVOICED = auto()
    CONNECTED = auto()
    SENT = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """How one confirmation goes: what is answered, and whether it takes effect for all its codes."""

    outcome: Outcome
    effect: bool = False


@dataclass(slots=True)
class Delivery:
    """What SkyHub knows of one remote code; moments in milliseconds. `round` grows when the pickup is undone."""

    listed_at: int
    taken_at: int | None = None
    round: int = 1


@dataclass
class FakeSkyHub:
    """One store's account. `sent` holds the confirmations whose bytes left, `read` the pages and orders asked for.

    `lag_ms` is how old the lists are; where they are `sticky`, what was taken stays in `requested=false` too; where
    they are `stuck`, every page is the first one.
    """

    clock: Callable[[], int]
    lag_ms: int = 0
    sticky: bool = False
    stuck: bool = False
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    orders: dict[str, SkyHubOrder] = field(default_factory=dict)
    accepted: Counter[tuple[str, int]] = field(default_factory=Counter)
    sent: list[tuple[str, ...]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    script: deque[Step] = field(default_factory=deque)
    poison: dict[str, Outcome] = field(default_factory=dict)
    faults: dict[str, Exception] = field(default_factory=dict)
    during: defaultdict[During, deque[Callable[[], object]]] = field(default_factory=lambda: defaultdict(deque))
    watch: Callable[[str], object] = str

    def label(self, *codes: str) -> None:
        """Make deliveries collectable: their labels are printed."""
        self.deliveries |= {code: Delivery(self.clock()) for code in codes}

    def take(self, *codes: str) -> None:
        """Take the pickup of deliveries, whoever asked for it."""
        for code in codes:
            self.watch(code)
            delivery = self.deliveries[code]
            self.accepted[code, delivery.round] += 1
            delivery.taken_at = self.clock() if delivery.taken_at is None else delivery.taken_at

    def undo(self, code: str) -> None:
        """Cancel a pickup, as ungrouping its label does."""
        delivery = self.deliveries[code]
        delivery.taken_at, delivery.round = None, delivery.round + 1

    def collectables(self, *, requested: bool, page: int) -> tuple[str, ...]:
        self._reached(During.PAGE, f"{requested}:{page}".lower())
        seen_at = self.clock() - self.lag_ms
        listed = [code for code, known in self.deliveries.items() if known.listed_at <= seen_at]
        taken = {code for code in listed if (at := self.deliveries[code].taken_at) is not None and at <= seen_at}
        rows = [code for code in listed if (code in taken) is requested or (self.sticky and not requested)]
        first = 0 if self.stuck else (page - 1) * ROWS
        return tuple(rows[first : first + ROWS])

    def confirm(self, codes: Sequence[str], may_send: Callable[[], bool]) -> Outcome:
        self._meanwhile(During.CONNECTED)
        if not may_send():
            return NoEffect(Cause.NOT_SENT, "the lease ends too soon")
        self.sent.append(tuple(codes))
        self._meanwhile(During.SENT)
        step = self._step(codes)
        if step.effect:
            self.take(*codes)
        self._meanwhile(During.DONE)
        return step.outcome

    def order(self, code: str) -> SkyHubOrder | None:
        self._reached(During.ORDER, code)
        return self.orders.get(code)

    def invoiced_orders(self, page: int) -> InvoicedPage:
        self._reached(During.INVOICED, f"invoiced:{page}")
        invoiced = [order for order in self.orders.values() if order.status is SkyHubStatus.INVOICED]
        return InvoicedPage(tuple(invoiced[(page - 1) * ORDERS : page * ORDERS]), len(invoiced))

    def _step(self, codes: Sequence[str]) -> Step:
        if self.script:
            return self.script.popleft()
        if unknown := [code for code in codes if code not in self.deliveries]:
            return Step(Refused(f"entrega {unknown[0]} nao encontrada"))
        spoilt = [outcome for code, outcome in self.poison.items() if code in codes]
        return Step(spoilt[0]) if spoilt else Step(Accepted(), effect=True)

    def _reached(self, during: During, what: str) -> None:
        self.read.append(what)
        self._meanwhile(during)
        fault = self.faults.get(what) or self.faults.get("")
        if fault is not None:
            raise fault

    def _meanwhile(self, during: During) -> None:
        if self.during[during]:
            self.during[during].popleft()()


UNCLEAR = Unclear("timed out")
TAKEN_BUT_UNCLEAR = Step(UNCLEAR, effect=True)
UNCLEAR_WITHOUT_EFFECT = Step(UNCLEAR)
