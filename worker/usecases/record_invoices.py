"""Record events: fold what a store's inbox holds into its orders, many a round trip."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from worker.domain.bounds import OUTGROWN, outgrows
from worker.domain.codes import (
    BareCode,
    Foreign,
    LedgerId,
    OrderRef,
    identify,
    identify_announced,
    remote_codes,
    skyhub_code,
)
from worker.domain.events import Announcer, Event, OrderAnnounced, OrderInvoiced
from worker.domain.order import At, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import record
from worker.domain.wishes import opens
from worker.ports import Change, Drain, Drop, InboxEntry, Ledger, Lost, OwnedBy, Saved, SaveResult, Stored, Unreadable
from worker.telemetry import Log

log = structlog.get_logger()

_UNKNOWN_CODE = (
    "order_id {name!r} is no order id of this store and the remote code of no order known here; "
    "send the VTEX order id, the marketplace order id or order.skyhub_code"
)
# Another writer wins a race at most once a save of its own; as many in a row mean a bug, not a race.
_MOST_RACES = 100


@dataclass(slots=True)
class Recorded:
    """What recording did: events taken in, orders that became due, whether work is left.

    `wishes` and `rereads` count the orders about which SkyHub and the OMS are to be asked.
    """

    events: int = 0
    due: int = 0
    wishes: int = 0
    rereads: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """One event on its way into an order; entry id "" = it never was in an inbox."""

    entry_id: str
    event: Event
    text: str


def drain_inbox(
    ledger: Ledger, policy: Policy, *, batch: int, renew_seconds: float, stop: Callable[[], bool]
) -> Recorded:
    """Fold the inbox into the ledger until it is empty or `stop` says so, unless another drain is at it.

    Each round trip saves one batch and reads the next; an order that another writer was faster with stays in the
    inbox and comes again. The lease only spares double work: the version guard keeps two drains from harm. It is
    prolonged when less than `renew_seconds` of it are left.
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
            results, entries, now = ledger.exchange(changes, drops, batch)
            _tally(done, changes, drops, results)
            if not entries or stop():
                break
            changes, drops = _fold(ledger, policy, entries, now)
    finally:
        lease.release()
    # Asked after the lease is free: whoever found it taken has left the work to this run.
    done.more = bool(ledger.exchange((), (), 1)[1])
    return done


def record_now(ledger: Ledger, policy: Policy, event: Event, text: str) -> Recorded:
    """Record one event at once, without the inbox: acknowledged means recorded."""
    done = Recorded()
    for _ in range(_MOST_RACES):
        changes, drops = _fold(ledger, policy, [InboxEntry("", event, text)], ledger.now())
        results, _, _ = ledger.exchange(changes, drops, 1)
        if not any(isinstance(result, Lost | OwnedBy) for result in results):
            _tally(done, changes, drops, results)
            return done
    message = f"an order of store {ledger.store} was changed by others {_MOST_RACES} times in a row"
    raise RuntimeError(message)


