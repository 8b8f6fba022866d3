"""One store in the model: its Redis, SkyHub, OMS and doors, its worker processes, and the judge of the promises."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from tests.fakes.fake_skyhub import Delivery
from tests.fakes.memory_ledger import MemoryFleet
from tests.faults.model_ledger import Failover, ModelLedger
from tests.faults.model_process import Process, Stop
from tests.faults.model_skyhub import SECOND, Market
from tests.faults.model_truth import CARRIERS, CODES, UNITS, Truth
from tests.unit.usecases.world import STORE, announcement, at_skyhub, skyhub_code
from worker.domain.events import Announcer, Event
from worker.domain.facts import Carrier, SkyHubLine
from worker.domain.order import At, Order, Status
from worker.domain.policy import Policy
from worker.ports import Change, Drain, Drop, TakeKey

PROCESSES = ("a", "b", "c")
FORGOTTEN = "another server, writes forgotten"
PANEL = 25  # pickups that people requested before: more than a page of `requested=true`


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a store is like in one run. `sticky`: SkyHub's `requested=false` goes on to list what was requested.

    `panel`: people requested other pickups before, so that one round cannot read all of `requested=true`. `boxed`: the
    store requests nothing that is not packed. `fallible`: of an invoice that the ledger was told of by an event, the
    OMS shows all units of the order.
    """

    oms: bool = False
    lag_ms: int = 0
    sticky: bool = False
    panel: bool = False
    boxed: bool = False
    fallible: bool = False
    batch: int = 25


