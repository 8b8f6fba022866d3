"""How a run of the model ends: faults stop, time passes with sweeps until nothing is left to do; then all is judged."""

from dataclasses import replace
from functools import partial

from tests.faults.model_process import Process
from tests.faults.model_skyhub import SECOND
from tests.faults.model_truth import CODES
from tests.faults.model_world import FORGOTTEN, World, code_of
from tests.unit.usecases.world import STORE, order_id
from worker.domain.order import At, Attention, Order, Status
from worker.domain.progress import DISCARDED
from worker.ports import Drain
from worker.usecases.pause_store import resume
from worker.usecases.sweep import sweep

SWEEP_MS = 10 * SECOND
MOST_SWEEPS = 60
_JOBS = {Drain.INBOX: "inbox", Drain.PICKUPS: "pickups", Drain.LEARN: "learn", Drain.REREAD: "reread"}
_OPEN = (Status.DUE, Status.REQUESTING)


def come_to_rest(world: World) -> None:
    """Let the faults end and go on until nothing is left to do. Who stood still goes on, now or late, or never does."""
    calm = Process("calm", world.tell)
    now, late, never = world.processes.values()
    world.tell("  ", "the faults end")
    world.failover.over = True
    if now.busy:
        world.go_on(now)
    if never.busy:
        world.kill(never)
    world.pack(*CODES)
    world.market.label(*(code for code in CODES if code not in world.market.deliveries))
    resume(world.ledger)
    while world.queue:
        world.start(calm, "record")
    world.advance(SECOND)
    _settle(world, calm)
    if late.busy:
        world.go_on(late)
    for _ in range(4):
        world.advance(world.policy.settling_ms + world.setting.lag_ms + SECOND)
        world.start(calm, "reconcile")
        _settle(world, calm)
        acts = [act for order in world.orders() if (act := _operators_act(world, order))]
        if not acts and world.ledger.kept.reconciled is not None:
            break
        for act in acts:
            world.start(calm, act)
        _settle(world, calm)


def _settle(world: World, calm: Process) -> None:
    """Sweep until nothing is due, on its way, or wished for."""
    wanted: list[Drain] = []
    for _ in range(MOST_SWEEPS):
        wanted.clear()
        sweep(
            world.fleet,
            [STORE],
            partial(_note, wanted),
            sweep_ms=SWEEP_MS,
            retention_ms=world.fleet.limits.retention_ms,
        )
        for drain in wanted:
            world.start(calm, _JOBS[drain])
        world.check()
        moment = _next_moment(world)
        if moment is None or world.broken:
            return
        world.advance(max(SWEEP_MS, moment - world.clock()))
    world.broke("lost", "it never comes to rest")


def _note(wanted: list[Drain], _store: str, drain: Drain, _delay_ms: int) -> None:
    wanted.append(drain)


def _next_moment(world: World) -> int | None:
    """Return when something is to be done next, None if nothing is."""
    now, kept = world.clock(), world.ledger.kept
    moments = [now] if kept.inbox else []
    for order in world.orders():
        wishes = [order.learn_at, order.reread_at, order.at if order.status in _OPEN else None]
        moments += [wish.ms for wish in wishes if isinstance(wish, At)]
    moments += [at for at, _, _ in world.market.late]
    return min(moments) if moments else None


def _operators_act(world: World, order: Order) -> str:
    """Return what an operator does about an order, after a look at SkyHub."""
    code = code_of(order.order_id)
    if order.status is Status.FAILED:
        return f"retry {code}"
    undone = world.market.deliveries[code].taken_at is None
    if Attention.LISTED_AFTER_REQUEST in order.flags and undone and order.canceled_at is None:
        return f"request-again {code}"
    return ""


def judge(world: World) -> int:
    """Judge how each order ended; returns how many were lost as the design allows, and are shown as such."""
    for code, event in world.acknowledged:
        if not world.known[code].knows(event):
            world.broke("lost", f"an acknowledged event of {code} was never recorded")
    if world.ledger.kept.inbox:
        world.broke("lost", "events are left in the inbox")
    return sum(_judge(world, code) for code in CODES)


def _judge(world: World, code: str) -> bool:
    held = world.ledger.kept.documents.get(order_id(code))
    if held is None:
        world.broke("lost", f"{code} is listed as collectable, and nobody knows it")
        return False
    order, known = held.order, replace(world.known[code], packed=True)
    told = replace(known, read=world.sold[code].pushed) if world.policy.oms else known
    discarded = order.status is Status.CANCELED and order.reason.startswith(DISCARDED)
    if order.status in _OPEN or (order.uncertain and not discarded):
        world.broke("lost", f"{code} ends as {order.status}, uncertain: {order.uncertain} ({order.reason})")
    elif not told.objection:
        _judge_requested(world, order, code, discarded=discarded)
    elif order.status is Status.FAILED or (order.status is not Status.REQUESTED and not order.reason):
        world.broke("lost", f"{code} ends as {order.status} without need or reason: {order.reason}")
    elif not world.sold[code].objection and order.status is Status.WAITING and not world.policy.oms:
        taken = world.market.deliveries[code].taken_at is not None  # a claim that was forgotten: nothing is lost
        if not taken and Attention.COLLECTABLE_BUT_UNKNOWN not in order.flags:
            world.broke("lost", f"{code} waits for what nobody told, and nobody is shown that")
        return any(code == forgotten for forgotten, _ in world.forgotten)
    return False


def _judge_requested(world: World, order: Order, code: str, *, discarded: bool) -> None:
    taken = world.market.deliveries[code].taken_at is not None
    if order.status is Status.REQUESTED and taken:
        return
    canceled = world.sold[code].canceled_at is not None
    shown = Attention.LISTED_AFTER_REQUEST in order.attention or canceled
    if discarded or (order.status is Status.REQUESTED and shown):
        return
    if order.status is Status.CANCELED and canceled:
        return
    if order.status is Status.WAITING and taken and world.landed[FORGOTTEN]:
        return  # its request was forgotten, then an invoice got smaller: SkyHub has the pickup
    world.broke("lost", f"{code} could be requested and ends as {order.status} ({order.reason}), taken: {taken}")