def _fold(ledger: Ledger, policy: Policy, entries: Sequence[InboxEntry], now: int) -> tuple[list[Change], list[Drop]]:
    drops: list[Drop] = []
    works: list[_Work] = []
    for entry in entries:
        if isinstance(entry.event, Unreadable):
            drops.append(Drop(entry.entry_id, "rejected", entry.event))
        else:
            works.append(_Work(entry.entry_id, entry.event, entry.text))
    refs = [_reference(work.event, policy.affiliate) for work in works]
    # What looks foreign may be an order of the affiliate that the stores file named before.
    ids = [ref.value for ref in refs if not isinstance(ref, BareCode)]
    codes = [code for work, ref in zip(works, refs, strict=True) for code in _codes(work.event, ref, policy)]
    orders, owners = ledger.load(ids, codes)
    strangers = {owner for owner in owners.values() if owner not in orders}
    orders |= ledger.load(strangers)[0] if strangers else {}

    groups: dict[str, list[_Work]] = {}
    for work, ref in zip(works, refs, strict=True):
        target = _target(ref, _codes(work.event, ref, policy), orders, owners, policy)
        if isinstance(target, Drop):
            drops.append(replace(target, entry_id=work.entry_id, rejected=_rejected(work, target)))
        else:
            groups.setdefault(target, []).append(work)

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
            drops.append(Drop(work.entry_id, "unheard"))
            continue
        try:
            heard = record(order, _renamed(work.event, order_id, policy), policy, now)
        except Exception as error:  # an event that breaks the rules must not block those behind it
            log.exception(Log.EVENT_BROKE_RECORDING, order_id=order_id)
            reason = f"recording it failed ({error!r}); please report this"
            drops.append(Drop(work.entry_id, "rejected", Unreadable(work.text, reason)))
        else:
            if outgrows(heard, order):
                drops.append(Drop(work.entry_id, "rejected", Unreadable(work.text, OUTGROWN)))
                continue
            order = heard
            taken.append(work.entry_id)
    if order is None or order is known:
        return None, [*drops, *(Drop(entry, "repeated") for entry in taken)]
    entries = tuple(entry for entry in taken if entry)
    return Change(order=order, version=stored.version if stored is not None else 0, entries=entries), drops


def _renamed(event: Event, order_id: str, policy: Policy) -> Event:
    """Return the event under its order's ledger id; one that is a remote code alone hears the code that is not."""
    ref = identify(event.order_id, policy.affiliate)
    bare = isinstance(identify(order_id, policy.affiliate), BareCode)
    if bare and isinstance(ref, LedgerId) and isinstance(event, OrderInvoiced) and not event.skyhub_code:
        event = replace(event, skyhub_code=skyhub_code(ref.value, policy.affiliate))
    return replace(event, order_id=order_id)


def _reference(event: Event, affiliate: str | None) -> OrderRef:
    if isinstance(event, OrderAnnounced) and event.by not in (Announcer.CALLER, Announcer.PUSH):
        return identify_announced(event.order_id, affiliate)
    ref = identify(event.order_id, affiliate)
    if isinstance(ref, BareCode) and isinstance(event, OrderInvoiced) and event.skyhub_code:
        return identify(event.skyhub_code, affiliate)
    return ref


def _codes(event: Event, ref: OrderRef, policy: Policy) -> tuple[str, ...]:
    """Return the remote codes by which the event's order may be known already under another id."""
    stated = (event.remote_code,) if isinstance(event, OrderInvoiced) and event.remote_code else ()
    match ref:
        case BareCode(value=code):
            return (*stated, code)
        case LedgerId(value=order_id):
            return stated or remote_codes(order_id, policy.affiliate)[:1]
        case Foreign():
            return ()


def _target(
    ref: OrderRef, codes: Sequence[str], orders: dict[str, Stored], owners: dict[str, str], policy: Policy
) -> str | Drop:
    """Return the id of the order that takes the event, or why none does."""
    if not isinstance(ref, BareCode) and ref.value in orders:
        return ref.value
    if isinstance(ref, Foreign):
        return Drop("", "foreign")
    owner = next((owners[code] for code in codes if code in owners), None)
    if owner is not None:
        return owner
    if isinstance(ref, LedgerId) or policy.affiliate is None:
        return ref.value
    return Drop("", "rejected", Unreadable("", _UNKNOWN_CODE.format(name=ref.value)))


def _rejected(work: _Work, drop: Drop) -> Unreadable | None:
    return Unreadable(work.text, drop.rejected.reason) if drop.rejected is not None else None


def _tally(done: Recorded, changes: Sequence[Change], drops: Sequence[Drop], results: Sequence[SaveResult]) -> None:
    for change, result in zip(changes, results, strict=True):
        if isinstance(result, Saved):
            done.events += max(1, len(change.entries))
            done.due += change.order.status is Status.DUE and not isinstance(change.order.at, At)
            done.wishes += change.order.learn_at is not None
            done.rereads += change.order.reread_at is not None
    done.events += len(drops)
    for drop in drops:
        if drop.rejected is not None:
            log.warning(Log.EVENT_REJECTED, reason=drop.rejected.reason)
