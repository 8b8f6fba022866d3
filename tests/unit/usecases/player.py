"""A store played at random: news, faults, deaths and operators around the use cases, and what is really true."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from random import Random

from tests.fakes.fake_skyhub import ROWS, TAKEN_BUT_UNCLEAR, UNCLEAR_WITHOUT_EFFECT, Delivery, During, Step
from tests.unit.domain.builders import SECOND, an_invoice, canceled
from tests.unit.usecases.truth import CARRIERS, CODES, UNITS, Truth
from tests.unit.usecases.world import (
    KilledError,
    TimedWorld,
    announcement,
    at_skyhub,
    die,
    event,
    in_oms,
    order_id,
    skyhub_code,
)
from worker.domain.confirmation import Cause, NoEffect, Refused, WrongCall
from worker.domain.events import Announcer, Event
from worker.domain.order import Attention, Order, Status
from worker.ports import PermanentError, TransientError
from worker.usecases.operate import Answer

# The settling delay covers a list as old as this.
MOST_LAG = 40 * SECOND
UNDONE = Delivery(listed_at=0)
# Complete, and never collectable: for its sake the lists are looked at again and again.
DECOY = "99"
STEPS = (
    *(UNCLEAR_WITHOUT_EFFECT, TAKEN_BUT_UNCLEAR, Step(Refused("invalido")), Step(Refused("invalido"), effect=True)),
    *(Step(Refused("entrega 12 invalida")), Step(Refused("etiqueta nao encontrada"))),
    *(Step(NoEffect(cause, "no effect")) for cause in Cause if cause is not Cause.NOT_SENT),
    *(Step(WrongCall("SkyHub answered 404")), Step(WrongCall("SkyHub answered 404"), effect=True)),
)
ERRORS = (TransientError("503"), TransientError("429", 30.0), PermanentError("403"))


class Player:
    """Plays one store; SkyHub tells it of every pickup that it takes, and it objects to what may not be."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a game
        self.world = TimedWorld()
        self.skyhub = self.world.skyhub
        self.world.policy = replace(self.world.policy, absent_ms=600 * SECOND)
        self.world.tuning = replace(self.world.tuning, batch=self.random.choice((1, 2, 25)), requested_pages=1)
        self.truths = {code: Truth(carrier) for code, (carrier, _) in CARRIERS.items()}
        self.told: list[tuple[str, Event]] = []
        self.in_inbox: list[tuple[str, Event]] = []
        self.allowed: set[str] = set()
        self.dates = 0
        self.calm = False
        if self.random.random() < 0.7:
            self.world.with_oms()
        if self.random.random() < 0.3:
            self.world.with_boxes()
            for truth in self.truths.values():
                truth.packed = False
        panel = [f"8{number}" for number in range(self.random.choice((0, 2 * ROWS)))]
        self.skyhub.label(*panel)
        self.skyhub.take(*panel)
        self.world.due(DECOY)
        self.skyhub.lag_ms = self.random.choice((0, MOST_LAG))
        self.skyhub.sticky = self.random.random() < 0.3
        self.skyhub.watch = self.check
        self.world.before_claim = self.remember
        for _ in CODES:
            self.label()
        self.remember()

    # ---- the promises, at SkyHub

    def remember(self) -> None:
        """Note what may be requested, and what Redis holds, as a claim is about to be saved."""
        kept = self.world.plain.kept
        self.allowed = {code for code, truth in self.truths.items() if truth.may_be_requested}
        self.documents = dict(kept.documents)
        self.keys = {name: replace(key) for name, key in kept.keys.items()}

    def check(self, code: str) -> None:
        """Fail if this pickup may not be taken now."""
        assert code in self.allowed, f"{code} was requested early, canceled, or by the wrong carrier"
        number = self.skyhub.deliveries[code].round
        assert not self.skyhub.accepted[code, number], f"{code} was requested twice"

    # ---- what happens

    def play(self, steps: int) -> None:
        """Let so many things happen."""
        weights = {
            self.tell: 12,
            self.tell_the_inbox: 3,
            self.repeat: 2,
            self.drain: 4,
            self.learn: 4,
            self.miss: 3,
            self.announce: 4,
            self.reread: 5,
            self.reconcile: 2,
            self.pack: 3,
            self.label: 8,
            self.wait: 20,
            self.request: 30,
            self.undo: 8,
            self.operate: 8,
            self.pause: 1,
            self.change: 1,
        }
        for happen in self.random.choices(list(weights), list(weights.values()), k=steps):
            happen()

    def news(self) -> tuple[str, Event]:
        """Make up an invoice, whole or in parts, or now and then a cancel."""
        code = self.random.choice(CODES)
        self.dates += 1
        if self.random.random() < 0.03:
            return code, canceled(order_id=order_id(code), at=self.dates)
        units = self.random.choice((1, 2, UNITS, UNITS))
        body = an_invoice(self.random.choice("12"), {"a": units}, dated_at=self.dates)
        told = event(code, body, ordered={"a": UNITS}, carrier=CARRIERS[code][1], at=self.dates)
        self.told.append((code, told))
        return code, told

    def tell(self, news: tuple[str, Event] | None = None) -> None:
        """Record news at once."""
        code, told = news if news is not None else self.news()
        self.world.hear(told)
        self.truths[code].hear(told)

    def repeat(self) -> None:
        """Record once more what was told before."""
        if self.told:
            self.tell(self.random.choice(self.told))

    def miss(self) -> None:
        """Invoice some units in the OMS alone: no door ever tells of them."""
        truth = self.truths[self.random.choice(CODES)]
        if self.world.policy.oms and not truth.missed:
            truth.missed = self.random.choice((1, 2, UNITS))

    def announce(self) -> None:
        """Announce something of an order that names no invoice, in any state, perhaps of an order of others."""
        code = self.random.choice((*CODES, "5"))
        state = self.random.choice(("invoiced", "handling", "", "INVOICED", "PACKING", "CANCELED"))
        self.world.plain.append([announcement(code, self.random.choice(list(Announcer)), state)])

    def pack(self) -> None:
        """Let a box be packed, or tell by a webhook that it is although nobody knows it."""
        code = self.random.choice(CODES)
        if self.random.random() < 0.7:
            self.truths[code].packed = True
            self.world.boxes.statuses[order_id(code)] = self.random.choice(("INVOICED", "READY_FOR_INVOICING"))
        self.world.plain.append([announcement(code, Announcer.PICK_AND_PACK, "READY_FOR_SHIPPING")])

    def reread(self) -> None:
        """Read the OMS again; its copies of what was pushed are fallible, and it may be in trouble."""
        for code, truth in self.truths.items():
            copies = [
                {"a": self.random.choice((0, 1, UNITS, 9))} if number in truth.invoices else {} for number in "12"
            ]
            missed = [{"a": truth.missed}] if truth.missed else []
            self.world.oms.orders[order_id(code)] = in_oms(code, *copies, *missed, ordered={"a": UNITS})
        if self.random.random() < 0.3:
            self.world.oms.during.append(self.tell)
        self.work(lambda: self.world.reread(self.random.choice("ab")))

    def reconcile(self) -> None:
        """Look at what SkyHub lists, while another writer may be faster."""
        if self.random.random() < 0.5:
            self.skyhub.during[During.PAGE].append(self.one_of(self.tell, self.slow(40), die))
        self.work(lambda: self.world.reconcile(self.random.choice("ab")))

    def tell_the_inbox(self) -> None:
        """Put news into the inbox."""
        self.in_inbox.append(self.news())
        self.world.plain.append([self.in_inbox[-1][1]])

    def drain(self) -> None:
        """Fold the inbox, while another writer may be faster."""
        if self.random.random() < 0.5:
            self.world.raced.faster.append(self.tell)
        self.world.drain(batch=2)
        for code, told in self.in_inbox:
            self.truths[code].hear(told)
        self.in_inbox.clear()

    def wait(self) -> None:
        """Let time pass."""
        self.world.advance(self.random.choice((1, 5, 20, 61, 61, 120, 300, 900)))

    def label(self) -> None:
        """Make a delivery collectable, and let SkyHub know its order."""
        code = self.random.choice(CODES)
        if code not in self.skyhub.deliveries:
            self.skyhub.label(code)
            self.skyhub.orders[skyhub_code(code)] = at_skyhub(code, CARRIERS[code][0])

    def request(self) -> None:
        """Run the pickups, with something going wrong more often than not."""
        during = self.skyhub.during
        self.scan = self.world.plain.kept.scan
        if self.random.random() < 0.8:
            self.resume()
        if self.random.random() < 0.6:
            self.skyhub.script.append(self.random.choice(STEPS))
        if self.random.random() < 0.5:
            during[During.PAGE].append(self.one_of(*[self.tell, self.slow(40)] * 9, self.pause, self.change))
        if self.random.random() < 0.3:
            during[During.CONNECTED].append(self.one_of(self.tell, self.slow(25), self.successor, die))
        if self.random.random() < 0.3:
            during[During.SENT].append(self.one_of(self.tell, self.slow(19), die))
        if self.random.random() < 0.5:
            during[During.DONE].append(self.one_of(self.tell, self.slow(200), *[die, self.successor] * 2, self.forget))
        self.work(lambda: self.world.pickups(self.random.choice("ab")))

    def learn(self) -> None:
        """Learn, perhaps while SkyHub is in trouble."""
        self.work(lambda: self.world.learn(self.random.choice("ab")))

    def work(self, job: Callable[[], object]) -> None:
        """Run a job in a process that may die, at a SkyHub that may be in trouble."""
        if not self.calm and self.random.random() < 0.2:
            self.skyhub.faults[self.random.choice(("", "false:1", "true:1", "true:2"))] = self.random.choice(ERRORS)
        if not self.calm and self.random.random() < 0.2:
            self.world.oms.faults[""] = self.world.boxes.fault = self.random.choice(ERRORS)
        with suppress(KilledError):
            job()
        self.skyhub.faults.clear()
        self.world.oms.faults.clear()
        self.world.boxes.fault = None

    def one_of(self, *choices: Callable[[], object]) -> Callable[[], object]:
        return self.random.choice(choices)

    def slow(self, seconds: int) -> Callable[[], object]:
        """Take so long for it at the most."""
        taken = self.random.randint(1, seconds)
        return lambda: self.world.advance(taken)

    def successor(self) -> None:
        """Sleep through every lease, and let another process go on meanwhile."""
        self.world.advance(self.random.choice((31, 46, 110)))
        self.request()

    def forget(self) -> None:
        """Let another server answer that has not heard of the claims on their way, nor of what was read before."""
        kept = self.world.plain.kept
        for code in self.skyhub.sent[-1]:
            name = order_id(code)
            if kept.documents[name].version == self.documents[name].version + 1:
                self.truths[code].forgotten = True
                kept.documents[name] = self.documents[name]
                number = self.documents[name].order.round
                kept.keys.pop((code, number), None)
                kept.keys |= {key: known for key, known in self.keys.items() if key == (code, number)}
        kept.scan = self.scan
        self.change()

    def change(self) -> None:
        """Let another server answer."""
        self.world.fleet.server_id += "'"

    # ---- people

    def pause(self) -> None:
        """Pause the store."""
        self.world.pause()

    def resume(self) -> None:
        """End an operator's pause."""
        if self.world.paused.active and self.world.paused.by == "operator":
            self.world.resume()

    def undo(self) -> None:
        """Ungroup a label at SkyHub."""
        code = self.random.choice(CODES)
        if code in self.skyhub.deliveries and self.skyhub.deliveries[code].taken_at is not None:
            self.skyhub.undo(code)

    def operate(self) -> None:
        """Do what an operator does about each order that needs one, after a look at SkyHub."""
        for order in [known.order for known in self.world.plain.load(map(order_id, CODES))[0].values()]:
            if order.status is Status.FAILED:
                self.wish(self.world.operate().retry, order)
            undone = self.skyhub.deliveries.get(order.codes[0], UNDONE).taken_at is None
            if undone and Attention.LISTED_AFTER_REQUEST in order.flags and order.canceled_at is None:
                self.wish(self.world.operate().request_again, order)

    def wish(self, act: Callable[[list[str], str], Iterable[Answer]], order: Order) -> None:
        """Wish something of an order, while another writer may be faster; whatever the answer."""
        if not self.calm and self.random.random() < 0.5:
            self.world.raced.faster.append(self.tell)
        self.work(lambda: list(act([order.order_id], "why")))
        self.world.raced.faster.clear()
