"""The four promises, in a world that goes wrong: lists lag, answers are lost or late, processes die, servers forget.

Hypothesis plays news, rounds, calls and operators in any order; the model in `world` knows what really happened.
"""

from contextlib import suppress
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.domain.builders import DAY, HOUR, MINUTE, NOW, SECOND
from tests.unit.domain.store import CODES, IDS, Store, canceled
from tests.unit.domain.world import CALL_MS, MOST_LAG_MS, Call
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.events import Announcer, OrderAnnounced, OrderInvoiced
from worker.domain.facts import Carrier, OmsOrder
from worker.domain.invoices import Invoice, Items, Source
from worker.domain.order import Attention, Order, Status
from worker.domain.progress import (
    IllegalTransitionError,
    claim,
    discard,
    release,
    request_again,
    retry_anew,
)

codes = st.sampled_from(CODES)
lists_of_items = st.sampled_from(({"a": 1}, {"a": 1}, {"a": 1, "b": 1}, {"a": 2}, {}))
bodies = st.sampled_from(({"a": 1}, {"a": 1}, {"a": 2}, {"b": 1}, {}))
carriers = st.sampled_from((Carrier.DIRECT, Carrier.DIRECT, Carrier.UNKNOWN, Carrier.CORREIOS))
lags = st.sampled_from((0, MOST_LAG_MS))
waits = st.sampled_from((0, SECOND, CALL_MS, 45 * SECOND, MINUTE, 10 * MINUTE))
draws = st.sampled_from((0.0, 0.9))
NO_EFFECT: tuple[Outcome, ...] = (
    NoEffect(Cause.THROTTLED, "429", 5.0),
    NoEffect(Cause.FORBIDDEN, "403"),
    Refused("pedido invalido"),
    Refused("etiqueta nao encontrada"),
    WrongCall("404"),
    Unclear("timed out"),
)
FULL_EFFECT: tuple[Outcome, ...] = (Accepted(), Accepted(), Unclear("timed out"), Unclear("500"))
PART_EFFECT: tuple[Outcome, ...] = (Refused(f"pedido {CODES[0]} invalido"), Refused("invalido"), Unclear("cut off"))
WISHES = ("release", "retry", "retry", "discard", "restart", Carrier.DIRECT, Carrier.CORREIOS)


