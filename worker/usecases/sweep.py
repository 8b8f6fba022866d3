"""Sweep: hint again at whatever waits, so that a lost message loses nothing, and forget what is long over."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from worker.ports import Backlog, Drain, Fleet
from worker.usecases.pause_store import pause_taken_out, resume_put_back

# Every store's ended orders are looked at once in so many sweeps.
_SWEEPS_BETWEEN_RETIRING = 360


@dataclass(frozen=True, slots=True)
class Timed:
    """A drain that runs by the clock in some stores."""

    stores: Sequence[str]
    every_ms: int


def sweep(
    fleet: Fleet,
    stores: Sequence[str],
    send: Callable[[str, Drain, int], None],
    *,
    sweep_ms: int,
    retention_ms: int,
    timed: Mapping[Drain, Timed] | None = None,
) -> bool:
    """Send a hint for each drain that has work and may do it, whether or not one is on its way.

    `send` takes a store, a drain and a delay in milliseconds. Stores that were served once and are not in `stores`
    any more are paused, those that came back resumed. `timed` drains run by the clock, whether or not work is known.

    Several beats, or a queue that filled up while no worker ran, ask for many sweeps: one in half an interval will do,
    and False says that this one did nothing.
    """
    if not fleet.may_sweep(max(1, sweep_ms // 2)):
        return False
    serving = set(stores)
    gone = sorted(fleet.remember(stores) - serving)
    backlogs, now = fleet.backlogs([*stores, *gone])
    turn = now // sweep_ms % _SWEEPS_BETWEEN_RETIRING
    reached = {backlog.store for backlog in backlogs}
    for drain, each in (timed or {}).items():
        # Where the only stores of a drain are away, to ask for their turns would fail the others' sweep.
        for store in fleet.turns([store for store in each.stores if store in reached], drain, each.every_ms):
            send(store, drain, 0)
    for backlog in backlogs:
        served = backlog.store in serving
        ledger = fleet.ledger(backlog.store)
        if served:
            resume_put_back(ledger, backlog.pause)
        else:
            pause_taken_out(ledger, backlog.pause)
        for drain in wanted(backlog, now) if served else ():
            # Whoever holds the inbox may have died: the hint comes when the lease is over.
            send(backlog.store, drain, backlog.inbox_lease_ms if drain is Drain.INBOX else 0)
        if zlib.crc32(backlog.store.encode()) % _SWEEPS_BETWEEN_RETIRING == turn:
            ledger.retire(retention_ms)
    return True


def wanted(backlog: Backlog, now: int) -> list[Drain]:
    """Return the drains that have work now and are neither resting nor paused."""
    drains = [Drain.INBOX] if backlog.inbox else []
    if backlog.rereads and not backlog.rests(Drain.REREAD, now):
        drains.append(Drain.REREAD)
    if backlog.pause.blocks(now):
        return drains
    probing = backlog.pause.active
    if (backlog.due or backlog.expired or probing) and not backlog.rests(Drain.PICKUPS, now):
        drains.append(Drain.PICKUPS)
    if backlog.learns and not backlog.rests(Drain.LEARN, now):
        drains.append(Drain.LEARN)
    return drains
