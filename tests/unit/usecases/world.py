"""The world of a use case: one store's ledger, SkyHub, and a clock. Orders are named by their remote codes."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

from tests.fakes.fake_oms import FakeOms
from tests.fakes.fake_pick_and_pack import FakePickAndPack
from tests.fakes.fake_skyhub import FakeSkyHub
from tests.fakes.later import Later
from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.unit.domain.builders import NOW, SECOND, an_invoice, invoiced
from worker.domain.events import Announcer, Event, OrderAnnounced
from worker.domain.facts import Carrier, OmsOrder, SkyHubLine, SkyHubOrder, SkyHubStatus
from worker.domain.invoices import Invoice, Items, Source
from worker.domain.order import Order, Status
from worker.domain.policy import Policy
from worker.ports import Change, Drain, Ledger, Pause, Saved
from worker.usecases.confirm_batch import ConfirmBatch
from worker.usecases.learn_order import Learned, LearnOrders
from worker.usecases.operate import Operate
from worker.usecases.pause_store import pause_taken_out, resume_put_back
from worker.usecases.poll_feed import Polled, PollFeed
from worker.usecases.reconcile import Looked, Reconcile
from worker.usecases.record_invoices import Recorded, drain_inbox, record_now
from worker.usecases.request_pickups import Requested, RequestPickups, Tuning
from worker.usecases.reread_orders import Reread, RereadOrders
from worker.usecases.sweep import Timed, sweep
from worker.usecases.two_at_a_time import Threads

STORE = "acme"
BEARER = "bearer"
SWEEP_MS = 10 * SECOND
POLICY = Policy(affiliate="BWW")


def order_id(code: str) -> str:
    """Name the order as the ledger does."""
    return f"BWW-Lojas_Americanas-{code}"


def skyhub_code(code: str) -> str:
    """Name the order as SkyHub does."""
    return f"Lojas Americanas-{code}"


def event(
    code: str,
    invoice: Invoice | None = None,
    *,
    ordered: Mapping[str, int] | None = None,
    carrier: Carrier = Carrier.DIRECT,
    at: int = NOW,
) -> Event:
    """Report the only item of a Direct order as invoiced, unless told otherwise."""
    body = invoice if invoice is not None else an_invoice(dated_at=at)
    return invoiced(body, ordered=ordered, carrier=carrier, at=at, order_id=order_id(code))


def at_skyhub(
    code: str,
    carrier: Carrier = Carrier.DIRECT,
    status: SkyHubStatus = SkyHubStatus.INVOICED,
    lines: tuple[SkyHubLine, ...] = (),
) -> SkyHubOrder:
    """Say what SkyHub does of the order."""
    return SkyHubOrder(skyhub_code(code), code, status, carrier, lines)


def in_oms(
    code: str,
    *packages: Items,
    ordered: Items | None = None,
    status: str = "handling",
    canceled: bool = False,
    canceled_at: int | None = None,
) -> OmsOrder:
    """Say what the OMS does of an order of one unit of `a`, unless told otherwise: a package an invoice, numbered."""
    return OmsOrder(
        order_id=order_id(code),
        status=status,
        items={"a": 1} if ordered is None else ordered,
        invoices=tuple(
            Invoice(number=str(number), items=items, source=Source.SNAPSHOT) for number, items in enumerate(packages, 1)
        ),
        canceled=canceled,
        canceled_at=canceled_at,
    )


def announcement(
    code: str, by: Announcer = Announcer.HOOK, state: str = "invoiced", *, at: int = NOW
) -> OrderAnnounced:
    """Announce an order as VTEX does, by its VTEX id."""
    return OrderAnnounced(order_id=order_id(code), occurred_at=at, by=by, state=state, vtex_id=order_id(code))


def never() -> bool:
    """Neither stop nor late."""
    return False


def taken_out(ledger: Ledger) -> None:
    """Find the store taken out of the stores file, as a sweep does."""
    pause_taken_out(ledger, ledger.standing(Drain.PICKUPS).pause)


def put_back(ledger: Ledger) -> None:
    """Find the store in the stores file again, as a sweep does."""
    resume_put_back(ledger, ledger.standing(Drain.PICKUPS).pause)


def after(times: int) -> Callable[[], bool]:
    """Stop, or late, once it was asked that often."""
    asked = count(1)
    return lambda: next(asked) > times


class KilledError(Exception):
    """The process dies here."""


def die() -> None:
    """Kill the process."""
    raise KilledError


class World:
    """One store on any ledger; `seconds` is the clock of its leases, `put` and `counters` look behind the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        seconds: Callable[[], float],
        put: Callable[[str], object],
        counters: Callable[[], Mapping[str, int]],
    ) -> None:
        self.ledger = ledger
        self.now = ledger.now
        self.put = put
        self.counters = counters
        self.skyhub = FakeSkyHub(ledger.now)
        self.oms = FakeOms()
        self.boxes = FakePickAndPack()
        self.policy = POLICY
        self.tuning = Tuning()
        self.draw = 0.0
        self.threads: Threads = Later
        self.before_claim: Callable[[], object] = never
        self._seconds = seconds
        self._tokens = count(1)

    def hear(self, *events: Event) -> None:
        """Record events at once."""
        for each in events:
            record_now(self.ledger, self.policy, each, "")

    def due(self, *codes: str) -> None:
        """Record orders that are complete and Direct."""
        self.hear(*map(event, codes))

    def ready(self, *codes: str) -> None:
        """Record orders that are complete and Direct, and whose labels are printed."""
        self.due(*codes)
        self.skyhub.label(*codes)

    def order(self, code: str) -> Order:
        return self.ledger.load([order_id(code)])[0][order_id(code)].order

    def statuses(self, *codes: str) -> list[Status]:
        return [self.order(code).status for code in codes]

    def pickups(
        self, token: str = BEARER, stop: Callable[[], bool] = never, late: Callable[[], bool] = never
    ) -> Requested:
        """Run the drain of due orders."""
        confirming = ConfirmBatch(
            ledger=self.ledger,
            skyhub=self.skyhub,
            token=self._token,
            draw=lambda: self.draw,
            clock=self._seconds,
        )
        return RequestPickups(
            ledger=self.ledger,
            skyhub=self.skyhub,
            policy=self.policy,
            tuning=self.tuning,
            confirming=confirming,
            draw=lambda: self.draw,
            stop=stop,
            late=late,
            packing=self.boxes,
            threads=self.threads,
        ).run(token)

    def _token(self) -> str:
        """Name a claim; between the check of the lease and the claim's save, so that something can happen here."""
        self.before_claim()
        return f"claim-{next(self._tokens)}"

    def learn(self, token: str = BEARER, stop: Callable[[], bool] = never) -> Learned:
        """Run the drain of the wish to learn."""
        return LearnOrders(
            ledger=self.ledger,
            skyhub=self.skyhub,
            policy=self.policy,
            draw=lambda: self.draw,
            stop=stop,
            late=never,
        ).run(token)

    def reread(self, token: str = BEARER, late: Callable[[], bool] = never) -> Reread:
        """Run the drain of the wish to read the OMS again."""
        oms = self.oms if self.policy.oms else None
        return RereadOrders(ledger=self.ledger, oms=oms, policy=self.policy, draw=lambda: self.draw, late=late).run(
            token
        )

    def poll(self, token: str = BEARER, late: Callable[[], bool] = never) -> Polled:
        """Run the drain of the orders feed."""
        return PollFeed(ledger=self.ledger, oms=self.oms, policy=self.policy, draw=lambda: self.draw, late=late).run(
            token
        )

    def reconcile(self, token: str = BEARER, stop: Callable[[], bool] = never) -> Looked:
        """Look at all that SkyHub lists."""
        return Reconcile(
            ledger=self.ledger, skyhub=self.skyhub, policy=self.policy, draw=lambda: self.draw, stop=stop
        ).run(token)

    def with_oms(self) -> None:
        """Give the store an OMS."""
        self.policy = replace(self.policy, oms=True)

    def with_boxes(self) -> None:
        """Let the store require boxes to be packed."""
        self.policy = replace(self.policy, require_packed=True)

    def drain(self, batch: int = 100, stop: Callable[[], bool] = never) -> Recorded:
        """Fold the inbox into the orders."""
        return drain_inbox(self.ledger, self.policy, batch=batch, renew_seconds=2.5, stop=stop)

    def operate(self, *, dry_run: bool = False) -> Operate:
        """Give an operator's wishes."""
        return Operate(ledger=self.ledger, skyhub=self.skyhub, policy=self.policy, dry_run=dry_run)

    def pause(self, by: str = "operator", probe_in: int = 0) -> None:
        """Stop the store's calls."""
        assert self.ledger.pause(self.paused, by, "because", probe_in, self.paused.growth)

    def resume(self) -> None:
        """End the store's pause as an operator does."""
        assert self.ledger.resume(self.paused, growth=self.paused.growth)

    @property
    def paused(self) -> Pause:
        return self.ledger.standing(Drain.PICKUPS).pause