class World(RuleBasedStateMachine):
    """A store, SkyHub, and whoever meddles."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.stamp = 0

    # ---- news

    @initialize(labelled=st.sampled_from((CODES, CODES, CODES[1:])), boxed=st.sampled_from((False, False, True)))
    def open_orders(self, labelled: tuple[str, ...], *, boxed: bool) -> None:
        """Begin with complete orders, most of them with a label, in a store that may want them packed."""
        self.store.policy = replace(self.store.policy, require_packed=boxed)
        for truth in self.store.truths.values():
            truth.packed = not boxed
        for code in CODES:
            self.invoice(code, "1", {"a": 1}, {"a": 1}, Carrier.DIRECT, late=False)
        self.store.skyhub.labelled = dict.fromkeys(labelled, self.store.now)
        self.store.now += MINUTE

    @rule(
        code=codes,
        number=st.sampled_from("12"),
        items=bodies,
        ordered=lists_of_items,
        carrier=carriers,
        late=st.booleans(),
    )
    def invoice(self, code: str, number: str, items: Items, ordered: Items, carrier: Carrier, *, late: bool) -> None:
        """Hear of an invoice, perhaps of one older than all that was heard."""
        self.stamp += 1
        at = NOW - self.stamp if late else NOW + self.stamp
        body = Invoice(number=number, items=items, dated_at=at)
        event = OrderInvoiced(order_id=IDS[code], occurred_at=at, invoice=body, items=dict(ordered), carrier=carrier)
        self.store.hear(code, event)

    @rule(code=codes, number=st.sampled_from("123"), items=bodies, ordered=lists_of_items, late=st.booleans())
    def read_oms(self, code: str, number: str, items: Items, ordered: Items, *, late: bool) -> None:
        """Read the OMS, perhaps by a reading that began before all that was heard; its packages are fallible."""
        self.stamp += 1
        package = Invoice(number=number, items=items, source=Source.SNAPSHOT)
        found = OmsOrder(order_id=IDS[code], status="invoiced", items=dict(ordered), invoices=(package,))
        self.store.read_oms(code, found, NOW - self.stamp if late else NOW + self.stamp)

    @rule(
        code=codes, by=st.sampled_from(Announcer), state=st.sampled_from(("INVOICED", "PACKING")), packed=st.booleans()
    )
    def announce(self, code: str, by: Announcer, state: str, *, packed: bool) -> None:
        """Hear that something happened, which alone allows nothing; a box may be packed meanwhile."""
        self.store.truths[code].packed |= packed
        self.store.hear(code, OrderAnnounced(order_id=IDS[code], occurred_at=NOW, by=by, state=state))

    @rule(code=codes, news=st.sampled_from(("a cancel", "a label", "a label", *Carrier)))
    def hear(self, code: str, news: str) -> None:
        """Hear of a cancel, or SkyHub's word on the carrier; or SkyHub becomes ready for the order."""
        if news == "a cancel":
            self.store.hear(code, canceled(code, self.store.now))
        elif news == "a label":
            self.store.skyhub.labelled.setdefault(code, self.store.now)
        else:
            self.store.learn(code, Carrier(news))

    # ---- requesting

    @rule(wait=waits | st.just(11 * DAY), lag=lags, whole=st.booleans(), shipped=st.booleans())
    def round(self, wait: int, lag: int, *, whole: bool, shipped: bool) -> None:
        """Do one round of the pickup drain, whose process dies before it sends, perhaps after a long silence."""
        self.store.now += wait
        self.store.round(lag, whole=whole, shipped=shipped)

    @rule(wait=waits, lag=lags, whole=st.booleans(), data=st.data())
    def request(self, wait: int, lag: int, data: st.DataObject, *, whole: bool) -> None:
        """Do one round of the pickup drain, and send its calls."""
        self.round(wait, lag, whole=whole, shipped=False)
        while calls := self._unsent():
            self._send(calls[0], data)

    @precondition(lambda self: self._unsent())
    @rule(wait=waits, data=st.data())
    def send_late(self, wait: int, data: st.DataObject) -> None:
        """Send a call that was claimed before, if its claim outlives the call."""
        self.store.now += wait
        self._send(data.draw(st.sampled_from(self._unsent())), data)

    def _unsent(self) -> list[Call]:
        return [call for call in self.store.calls if call.outcome is None]

    def _send(self, call: Call, data: st.DataObject) -> None:
        """SkyHub acts on all, some or none of the call, at once or late; the answer may come, come late, or never."""
        now = self.store.now
        if now + CALL_MS >= call.claimed_until:
            call.outcome = NoEffect(Cause.NOT_SENT, "the claim is too old")
        else:
            acted = data.draw(st.sampled_from((len(call.rounds), *range(len(call.rounds) + 1))))
            outcomes = NO_EFFECT if acted == 0 else FULL_EFFECT if acted == len(call.rounds) else PART_EFFECT
            call.outcome = data.draw(st.sampled_from(outcomes))
            self._act(call, acted, now + data.draw(st.sampled_from((0, CALL_MS))), sticky=data.draw(st.booleans()))
        fate = data.draw(st.sampled_from(("answered", "answered", "late", "lost")))
        if fate == "answered":
            self.store.answer(call, data.draw(draws))
        elif fate == "lost":
            self.store.calls.remove(call)

    def _act(self, call: Call, acted: int, at: int, *, sticky: bool) -> None:
        for code, round_ in list(call.rounds.items())[:acted]:
            self.store.skyhub.accept(code, round_, at)
            if sticky and not self.store.truths[code].forgotten:
                self.store.skyhub.sticky.add(code)

    @precondition(lambda self: len(self._unsent()) < len(self.store.calls))
    @rule(data=st.data(), draw=draws)
    def hear_a_late_answer(self, data: st.DataObject, draw: float) -> None:
        """However much happened since."""
        self.store.answer(
            data.draw(st.sampled_from([call for call in self.store.calls if call.outcome is not None])), draw
        )

    # ---- operators

    @rule(code=codes, wish=st.sampled_from(WISHES))
    def operate(self, code: str, wish: str) -> None:
        """Grant a wish; or the Redis server comes back without its last writes.

        A retry lifts the cancel that ended the order.
        """
        store, order, truth = self.store, self.store.orders[code], self.store.truths[code]
        with suppress(IllegalTransitionError):
            if wish == "release":
                store.save(code, release(order, "why", store.policy, store.now))
                truth.released = True
            elif wish == "retry":
                store.save(code, retry_anew(order, "why", self.store.policy, store.now))
                if order.status is Status.CANCELED:
                    truth.lift_cancel()
            elif wish == "discard":
                store.save(code, discard(order, "why", store.now))
            elif wish == "restart":
                store.restart(1 + store.now // SECOND % 4)
            else:
                store.set_carrier(code, Carrier(wish))

    @precondition(lambda self: any(self._may_undo(code) for code in CODES))
    @rule(data=st.data(), wait=st.sampled_from((SECOND, 2 * MINUTE)))
    def undo_and_request_again(self, data: st.DataObject, wait: int) -> None:
        """Ungroup the label of a requested order; ask for it again once SkyHub lists it past the settling delay."""
        code = data.draw(st.sampled_from([code for code in CODES if self._may_undo(code)]))
        store = self.store
        store.skyhub.undo(code, store.now)
        store.now += wait
        with suppress(IllegalTransitionError):
            past = wait > self.store.policy.settling_ms
            store.save(code, request_again(store.orders[code], "why", store.now, listed_past_settling=past))
            store.truths[code].lift_cancel()

    def _may_undo(self, code: str) -> bool:
        requested = self.store.orders[code].status is Status.REQUESTED
        return requested and self.store.skyhub.has(code, self.store.now) and not self.store.truths[code].forgotten

    # ---- the promises

    @invariant()
    def no_order_can_be_claimed_out_of_turn(self) -> None:
        """Never early, never Correios, never twice: also whoever does not ask the lists is held by the rules."""
        for code, order in self.store.orders.items():
            with suppress(IllegalTransitionError):
                claim(order, code, "rogue", 1, self.store.policy, self.store.now)
                truth = self.store.truths[code]
                truth.check_claim(order)
                assert truth.forgotten or not self.store.skyhub.has(code, self.store.now), order

    @invariant()
    def what_skyhub_has_is_known_or_in_doubt(self) -> None:
        """Never twice: an accepted order is not certainly open, unless the server forgot."""
        for code, order in self.store.orders.items():
            assert self._knows(code, order), order

    def _knows(self, code: str, order: Order) -> bool:
        if self.store.truths[code].forgotten or not self.store.skyhub.has(code, self.store.now):
            return True
        return order.uncertain or order.status in (Status.REQUESTING, Status.REQUESTED)

    @invariant()
    def what_stands_still_says_why(self) -> None:
        """Never lost: every order that waits, or ended without its pickup, is explained."""
        for order in self.store.orders.values():
            assert order.reason or order.status in (Status.DUE, Status.REQUESTING)

    def teardown(self) -> None:
        """Never lost: once the world is calm, what should be requested is; a repair is an operator's retry."""
        store = self.store
        store.calls.clear()
        store.skyhub.sticky.clear()
        for truth in store.truths.values():
            truth.packed = True
        store.skyhub.labelled |= {code: store.now for code in CODES if code not in store.skyhub.labelled}
        for turn in range(12):
            store.now += HOUR
            store.round(0, whole=turn % 3 > 0, shipped=False)
            for call in list(store.calls):
                call.outcome = Accepted()
                self._act(call, len(call.rounds), store.now, sticky=False)
                store.answer(call, 0.0)
            for code, order in store.orders.items():
                if order.learn_at is not None:
                    store.learn(code, Carrier.DIRECT)
                if turn == 6:
                    self.operate(code, "retry")
        for code, order in store.orders.items():
            self._check_the_end(code, order)

    def _check_the_end(self, code: str, order: Order) -> None:
        truth = self.store.truths[code]
        requested = order.status is Status.REQUESTED
        assert requested or not truth.may_be_requested, order
        assert requested or order.status in (Status.WAITING, Status.SKIPPED, Status.CANCELED), order
        undone = Attention.LISTED_AFTER_REQUEST in order.attention
        assert not requested or self.store.skyhub.has(code, self.store.now) or undone or truth.forgotten, order


TestWorld = World.TestCase
TestWorld.settings = settings(max_examples=3 * settings().max_examples, stateful_step_count=30)
