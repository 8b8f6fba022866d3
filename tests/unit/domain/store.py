"""One store of the modelled world: a ledger that can forget, and the rounds that request pickups."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.unit.domain.builders import NOW, POLICY, saved
from tests.unit.domain.world import Call, SkyHub, Truth
from worker.domain.doubt import unknown_after_restart
from worker.domain.events import Event, OrderCanceled
from worker.domain.facts import Authority, Carrier, OmsOrder, SkyHubOrder, SkyHubStatus
from worker.domain.learning import learn, reread
from worker.domain.order import At, Order, Status
from worker.domain.packing import must_be_packed, packing_told
from worker.domain.pickups import AskStatus, Become, Confirm, Lists, Wait, batches, by_status, decide, needs_taken
from worker.domain.progress import claim, expire, listed, record, set_carrier, settle

CODES = ("100000001", "100000002", "100000003")
IDS = {code: f"BWW-Submarino-{code}" for code in CODES}
BATCH = 2


class Store:
    """Times are milliseconds; saving an order fixes its moments. What was done is told to the model as it happens."""

    def __init__(self) -> None:
        self.policy = replace(POLICY, oms=True)
        self.now = NOW
        self.skyhub = SkyHub()
        self.orders: dict[str, Order] = {}
        self.truths = {code: Truth() for code in CODES}
        self.calls: list[Call] = []
        self._facts: list[tuple[str, Callable[[Order | None], Order]]] = []
        self._past: list[dict[str, Order]] = []
        self._scan: tuple[int, frozenset[str]] | None = None
        self._quarantine: int | None = None
        self._tokens = 0

    def save(self, code: str, order: Order) -> None:
        """Save the order, as the ledger does."""
        self.orders[code] = saved(order, self.now)

    # ---- facts, which every source tells again when the ledger has forgotten them

    def hear(self, code: str, event: Event) -> None:
        """Record an event."""
        now = self.now
        self.truths[code].hear(event)
        self._fact(code, lambda order: record(order, event, self.policy, now))

    def read_oms(self, code: str, found: OmsOrder, read_at: int) -> None:
        """Take a snapshot of the OMS that was begun at this moment."""
        now = self.now
        for invoice in found.invoices:
            self.truths[code].take(invoice.number, invoice.items, read_at, pushed=False)
        self.truths[code].order(found.items)
        self._fact(code, lambda order: reread(_known(order), found, read_at, self.policy, now))

    def learn(self, code: str, carrier: Carrier) -> None:
        """Learn an order's carrier from SkyHub."""
        now, found = self.now, SkyHubOrder(f"Submarino-{code}", code, SkyHubStatus.INVOICED, carrier)
        self.truths[code].say(Authority.SKYHUB, now, carrier)
        self._fact(code, lambda order: learn(_known(order), found, self.policy, now))

    def set_carrier(self, code: str, carrier: Carrier) -> None:
        """Correct an order's carrier by an operator's word."""
        now = self.now
        self.truths[code].say(Authority.OPERATOR, now, carrier)
        self._fact(code, lambda order: set_carrier(_known(order), carrier, "why", self.policy, now))

    def _fact(self, code: str, change: Callable[[Order | None], Order]) -> None:
        self._facts.append((code, change))
        self.save(code, change(self.orders.get(code)))

    def restart(self, back: int) -> None:
        """Change the Redis server, for one that forgot the rounds since; every fact is told again."""
        self.orders = dict(self._past[-back]) if back <= len(self._past) else self.orders
        self._past = []
        for code, change in self._facts:
            self.save(code, change(self.orders.get(code)))
        for code, order in self.orders.items():
            truth = self.truths[code]
            truth.forgotten, truth.released = True, order.released
            truth.canceled_at, truth.lifted_at = order.canceled_at, order.dismissed_at or 0
            self.skyhub.forget(code)
        self._quarantine = self.now + self.policy.claim_ms + self.policy.settling_ms

    # ---- requesting

    def round(self, lag: int, *, whole: bool, shipped: bool) -> None:
        """Do one round of the pickup drain, with lists that lag and may be read in part."""
        self._past = [*self._past[-3:], dict(self.orders)]
        if not self._trusted():
            return
        for code, order in self.orders.items():
            self.save(code, expire(order, self.policy, self.now))
        due = {code: order for code, order in self.orders.items() if self._is_due(order) and self._is_packed(code)}
        due = {code: self.orders[code] for code in due}
        lists = self._lists(list(due.values()), lag, whole=whole)
        confirms: list[Confirm] = []
        for code, order in due.items():
            match decide(order, lists, self.policy, self.now):
                case Confirm() as confirm:
                    assert isinstance(order.at, At)
                    assert not order.uncertain or order.at.ms <= (lists.taken_since or 0), "confirmed in doubt"
                    confirms.append(confirm)
                case Become(order=after):
                    self.save(code, after)
                case AskStatus():
                    gone = shipped and self.skyhub.has(code, self.now)
                    status = SkyHubStatus.SHIPPED if gone else SkyHubStatus.INVOICED
                    found = SkyHubOrder(f"Submarino-{code}", code, status, Carrier.UNKNOWN)
                    self.save(code, by_status(order, found, self.policy, self.now))
                case Wait():
                    pass
        for batch in batches(confirms, BATCH):
            self._claim(batch)
        for code in sorted(set(lists.open) - due.keys()):
            self.save(code, listed(self.orders[code], self.policy, self.now))

    def _trusted(self) -> bool:
        if self._quarantine is None:
            return True
        if self.now < self._quarantine:
            return False
        self._quarantine = None
        for code, order in self.orders.items():
            self.save(code, unknown_after_restart(order, self.now))
        return True

    def _is_packed(self, code: str) -> bool:
        """Ask Pick and Pack, where it matters."""
        order = self.orders[code]
        if order.uncertain or not must_be_packed(order, self.policy):
            return True
        status = "INVOICED" if self.truths[code].packed else "PACKING"
        self.save(code, packing_told(order, status, self.policy, self.now))
        return self.truths[code].packed

    def _is_due(self, order: Order) -> bool:
        return order.status is Status.DUE and isinstance(order.at, At) and order.at.ms <= self.now

    def _lists(self, due: Sequence[Order], lag: int, *, whole: bool) -> Lists:
        opened = self.skyhub.open(self.now - lag)
        if not any(needs_taken(order, opened, self.policy) for order in due):
            return Lists(opened, taken_since=0)
        since, taken = self._scan if self._scan is not None else (self.now, self.skyhub.taken(self.now - lag))
        self._scan = None if whole else (since, taken)
        return Lists(opened, taken, since) if whole else Lists(opened, sorted(taken)[: len(taken) // 2])

    def _claim(self, batch: tuple[Confirm, ...]) -> None:
        self._tokens += 1
        token = f"token-{self._tokens}"
        for each in batch:
            self.truths[each.code].check_claim(each.order)
            self.save(each.code, claim(each.order, each.code, token, len(batch), self.policy, self.now))
        claimed = {each.code: self.orders[each.code].round for each in batch}
        self.calls.append(Call(token, claimed, self.now + self.policy.claim_ms))

    def answer(self, call: Call, draw: float) -> None:
        """Settle a call with its answer, however late, for each of its orders as it stands now."""
        assert call.outcome is not None
        self.calls.remove(call)
        for code in call.rounds:
            self.save(code, settle(self.orders[code], call.token, call.outcome, self.policy, self.now, draw))


def canceled(code: str, at: int) -> OrderCanceled:
    """Report a cancel of the order with this code."""
    return OrderCanceled(order_id=IDS[code], occurred_at=at)


def _known(order: Order | None) -> Order:
    assert order is not None
    return order
