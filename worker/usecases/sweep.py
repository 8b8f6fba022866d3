"""Sweep: hint again at whatever waits, so that a lost message loses nothing, and forget what is long over."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worker.ports import Backlog, Drain, Fleet
from worker.usecases.store_trouble import AUTOMATIC

# Every store's ended orders are looked at once in so many sweeps.
_SWEEPS_BETWEEN_RETIRING = 360


@dataclass(frozen=True, slots=True)
class Swept:
    """How many drains were hinted at, by kind."""

    hints: dict[Drain, int]


def sweep(
    fleet: Fleet,
    stores: Sequence[str],
    send: Callable[[str, Drain], None],
    *,
    sweep_ms: int,
    retention_ms: int,
) -> Swept:
    """Send a hint for each drain that has work and may do it, whether or not one is on its way.

    Several beats, or a queue that filled up while no worker ran, ask for many sweeps: one in half an interval will do.
    """
    if not fleet.may_sweep(max(1, sweep_ms // 2)):
        return Swept(dict.fromkeys(Drain, 0))
    backlogs, now = fleet.backlogs(stores)
    hints = dict.fromkeys(Drain, 0)
    turn = now // sweep_ms % _SWEEPS_BETWEEN_RETIRING
    for backlog in backlogs:
        for drain in wanted(backlog, now):
            send(backlog.store, drain)
            hints[drain] += 1
        if zlib.crc32(backlog.store.encode()) % _SWEEPS_BETWEEN_RETIRING == turn:
            fleet.ledger(backlog.store).retire(retention_ms)
    return Swept(hints)


def wanted(backlog: Backlog, now: int) -> list[Drain]:
    """Return the drains that have work now and are neither resting nor paused."""
    drains = [Drain.INBOX] if backlog.inbox else []
    pause = backlog.pause
    if pause.active and (pause.by != AUTOMATIC or pause.probe_at > now):
        return drains
    probing = pause.active
    if (backlog.due or backlog.expired or probing) and backlog.pickups_backoff.until <= now:
        drains.append(Drain.PICKUPS)
    if backlog.wishes and backlog.learn_backoff.until <= now:
        drains.append(Drain.LEARN)
    return drains