class RacedLedger(MemoryLedger):
    """A ledger that shares what `plain` keeps, where others may be faster.

    Each of `faster` happens before a save, each of `faster_to_pause` before the store's pause is changed.
    """

    def __init__(self, plain: MemoryLedger) -> None:
        super().__init__(plain.store, plain.now, plain.limits, plain.lock, plain.server)
        self.kept = plain.kept
        self.faster: deque[Callable[[], object]] = deque()
        self.faster_to_pause: deque[Callable[[], object]] = deque()

    def _set_pause(self, before: Pause, after: Pause) -> bool:
        if self.faster_to_pause:
            self.faster_to_pause.popleft()()
        return super()._set_pause(before, after)

    def _save(self, change: Any) -> Any:  # noqa: ANN401 - as the ledger's
        if self.faster:
            self.faster.popleft()()
        return super()._save(change)


class TimedWorld(World):
    """A store in memory, whose time passes only here. `plain` is the ledger as everybody else sees it."""

    def __init__(self) -> None:
        self.fleet = MemoryFleet()
        self.clock = self.fleet.clock
        self.plain = self.fleet.ledger(STORE)
        self.raced = RacedLedger(self.plain)
        super().__init__(self.raced, lambda: self.clock() / 1000, self.plain.put, lambda: self.plain.kept.counters)
        self.timed: dict[Drain, Timed] = {}

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(round(seconds * 1000))

    def touch(self, code: str) -> None:
        """Save an order as another writer does, with one more line of history."""
        stored = self.plain.load([order_id(code)])[0][order_id(code)]
        noted = stored.order.noted(self.now(), "somebody.looked")
        assert isinstance(self.plain.save([Change(order=noted, version=stored.version)])[0], Saved)

    def sweeps(self, seconds: float, every_ms: int = SWEEP_MS) -> None:
        """Let time pass while beat sweeps and a worker runs what it hints at."""
        runs: dict[Drain, Callable[[], object]] = {
            Drain.INBOX: self.drain,
            Drain.PICKUPS: self.pickups,
            Drain.LEARN: self.learn,
            Drain.REREAD: self.reread,
            Drain.FEED: self.poll,
            Drain.RECONCILE: self.reconcile,
        }
        until = self.clock() + seconds * 1000
        while self.clock() < until:
            self.clock.advance(every_ms)
            wanted: list[tuple[str, Drain]] = []
            found = partial(_append, wanted)
            sweep(
                self.fleet,
                [STORE],
                found,
                sweep_ms=every_ms,
                retention_ms=self.fleet.limits.retention_ms,
                timed=self.timed,
            )
            for _, drain in wanted:
                runs[drain]()

    def requests(self, *codes: str) -> list[int]:
        """How often SkyHub accepted each code, in all rounds."""
        return [sum(n for (known, _), n in self.skyhub.accepted.items() if known == code) for code in codes]


def _append(found: list[tuple[str, Drain]], store: str, drain: Drain, _delay_ms: int) -> None:
    found.append((store, drain))


def pages(world: World, kind: str) -> Sequence[str]:
    """Return the pages of one list that were read, in order: `false`, `true` or `invoiced`."""
    return [what.partition(":")[2] for what in world.skyhub.read if what.startswith(f"{kind}:")]
