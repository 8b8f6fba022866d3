"""What stands before a task runs, and what the outside world does after it crashed."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from signal import SIGKILL
from typing import Any

from tests.faults.crash_stage import CLAIM_AND_SETTLING_SECONDS, CrashStage
from tests.faults.crash_worlds import World
from tests.fixtures.running_parts import until
from worker.adapters.native_event import read
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.domain.events import Announcer, Event, OrderAnnounced
from worker.usecases.record_invoices import drain_inbox

_SENT = "order_codes"  # stands in the body of a confirmation alone


def nothing(_stage: CrashStage, _worlds: Sequence[World]) -> None:
    """Prepare nothing."""


# ---- what stands before


def keep(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Put every event into the inboxes."""
    for world in worlds:
        stage.service.ledger(world.store).append([read(event).event for event in world.events()])


def announce(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Let every order be announced, so that the OMS is to be asked about it."""
    for world in worlds:
        ledger = stage.service.ledger(world.store)
        now = ledger.now()
        events: list[Event] = [
            OrderAnnounced(order_id=new.order_id, occurred_at=now, by=Announcer.HOOK, vtex_id=new.order_id)
            for new in world.everywhere()
        ]
        ledger.append(events)
    record(stage, worlds)


def record(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Fold the inboxes into the orders."""
    for world in worlds:
        ledger, policy = stage.service.ledger(world.store), stage.service.policy(world.store)
        drain_inbox(ledger, policy, batch=500, renew_seconds=1, stop=lambda: False)


def keep_and_record(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Do both."""
    keep(stage, worlds)
    record(stage, worlds)


def record_but_the_last(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Record all but the event that completes the first order."""
    for world in worlds:
        events = [read(event).event for event in world.events() if event != world.last]
        stage.service.ledger(world.store).append(events)
    record(stage, worlds)


def crash_confirming(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Let a process die with a confirmation on its way, and its claims run out: the orders are uncertain."""
    keep_and_record(stage, worlds)
    _die_confirming(stage, worlds)
    over = time.monotonic() + CLAIM_AND_SETTLING_SECONDS
    until(lambda: time.monotonic() > over, "the claims are over", seconds=2 * CLAIM_AND_SETTLING_SECONDS)


def _die_confirming(stage: CrashStage, worlds: Sequence[World]) -> None:
    jobs = [stage.job([world], "coleta.request_pickups", [world.store], {}, mark=_SENT) for world in worlds]
    with ThreadPoolExecutor(stage.width) as pool:
        ends = list(pool.map(stage.perform, jobs))
    assert all(ended.signal == SIGKILL for ended in ends), f"each confirmation was on its way: {ends}"


def cancel(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Record everything, and a cancel of the first order, which an operator is to undo."""
    keep(stage, worlds)
    for world in worlds:
        order_id = world.sold[0].order_id
        cancel = {
            "event": "OrderCanceled", "store": world.store, "order_id": order_id, "occurred_at": "2026-11-20T13:00:00Z"
        }  # fmt: skip
        stage.service.ledger(world.store).append([read(cancel).event])
    record(stage, worlds)


def work_for_a_sweep(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Leave a full inbox in the first worlds, due orders in the next, and in the last a dead process's claims."""
    keep(stage, worlds)
    third = len(worlds) // 3
    record(stage, worlds[third:])
    _die_confirming(stage, worlds[-third:])


def let_sweep(stage: CrashStage) -> None:
    """Let the next sweep come, as time would."""
    stage.service.redis.delete(Keys(NO_STORE)("hint:sweep"))


# ---- what the outside world does after a crash


def knock_again(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Send again: where nothing was kept, and at every second door although it was."""
    for number, world in enumerate(worlds):
        ledger = stage.service.ledger(world.store)
        if number % 2 or not ledger.exchange((), (), 1)[1]:
            ledger.append([read(event).event for event in world.events()])


def deliver_again(call: str, arguments: Callable[[World], list[Any]]) -> Callable[[CrashStage, Sequence[World]], None]:
    """Return what lets a message come again that nobody acknowledged."""

    def deliver(stage: CrashStage, worlds: Sequence[World]) -> None:
        for world in worlds:
            stage.app.send_task(call, arguments(world))

    return deliver