class World:
    """One store. `broken` lists the promises that broke, `struck` counts the faults that landed, `story` what happened.

    `sold` is what is really true of each order, `known` what the ledger was told of it. `acknowledged` holds what a
    door or the OMS must not lose, `forgotten` what was, by a change of server that the design allows.
    """

    settling_ms = 60 * SECOND

    def __init__(self, setting: Setting, job: Callable[["World", Process, str], object]) -> None:
        self.setting = setting
        self.job = job
        self.story: list[tuple[float, str, str]] = []
        self.broken: list[tuple[str, str]] = []
        self.landed: Counter[str] = Counter()
        self.requesting = 0
        self.sold = {code: Truth(code, packed=not setting.boxed) for code in CODES}
        self.known = dict(self.sold)
        self.acknowledged: list[tuple[str, Event]] = []
        self.forgotten: list[tuple[str, Event]] = []
        self.queue: list[tuple[str, Event]] = []
        self.fleet = MemoryFleet()
        self.clock = self.fleet.clock
        self._began = self.clock()
        self.ledger = ModelLedger(self.fleet, STORE)
        self.fleet.ledgers[STORE] = self.ledger
        self.ledger.written, self.ledger.dropped = self._written, self._dropped
        self.failover = Failover(self.ledger, lambda: dict(self.known))
        self.market = Market(self.clock, lag_ms=setting.lag_ms, sticky=setting.sticky, broke=self.broke)
        lines = (SkyHubLine("a", "a", UNITS),)
        self.market.orders = {
            skyhub_code(code): at_skyhub(code, carrier, lines=lines) for code, (carrier, _) in CARRIERS.items()
        }
        if setting.panel:
            self.market.deliveries |= {f"8{n}": Delivery(0, 0) for n in range(PANEL)}
        self.policy = Policy(
            affiliate="BWW", oms=setting.oms, require_packed=setting.boxed, settling_ms=self.settling_ms
        )
        self.processes = {name: Process(name, self.tell) for name in PROCESSES}
        self.current = self.processes["a"]
        self.ledger.standing(Drain.PICKUPS)
        self.advance(10 * SECOND)  # A store whose first second a failover forgets has had no server before.
        self._tokens = 0

    # ---- the judge

    def tell(self, who: str, what: str) -> None:
        """Add a line to the story."""
        self.story.append(((self.clock() - self._began) / 1000, who, what))

    def broke(self, promise: str, why: str) -> None:
        """Note a broken promise."""
        self.tell("!!", f"{promise}: {why}")
        self.broken.append((promise, why))

    def struck(self, fault: str) -> None:
        """Count a fault that really struck, and the orders whose request was on its way then."""
        self.landed[fault] += 1
        self.requesting += sum(held.order.status is Status.REQUESTING for held in self.ledger.kept.documents.values())
        self.tell("  ", f"fault: {fault}")

    def _written(self, change: Change) -> None:
        """Take what a save tells the ledger; judge a claim by all that it was told before."""
        process, order = self.current, change.order
        code = code_of(order.order_id)
        known = self.known.get(code)
        if known is None:
            return  # a pickup that people requested, which SkyHub still lists
        for entry in change.entries:
            known = known.heard(self.ledger.events[entry])
        self.known[code] = known = self._told(process, order, known)
        if isinstance(change.key, TakeKey):
            process.claims[change.key.code] = known.objection

    def _told(self, process: Process, order: Order, known: Truth) -> Truth:
        """Return what is known of an order after a process saved it in its job."""
        match process.doing.split():
            case ["record"]:
                return known.heard(cast("Event", process.answers["event"]))
            case ["reread"] if order.order_id in process.answers:
                return known.seen(cast("Truth", process.answers[order.order_id]))
            case ["pickups"] if process.answers.get(order.order_id):
                return replace(known, packed=True)
            case ["release", *_]:
                return replace(known, released=True)
            case ["retry" | "request-again" as act, *_]:
                if act == "request-again":
                    self.market.reopen(known.code)
                return known.retried() if order.canceled_at is None else known
            case ["set-carrier", _, carrier]:
                return known.named(cast("int", process.answers["now"]), Carrier(carrier))
        return known

    def _dropped(self, drop: Drop) -> None:
        """Take what says nothing new; nothing in this world is unreadable."""
        if drop.rejected is not None:
            self.broke("lost", drop.rejected.reason)
        event = self.ledger.events.get(drop.entry_id) if drop.entry_id else self.current.answers.get("event")
        if event is not None:
            told = cast("Event", event)
            code = code_of(told.order_id)
            self.known[code] = self.known[code].heard(told)

    def check(self) -> None:
        """Require what must hold at every moment: the keys agree with the documents, and no request is invented."""
        kept, now = self.ledger.kept, self.clock()
        for order in self.orders():
            code = code_of(order.order_id)
            if order.status is Status.REQUESTING:
                key = kept.keys.get((order.remote_code, order.round))
                claim = order.claim
                if key is None or claim is None or (key.order_id, key.token) != (order.order_id, claim.token):
                    self.broke("twice", f"{code} is claimed, and its idempotency key is not its own")
                if isinstance(order.at, At) and order.at.ms > now + self.policy.claim_ms:
                    self.broke("lost", f"the claim of {code} lasts for ever")
            if order.status is Status.REQUESTED and not self.accepted(code):
                self.broke("lost", f"{code} counts as requested, and SkyHub never took it")

    def accepted(self, code: str) -> int:
        """Return how many pickups of a code SkyHub took, in all rounds."""
        return sum(number for (taken, _), number in self.market.accepted.items() if taken == code)

    def orders(self) -> list[Order]:
        """Return all documents."""
        return [held.order for held in self.ledger.kept.documents.values()]

    # ---- time, and who acts

    def advance(self, ms: int) -> None:
        """Let time pass; what SkyHub does late happens when it is its time."""
        clock, until = self.clock, self.clock() + ms
        for at in sorted(at for at, _, _ in self.market.late if at <= until):
            clock.now = max(clock.now, at)
            self.market.catch_up()
        clock.now = until

    def advance_to(self, moment: int) -> None:
        """Let time pass until a moment, if it is yet to come."""
        self.advance(max(0, moment - self.clock()))

    def start(self, process: Process, doing: str, stop: Stop | None = None) -> None:
        """Let a process begin a job."""
        self.current = process
        self.tell(process.name, f"begins: {doing}")
        process.run(doing, partial(self.job, self, process, doing), stop)

    def go_on(self, process: Process, stop: Stop | None = None) -> None:
        """Let a process that stands still go on."""
        self.current = process
        process.go_on(stop)

    def kill(self, process: Process) -> None:
        """Kill a process in the middle of its job."""
        self.struck(f"{process.doing.split()[0]} killed")
        self.current = process
        process.kill()

    def token(self) -> str:
        """Name a claim."""
        self._tokens += 1
        return f"claim-{self._tokens}"

    # ---- what happens outside

    def door(self, code: str, event: Event, *, answered: bool = True) -> None:
        """Put an event into the inbox; unless it is `answered`, nobody was promised anything."""
        self.failover.replicate()
        self.ledger.append([event])
        if answered:
            self.acknowledged.append((code, event))

    def announce(self, code: str, by: Announcer, state: str) -> None:
        """Announce that something happened to an order."""
        self.failover.replicate()
        self.ledger.append([announcement(code, by, state, at=self.clock())])

    def pack(self, *codes: str) -> None:
        """Pack boxes."""
        self.sold |= {code: replace(self.sold[code], packed=True) for code in codes}

    def change_server(self, back: int) -> None:
        """Let another server answer, which has not got the last writes, so many as are a second old at the most."""
        known = self.failover.promote(back) if back else None
        self.struck(FORGOTTEN if known is not None else "another server, nothing forgotten")
        self.fleet.server_id += "'"
        if known is None:
            return
        self.known = known
        waiting = [self.ledger.events[entry] for entry in self.ledger.kept.inbox]
        lost = [
            (code, event)
            for code, event in self.acknowledged
            if event not in waiting and not self.known[code].knows(event)
        ]
        self.forgotten += lost
        self.acknowledged = [each for each in self.acknowledged if each not in lost]
        requested = {code_of(order.order_id) for order in self.orders() if order.status is Status.REQUESTED}
        self.market.unasked &= requested

    def undo(self, code: str) -> None:
        """Ungroup a label at SkyHub: the pickup is undone, and only an operator may ask for it again."""
        self.market.undo(code)
        if any(code_of(o.order_id) == code and o.status is Status.REQUESTED for o in self.orders()):
            self.market.unasked.add(code)


def code_of(name: str) -> str:
    """Return the remote code in an order's id."""
    return name.rpartition("-")[2]
