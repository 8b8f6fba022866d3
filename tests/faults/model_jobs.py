"""What a process of the model does: the real use cases, as the tasks run them, over connections that are its own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from redis.exceptions import RedisError

from tests.fakes.later import Later
from tests.faults.model_ledger import LedgerSeen
from tests.faults.model_process import Process
from tests.faults.model_skyhub import ERRORS, SkyHubSeen
from tests.faults.model_truth import UNITS
from tests.faults.model_world import World, code_of
from tests.unit.usecases.world import never, order_id
from worker.domain.facts import Carrier, OmsOrder
from worker.domain.invoices import Invoice, Source
from worker.ports import Ledger, Oms, SkyHub
from worker.usecases.confirm_batch import ConfirmBatch
from worker.usecases.learn_order import LearnOrders
from worker.usecases.next_drains import Done
from worker.usecases.operate import Answer, Operate
from worker.usecases.reconcile import Reconcile
from worker.usecases.record_invoices import drain_inbox, record_now
from worker.usecases.request_pickups import RequestPickups, Tuning
from worker.usecases.reread_orders import RereadOrders


def do(world: World, process: Process, doing: str) -> None:
    """Do a job, as a task does: a Redis that is away ends it. Hints are sent into the void, where all are lost."""
    what, *words = doing.split()
    job = Job(world, process)
    try:
        match what:
            case "inbox":
                job.inbox()
            case "record":
                job.record()
            case "pickups":
                job.pickups()
            case "learn":
                job.learn()
            case "reread":
                job.reread()
            case "reconcile":
                job.reconcile()
            case _:
                job.operate(what, *words)
    except RedisError:
        world.tell(process.name, "gives up: Redis is away")


class Job:
    """The use cases, wired for one process."""

    def __init__(self, world: World, process: Process) -> None:
        self.world, self.process, self.policy = world, process, world.policy
        self.ledger = cast("Ledger", LedgerSeen(process, world))
        self.skyhub = cast("SkyHub", SkyHubSeen(process, world.market, world.struck, world.advance_to))

    def inbox(self) -> None:
        self._hint(drain_inbox(self.ledger, self.policy, batch=2, renew_seconds=2.5, stop=never))

    def record(self) -> None:
        """Record what the Celery door was sent; acknowledged when it is recorded, else it comes again."""
        queue = self.world.queue
        if not queue:
            return
        code, event = queue[0]
        self.process.answers["event"] = event
        done = record_now(self.ledger, self.policy, event, "")
        if (code, event) in queue:  # unless another process was sent it too
            queue.remove((code, event))
        self.world.acknowledged.append((code, event))
        self._hint(done)

    def pickups(self) -> None:
        world = self.world
        confirming = ConfirmBatch(
            ledger=self.ledger,
            skyhub=self.skyhub,
            token=world.token,
            draw=_no_draw,
            clock=lambda: world.clock() / 1000,
        )
        done = RequestPickups(
            ledger=self.ledger,
            skyhub=self.skyhub,
            policy=self.policy,
            tuning=Tuning(batch=world.setting.batch, requested_pages=1 if world.setting.panel else 200),
            confirming=confirming,
            draw=_no_draw,
            stop=never,
            late=never,
            packing=BoxesSeen(self.process, world),
            threads=Later,
        ).run(self.process.name)
        self._hint(done)

    def learn(self) -> None:
        done = LearnOrders(
            ledger=self.ledger, skyhub=self.skyhub, policy=self.policy, draw=_no_draw, stop=never, late=never
        ).run(self.process.name)
        self._hint(done)

    def reread(self) -> None:
        oms = cast("Oms", OmsSeen(self.process, self.world)) if self.policy.oms else None
        done = RereadOrders(ledger=self.ledger, oms=oms, policy=self.policy, draw=_no_draw, late=never).run(
            self.process.name
        )
        self._hint(done)

    def reconcile(self) -> None:
        done = Reconcile(ledger=self.ledger, skyhub=self.skyhub, policy=self.policy, draw=_no_draw, stop=never).run(
            self.process.name
        )
        self._hint(done)

    def operate(self, what: str, code: str, *words: str) -> None:
        wish = _wish(Operate(ledger=self.ledger, skyhub=self.skyhub, policy=self.policy), what, *words)
        for answer in wish([order_id(code)], "why"):
            self.world.tell(self.process.name, type(answer).__name__)

    def _hint(self, done: Done) -> None:
        for drain in sorted(done.drains):
            self.ledger.hint(drain)


@dataclass(frozen=True, slots=True)
class OmsSeen:
    """The OMS as one process calls it: it knows all that was sold, but may be wrong about what events told of."""

    process: Process
    world: World

    def order(self, name: str) -> OmsOrder | None:
        _reach(self.process, self.world, f"OMS order {name}")
        sold, known = self.world.sold[code_of(name)], self.world.known[code_of(name)]
        if self.world.setting.fallible:
            copies = {number: (at, UNITS) for number, (at, _) in sold.pushed.items() if number in known.pushed}
            sold = replace(sold, pushed={**sold.pushed, **copies})
        self.process.answers[name] = sold
        return OmsOrder(
            order_id=name,
            status="handling",
            items={"a": UNITS},
            invoices=tuple(
                Invoice(number=number, items={"a": units}, source=Source.SNAPSHOT)
                for number, (_, units) in sold.pushed.items()
            ),
            canceled=sold.canceled_at is not None,
            canceled_at=sold.canceled_at,
        )


@dataclass(frozen=True, slots=True)
class BoxesSeen:
    """Pick and Pack as one process calls it."""

    process: Process
    world: World

    def status(self, name: str) -> str | None:
        _reach(self.process, self.world, f"box {name}")
        packed = self.world.sold[code_of(name)].packed
        self.process.answers[name] = packed
        return "INVOICED" if packed else "PICKING"


def _reach(process: Process, world: World, what: str) -> None:
    """Come to a call of the OMS or of Pick and Pack, which may be in trouble."""
    fault = process.reach(what)
    if fault:
        error = ERRORS[fault % len(ERRORS)]
        world.struck(f"{what.partition(' ')[0]}: {error}")
        raise error


def _no_draw() -> float:
    return 0.0


def _wish(operate: Operate, what: str, *words: str) -> Callable[[Iterable[str], str], Iterator[Answer]]:
    match what:
        case "release":
            return operate.release
        case "retry":
            return operate.retry
        case "discard":
            return operate.discard
        case "request-again":
            return operate.request_again
        case "set-carrier":
            return lambda ids, why: operate.set_carrier(ids, Carrier(words[0]), why)
    raise AssertionError(what)
