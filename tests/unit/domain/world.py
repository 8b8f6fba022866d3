"""The world around the domain, as a model: what SkyHub really did, and what is really true of an order.

Both are kept in the plainest way, apart from the domain's own bookkeeping, so that the promises can be checked against
them.
"""

from dataclasses import dataclass, field

from tests.unit.domain.builders import SECOND
from worker.domain.confirmation import Outcome
from worker.domain.events import Event, OrderAnnounced, OrderCanceled
from worker.domain.facts import Authority, Carrier
from worker.domain.invoices import Items
from worker.domain.order import Order

CALL_MS = 20 * SECOND
# A call may take effect up to its timeout, and a list may be this old: together exactly the settling delay.
MOST_LAG_MS = 40 * SECOND


class BrokenPromiseError(AssertionError):
    """What SkyHub was made to do may not happen."""


@dataclass
class SkyHub:
    """What SkyHub really did. `sticky` codes stay in `requested=false` although they were accepted."""

    labelled: dict[str, int] = field(default_factory=dict)
    sticky: set[str] = field(default_factory=set)
    taken_from: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    accepted: set[tuple[str, int]] = field(default_factory=set)

    def accept(self, code: str, round_: int, at: int) -> None:
        """Take the pickup of this order and round at this moment, which is once too often if it was taken before."""
        if self.has(code, at) or (code, round_) in self.accepted:
            message = f"{code} was requested twice in round {round_}"
            raise BrokenPromiseError(message)
        self.accepted.add((code, round_))
        self.taken_from.setdefault(code, []).append((at, True))

    def undo(self, code: str, now: int) -> None:
        """Cancel the pickup, as ungrouping its label does."""
        self.taken_from[code].append((now, False))
        self.sticky.discard(code)

    def has(self, code: str, at: int) -> bool:
        """Whether the pickup stands at this moment."""
        return [taken for since, taken in self.taken_from.get(code, []) if since <= at][-1:] == [True]

    def undone_since(self, code: str) -> int | None:
        """Since when the pickup is undone, if it was."""
        since, taken = self.taken_from.get(code, [(0, True)])[-1]
        return None if taken else since

    def forget(self, code: str) -> None:
        """Expect no more than the promise from a ledger that forgot its writes: an undone pickup may be asked for."""
        self.sticky.discard(code)
        if self.undone_since(code) is not None:
            self.accepted = {(known, round_) for known, round_ in self.accepted if known != code}

    def open(self, at: int) -> frozenset[str]:
        """Return `requested=false` as it was at this moment."""
        ready = {code for code, since in self.labelled.items() if since <= at}
        return frozenset(code for code in ready if code in self.sticky or not self.has(code, at))

    def taken(self, at: int) -> frozenset[str]:
        """Return `requested=true` as it was at this moment."""
        return frozenset(code for code in self.taken_from if self.has(code, at))


@dataclass
class Call:
    """One confirmation on its way: the round of each code in it, until when its claim holds, its answer once sent."""

    token: str
    rounds: dict[str, int]
    claimed_until: int
    outcome: Outcome | None = None


@dataclass
class Truth:
    """What was said of one order, and what follows from it."""

    ordered: dict[str, int] = field(default_factory=dict)
    invoices: dict[str, tuple[tuple[bool, bool, int], dict[str, int]]] = field(default_factory=dict)
    carriers: dict[Authority, tuple[int, Carrier]] = field(default_factory=dict)
    canceled_at: int | None = None
    lifted_at: int = 0
    released: bool = False
    forgotten: bool = False
    packed: bool = True

    def hear(self, event: Event) -> None:
        """Take an event; what is only announced says nothing of the order."""
        if isinstance(event, OrderAnnounced):
            return
        if isinstance(event, OrderCanceled):
            if self.canceled_at is None and event.occurred_at > self.lifted_at:
                self.canceled_at = event.occurred_at
            return
        self.order(event.items or {})
        self.take(event.invoice.number, event.invoice.items, event.invoice.dated_at or 0, pushed=True)
        self.say(Authority.EVENT, event.occurred_at, event.carrier)

    def order(self, items: Items) -> None:
        """Take a list of what was ordered: the most of each item stands."""
        for sku, units in items.items():
            self.ordered[sku] = max(units, self.ordered.get(sku, 0))

    def take(self, number: str, items: Items, at: int, *, pushed: bool) -> None:
        """Take an invoice: of the bodies that name items the pushed stand before snapshots, then the newest."""
        body = ((bool(items), pushed and bool(items), at), dict(items))
        known = self.invoices.get(number)
        if known is None or body[0] > known[0]:
            self.invoices[number] = body

    def lift_cancel(self) -> None:
        """Undo a cancel by an operator's word: its repeats say nothing new."""
        if self.canceled_at is not None:
            self.lifted_at = self.canceled_at
            self.canceled_at = None

    def say(self, authority: Authority, at: int, carrier: Carrier) -> None:
        """Take a word on the carrier: the latest of each authority stands, at one moment the one against Direct."""
        if carrier is not Carrier.UNKNOWN:
            words = [self.carriers[authority]] if authority in self.carriers else []
            words.append((at, carrier))
            self.carriers[authority] = max(words, key=lambda word: (word[0], word[1] is not Carrier.DIRECT))

    @property
    def carrier(self) -> Carrier:
        """The word of the highest authority."""
        for authority in (Authority.OPERATOR, Authority.SKYHUB, Authority.EVENT):
            if authority in self.carriers:
                return self.carriers[authority][1]
        return Carrier.UNKNOWN

    @property
    def complete(self) -> bool:
        """Whether every ordered unit is invoiced."""
        units: dict[str, int] = {}
        for _, items in self.invoices.values():
            for sku, quantity in items.items():
                units[sku] = units.get(sku, 0) + quantity
        return bool(self.ordered) and all(units.get(sku, 0) >= most for sku, most in self.ordered.items())

    @property
    def may_be_requested(self) -> bool:
        """Never early, never Correios, never a canceled order, never one that is to be packed yet."""
        return (
            self.packed
            and (self.complete or self.released)
            and self.carrier is Carrier.DIRECT
            and self.canceled_at is None
        )

    def check_claim(self, order: Order) -> None:
        """Fail if this order may not be requested now."""
        if not self.may_be_requested:
            message = f"{order.order_id} was claimed: {self}"
            raise BrokenPromiseError(message)
