"""Record events: fold what a store's inbox holds into its orders, many a round trip."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from worker.domain.activity import invoices_received
from worker.domain.addressing import Address, Untaken, address, renamed, target
from worker.domain.bounds import OUTGROWN, outgrows
from worker.domain.events import Dropped, Event
from worker.domain.order import Order
from worker.domain.policy import Policy
from worker.domain.progress import record
from worker.domain.wishes import opens
from worker.ports import Change, Drain, Drop, InboxEntry, Ledger, Lost, OwnedBy, Saved, SaveResult, Stored, Unreadable
from worker.telemetry import Log
from worker.usecases.next_drains import Done, drains_of

log = structlog.get_logger()

# Another writer wins a race at most once a save of its own; as many in a row mean a bug, not a race.
_MOST_RACES = 100


@dataclass(slots=True, kw_only=True)
class Recorded(Done):
    """How many events were taken in, how many orders became due."""

    events: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and what makes its text, which is kept where it cannot be recorded."""

    event: Event
    text: Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Work:
    """One event on its way into an order, and the name of its entry."""

    entry_id: str
    event: Event
    text: str
    to: Address


def drain_inbox(
    ledger: Ledger, policy: Policy, *, batch: int, renew_seconds: float, stop: Callable[[], bool]
) -> Recorded:
    """Fold the inbox into the ledger until it is empty or `stop` says so, unless another drain is at it.

    Each round trip saves one batch and reads the next, the last one only saves; an order that another writer was
    faster with stays in the inbox and comes again. The lease only spares double work: the version guard keeps two
    drains from harm. It is prolonged when less than `renew_seconds` of it are left.
    """
    done = Recorded()
    ledger.clear_hint(Drain.INBOX)
    lease = ledger.lease(Drain.INBOX)
    if lease is None:
        return done
    changes: list[Change] = []
    drops: list[Drop] = []
    try:
        while lease.outlives(renew_seconds) or lease.renew():
            results, entries = ledger.exchange(changes, drops, 0 if stop() else batch)
            _tally(done, changes, drops, results)
            if not entries:
                break
            changes, drops = _fold(ledger, policy, entries)
    finally:
        lease.release()
    # Asked after the lease is free: whoever found it taken has left the work to this run.
    if ledger.exchange((), (), 1)[1]:
        done.drains.add(Drain.INBOX)
    return done


def record_now(ledger: Ledger, policy: Policy, event: Event, text: str) -> Recorded:
    """Record one event at once, without the inbox: acknowledged means recorded."""
    return record_together(ledger, policy, [Told(event, lambda: text)])


def record_together(ledger: Ledger, policy: Policy, told: Sequence[Told]) -> Recorded:
    """Record some events at once, in as many round trips as one takes; what breaks one of them breaks them all."""
    done = Recorded()
    left = {str(number): each for number, each in enumerate(told)}
    for _ in range(_MOST_RACES):
        changes, drops = _fold(ledger, policy, [InboxEntry(name, each.event) for name, each in left.items()])
        drops = [_outside(drop, left[drop.entry_id]) for drop in drops]
        direct = [replace(change, entries=(), direct=len(change.entries)) for change in changes]
        results, _ = ledger.exchange(direct, drops, 0)
        _tally(done, changes, drops, results)
        lost = (change for change, result in zip(changes, results, strict=True) if isinstance(result, Lost | OwnedBy))
        left = {name: left[name] for change in lost for name in change.entries}
        if not left:
            return done
    message = f"an order of store {ledger.store} was changed by others {_MOST_RACES} times in a row"
    raise RuntimeError(message)


def _outside(drop: Drop, told: Told) -> Drop:
    """Return the drop of an event that never was in the inbox."""
    rejected = drop.rejected and Unreadable(told.text(), drop.rejected.reason)
    return replace(drop, entry_id="", rejected=rejected)


def _fold(ledger: Ledger, policy: Policy, entries: Sequence[InboxEntry]) -> tuple[list[Change], list[Drop]]:
    drops: list[Drop] = []
    works: list[_Work] = []
    for entry in entries:
        if isinstance(entry.event, Unreadable):
            drops.append(Drop(entry.entry_id, Dropped.REJECTED, entry.event))
        else:
            works.append(_Work(entry.entry_id, entry.event, entry.text, address(entry.event, policy)))
    ids = [work.to.order_id for work in works if work.to.order_id]
    orders, owners, now = ledger.load_dated(ids, [code for work in works for code in work.to.codes])
    strangers = {owner for owner in owners.values() if owner not in orders}
    orders |= ledger.load(strangers)[0] if strangers else {}

    groups: dict[str, list[_Work]] = {}
    for work in works:
        taker = target(work.to, orders, owners, policy)
        if isinstance(taker, Untaken):
            rejected = Unreadable(work.text, taker.reason) if taker.reason else None
            drops.append(Drop(work.entry_id, taker.why, rejected, work.event.order_id))
        else:
            groups.setdefault(taker, []).append(work)

    changes: list[Change] = []
    for order_id, group in groups.items():
        change, dropped = _record_group(order_id, orders.get(order_id), group, policy, now)
        drops += dropped
        changes += [change] if change is not None else []
    return changes, drops


def _record_group(
    order_id: str, stored: Stored | None, group: Iterable[_Work], policy: Policy, now: int
) -> tuple[Change | None, list[Drop]]:
    known = stored.order if stored is not None else None
    order: Order | None = known
    taken: list[str] = []
    drops: list[Drop] = []
    for work in group:
        if order is None and not opens(work.event):
            drops.append(Drop(work.entry_id, Dropped.UNHEARD))
            continue
        try:
            heard = record(order, renamed(work.event, order_id, policy), policy, now)
        except Exception as error:  # an event that breaks the rules must not block those behind it
            log.exception(Log.EVENT_BROKE_RECORDING, order_id=order_id)
            reason = f"recording it failed ({error!r}); please report this"
            drops.append(Drop(work.entry_id, Dropped.REJECTED, Unreadable(work.text, reason), order_id))
        else:
            if outgrows(heard, order):
                drops.append(Drop(work.entry_id, Dropped.REJECTED, Unreadable(work.text, OUTGROWN), order_id))
                continue
            order = heard
            taken.append(work.entry_id)
    if order is None or order is known:
        return None, [*drops, *(Drop(entry, Dropped.REPEATED) for entry in taken)]
    version, received = (stored.version if stored is not None else 0), invoices_received(known, order)
    return Change(order=order, version=version, entries=tuple(taken), invoices=received), drops


def _tally(done: Recorded, changes: Sequence[Change], drops: Sequence[Drop], results: Sequence[SaveResult]) -> None:
    for change, result in zip(changes, results, strict=True):
        if isinstance(result, Saved):
            done.events += len(change.entries)
            done.note(change.order)
            drains = drains_of(change.order)
            done.due += Drain.PICKUPS in drains
            done.drains |= drains
    done.events += len(drops)
    for drop in drops:
        if drop.rejected is not None:
            named = {"order_id": drop.order_id} if drop.order_id else {}
            log.warning(Log.EVENT_REJECTED, reason=drop.rejected.reason, **named)
