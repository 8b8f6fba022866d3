"""The state machine of an order.

The law (design, "The order: one document, one state machine"):

| status | leaves by |
|---|---|
| waiting | last invoice → due; cancel → canceled; carrier learned, not Direct → skipped; operator release → due |
| due | claim → requesting; found → requested; smaller invoice → waiting; cancel → canceled; not Direct → skipped; |
|     | out of time or refused alone → failed |
| requesting | accepted → requested; no effect → due; unknown outcome or lease over → due, uncertain |
| requested | operator's request-again → due, next round |
| skipped | carrier corrected → evaluated anew |
| canceled | operator's retry → evaluated anew |
| failed | operator's retry → evaluated anew; discard → canceled; `not_collectable` returns to due when listed |

An order in `requesting`, or uncertain, takes news as facts only: its status moves when the outcome is known. Only
SkyHub's lists clear `uncertain`. An uncertain order that an operator retries is `due` until the lists have spoken.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import assert_never

from worker.domain import retry
from worker.domain.actions import ALLOWED, Action
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.copying import revised
from worker.domain.events import Announcer, Event, OrderAnnounced, OrderCanceled, OrderInvoiced
from worker.domain.facts import Authority, Carrier
from worker.domain.knowledge import created, with_cancel, with_carrier, with_event, with_invoice
from worker.domain.order import ENDED, At, Attention, Claim, In, NotYet, Order, Status, When, shortened
from worker.domain.packing import must_be_packed
from worker.domain.policy import Policy
from worker.domain.skipping import NOT_CONTRACTED, SAME_PICKUP
from worker.domain.wishes import announced, wishing

ACCEPTED = "accepted by SkyHub"
NOT_COLLECTABLE = "not_collectable"
DISCARDED = "discarded"
CANCELED_THERE = "SkyHub says it is canceled"
_CARRIER_REASONS = {
    Carrier.CORREIOS: "correios: ships by Correios, never requested",
    Carrier.OWN: "own: ships by the seller's own logistics",
    Carrier.FULFILLMENT: "fulfillment: ships from B2W's own warehouse",
}
# A batch that fails this often for a reason that is not the network's or the account's is split.
_FAILURES_BEFORE_SPLIT = 2
_MOST_SHOWN = 200
_OF_WAITING = frozenset({Attention.COLLECTABLE_BUT_UNKNOWN, Attention.WAITING_LONG})
_OF_LISTED = frozenset({Attention.LISTED_AFTER_REQUEST, Attention.COLLECTABLE_BUT_UNKNOWN})
# Where a release still holds, or has had its effect.
_RELEASED_IN = (Status.WAITING, Status.DUE, Status.REQUESTING, Status.REQUESTED)


class IllegalTransitionError(Exception):
    """The law does not let this order go there; the message says why, in an operator's words."""


# ---- news -----------------------------------------------------------------------------------------------------------


def record(order: Order | None, event: Event, policy: Policy, now: int) -> Order:
    """Fold one event into its order; the same object comes back if the event says nothing new."""
    known = order if order is not None else created(event.order_id, policy.affiliate, now)
    match event:
        case OrderInvoiced():
            heard = with_invoice(with_event(known, event), event.invoice, now)
        case OrderCanceled() if known.dismissed_at is not None and not event.dated:
            # It may be the one that an operator undid, once more: the OMS is asked, if there is one.
            heard = announced(known, _again(event), policy, now)
        case OrderCanceled():
            heard = with_cancel(known, event.occurred_at, event.reason, now)
        case OrderAnnounced():
            heard = announced(known, event, policy, now)
        case _:
            assert_never(event)
    return known if heard is known and order is not None else evaluated(heard, policy, now)


def _again(event: OrderCanceled) -> OrderAnnounced:
    return OrderAnnounced(order_id=event.order_id, occurred_at=event.occurred_at, by=Announcer.PUSH, state="canceled")


def evaluated(order: Order, policy: Policy, now: int) -> Order:
    """Move the order to where its facts put it, if its status may move by facts."""
    skip = _skip_reason(order, policy)
    movable = order.status in (Status.WAITING, Status.DUE) or (
        order.status is Status.SKIPPED and not order.reason.startswith(SAME_PICKUP)
    )
    if movable and not order.uncertain:
        order = _moved(order, skip, now)
    return wishing(order, policy)


def _moved(order: Order, skip: str | None, now: int) -> Order:
    if order.status is Status.SKIPPED and skip is not None:
        return order if skip == order.reason else revised(order, reason=skip)
    if order.canceled_at is not None:
        return enter(order, Status.CANCELED, order.cancel_reason or "canceled at its source", now)
    if skip is not None:
        return enter(order, Status.SKIPPED, skip, now)
    if order.carrier is Carrier.DIRECT and (order.complete or order.released):
        return order if order.status is Status.DUE else enter(order, Status.DUE, "", now)
    reason = _waiting_reason(order)
    if order.status is Status.WAITING:
        return order if reason == order.reason else revised(order, reason=reason)
    return enter(order, Status.WAITING, reason, now)


def enter(order: Order, status: Status, reason: str, now: int, at: When | None = None) -> Order:
    """Put the order into a status, with the line of history that says so."""
    claim = order.claim if status is Status.REQUESTING or order.uncertain else None
    order = revised(order, status=status, reason=reason, at=at if at is not None else In(0), claim=claim)
    order = revised(order, flags=order.flags - _flags_over(status))
    if status is not Status.DUE:
        order = revised(order, hold=None)
    if status is Status.WAITING:
        order = revised(order, not_yet=None)  # SkyHub's time to list it starts when it is complete again.
    elif status in ENDED:
        order = revised(order, not_yet=None, failures=0, batch_limit=None, refusal="", learn_at=None, learn_tries=0)
    return order.noted(now, f"order.{status}", reason)


def _flags_over(status: Status) -> frozenset[Attention]:
    """Return the flags whose cause is gone once an order has this status."""
    over = frozenset() if status is Status.WAITING else _OF_WAITING
    return over if status is Status.DUE else over | {Attention.PACKED_HOLD}


# ---- requesting -----------------------------------------------------------------------------------------------------


def claimable(order: Order, policy: Policy) -> bool:
    """Whether a pickup may be requested for this order now: the four promises, in one place."""
    return (
        order.status is Status.DUE
        and not must_be_packed(order, policy)
        and not order.uncertain
        and order.canceled_at is None
        and order.carrier is Carrier.DIRECT
        and (order.complete or order.released)
    )


def claim(order: Order, code: str, token: str, batch_size: int, policy: Policy, now: int) -> Order:
    """Take the right to request `code` (as the lists spell it); the remote code freezes."""
    if not claimable(order, policy):
        raise IllegalTransitionError(f"{order.order_id} may not be requested: {order.status}, {order.carrier}")
    order = revised(order, claim=Claim(token, batch_size), remote_code=code, code_frozen=True)
    return enter(order, Status.REQUESTING, "", now, In(policy.claim_ms))


def expire(order: Order, policy: Policy, now: int) -> Order:
    """Take back a claim whose lease is over: whether the request went out is not known."""
    if order.status is not Status.REQUESTING or not isinstance(order.at, At) or order.at.ms > now:
        return order
    settled = At(order.at.ms + policy.settling_ms)
    order = revised(order, uncertain=True, attempts=order.attempts + 1, last_error="the process that requested it died")
    return enter(order, Status.DUE, "the request's outcome is not known; SkyHub's lists will tell", now, settled)


def settle(order: Order, token: str, outcome: Outcome, policy: Policy, now: int, draw: float) -> Order:
    """Apply the outcome of the confirmation that this token claimed; the same object if it is no longer its turn."""
    held = order.claim
    if held is None or held.token != token:
        return order
    if isinstance(outcome, Accepted):
        return requested(revised(order, attempts=order.attempts + 1), ACCEPTED, now)
    if order.status is not Status.REQUESTING:
        return order
    match outcome:
        case NoEffect():
            return _without_effect(order, outcome, policy, now, draw)
        case Refused(message=message):
            return _unknown(_refused(order, held, message), message, policy.settling_ms, now)
        case WrongCall(reason=reason):
            return _unknown(_failed_once_more(order, held), reason, policy.settling_ms, now)
        case Unclear(reason=reason):
            decision = retry.trouble(policy.schedule, order.attempts, outcome.retry_after, draw)
            order = _failed_once_more(revised(order, attempts=order.attempts + 1), held)
            return _unknown(order, reason, policy.settling_ms + decision.delay_ms, now)
        case _:
            assert_never(outcome)


def requested(order: Order, how: str, now: int, code: str = "") -> Order:
    """SkyHub has the order: by our request, or found in its lists under `code`."""
    if code:
        order = revised(order, remote_code=code, code_frozen=True)
    order = revised(order, uncertain=False, requested_at=now, last_error="")
    return enter(order, Status.REQUESTED, how, now)


def same_pickup(order: Order, owner: str, now: int) -> Order:
    """Another order already holds the idempotency key of this pickup."""
    return enter(order, Status.SKIPPED, f"{SAME_PICKUP}: same pickup as {owner}", now)


def _without_effect(order: Order, outcome: NoEffect, policy: Policy, now: int, draw: float) -> Order:
    if outcome.cause is Cause.FORBIDDEN and order.claim is not None:
        order = _failed_once_more(order, order.claim)
    decision = retry.trouble(policy.schedule, 0, outcome.retry_after, draw)
    reason = shortened(outcome.reason, _MOST_SHOWN)
    order = revised(order, last_error=reason)
    return evaluated(enter(order, Status.DUE, reason, now, In(decision.delay_ms)), policy, now)


def _unknown(order: Order, reason: str, delay_ms: int, now: int) -> Order:
    reason = shortened(reason, _MOST_SHOWN)
    order = revised(order, uncertain=True, last_error=reason)
    return enter(order, Status.DUE, f"outcome not known: {reason}", now, In(delay_ms))


def _refused(order: Order, held: Claim, message: str) -> Order:
    order = revised(order, attempts=order.attempts + 1)
    if held.batch_size == 1:
        return revised(order, refusal=shortened(message, _MOST_SHOWN) or "refused without a message")
    return revised(order, batch_limit=1 if _names(message, order.remote_code) else max(1, held.batch_size // 2))


def _names(message: str, code: str) -> bool:
    """Whether a message names this code, not merely a longer number that holds it."""
    return re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", message) is not None


def _failed_once_more(order: Order, held: Claim) -> Order:
    failures = order.failures + 1
    if failures < _FAILURES_BEFORE_SPLIT or held.batch_size == 1:
        return revised(order, failures=failures)
    return revised(order, failures=0, batch_limit=max(1, held.batch_size // 2))


# ---- what SkyHub's lists showed -------------------------------------------------------------------------------------


def not_collectable_yet(order: Order, policy: Policy, now: int, *, listed: bool) -> Order:
    """SkyHub does not take the order yet: not in its lists, or `listed` but refused for want of a label."""
    known = order.not_yet if order.not_yet is not None else NotYet(now, policy.paused_ms)
    waited = (now - known.since) - (policy.paused_ms - known.paused_before)
    decision = retry.not_yet(policy.schedule, known.tries, waited)
    if isinstance(decision, retry.GiveUp):
        return enter(revised(order, refusal=""), Status.FAILED, decision.reason, now)
    missed = replace(
        known,
        tries=known.tries + 1,
        rounds=0 if listed else known.rounds + 1,
        absent_since=None if listed else known.absent_since if known.absent_since is not None else now,
    )
    reason = "not collectable yet: SkyHub waits for the label (invoice processed, label grouped and printed)"
    order = revised(order, not_yet=missed, refusal="", at=In(decision.delay_ms))
    return order if order.reason == reason else revised(order, reason=reason).noted(now, "order.not_yet", reason)


def failed_alone(order: Order, now: int) -> Order:
    """SkyHub refused this order alone, and its list still shows it as not requested."""
    return enter(revised(order, refusal=""), Status.FAILED, f"refused: {order.refusal}", now)


def listed(order: Order, policy: Policy, now: int) -> Order:
    """`requested=false` lists an order that no round is about: what that means depends on where it stands."""
    match order.status:
        case Status.REQUESTED:
            if order.requested_at is None or now - order.requested_at <= policy.settling_ms:
                return order
            if Attention.LISTED_AFTER_REQUEST in order.flags:
                return order
            flagged = revised(order, flags=order.flags | {Attention.LISTED_AFTER_REQUEST})
            return flagged.noted(now, "order.listed_again", "SkyHub lists it as not requested")
        case Status.FAILED if order.reason.startswith(NOT_COLLECTABLE):
            return enter(revised(order, not_yet=None), Status.DUE, "", now)
        case Status.SKIPPED if not order.reason.startswith(SAME_PICKUP):
            order = evaluated(order, policy, now)
            if order.status is not Status.SKIPPED or order.learn_at is not None:
                return order
            # Asked at once, then at a growing pace: a Correios order that stays listed costs little.
            pace = retry.pace(policy.schedule, order.learn_tries - 1) if order.learn_tries else 0
            return revised(order, learn_at=In(pace))
        case _:
            return order


def unlisted(order: Order, open_codes: Collection[str], now: int) -> Order:
    """Take the flags off an order that `requested=false`, read whole, does not list any more."""
    if order.flags.isdisjoint(_OF_LISTED) or any(code in open_codes for code in order.codes):
        return order
    cleared = revised(order, flags=order.flags - _OF_LISTED)
    return cleared.noted(now, "order.no_longer_listed")


# ---- an operator's wishes -------------------------------------------------------------------------------------------


def release(order: Order, reason: str, policy: Policy, now: int) -> Order:
    """Lift the rule about items; the carrier must still be Direct. The same object if it was lifted before."""
    if order.released and order.status in _RELEASED_IN:
        return order
    _check_allowed(Action.RELEASE, "released", order)
    return evaluated(revised(order, released=True).noted(now, "operator.released", reason), policy, now)


def retry_anew(order: Order, reason: str, policy: Policy, now: int) -> Order:
    """Evaluate a failed or canceled order anew, nothing assumed; uncertain if it ever was."""
    _check_allowed(Action.RETRY, "retried", order)
    if order.status is Status.CANCELED:
        order = _with_cancel_lifted(order)
    order = revised(order, not_yet=None, failures=0, refusal="", batch_limit=None)
    order = order.noted(now, "operator.retried", reason)
    if order.uncertain:
        return enter(order, Status.DUE, "SkyHub's lists will tell whether it was requested", now)
    return evaluated(enter(order, Status.WAITING, _waiting_reason(order), now), policy, now)


def discard(order: Order, reason: str, now: int) -> Order:
    """Give a failed order up; its uncertainty stays on record. The same object if it was given up before."""
    if order.status is Status.CANCELED and order.reason.startswith(DISCARDED):
        return order
    _check_allowed(Action.DISCARD, "discarded", order)
    return enter(order.noted(now, "operator.discarded", reason), Status.CANCELED, f"{DISCARDED}: {reason}", now)


def set_carrier(order: Order, carrier: Carrier, reason: str, policy: Policy, now: int) -> Order:
    """Correct the carrier by an operator's word, which outranks every source. The same object if that word stands."""
    said = order.carriers.get(Authority.OPERATOR)
    if said is not None and said.carrier is carrier:
        return order
    order = with_carrier(order, Authority.OPERATOR, carrier, now).noted(
        now, "operator.set_carrier", f"{carrier}: {reason}"
    )
    return evaluated(order, policy, now)


def request_again(order: Order, reason: str, now: int, *, listed_past_settling: bool) -> Order:
    """Open a new round for an order whose pickup was undone at SkyHub."""
    _check_allowed(Action.REQUEST_AGAIN, "requested again", order)
    if not listed_past_settling:
        raise IllegalTransitionError(
            f"SkyHub does not list {order.order_id} as not requested; nothing to request again"
        )
    flags = order.flags - {Attention.LISTED_AFTER_REQUEST}
    order = revised(_with_cancel_lifted(order), round=order.round + 1, round_at=now, flags=flags)
    return enter(order.noted(now, "operator.requested_again", reason), Status.DUE, "", now)


def _check_allowed(action: Action, done: str, order: Order) -> None:
    if order.status not in ALLOWED[action]:
        statuses = " or ".join(ALLOWED[action])
        raise IllegalTransitionError(f"only a {statuses} order can be {done}; {order.order_id} is {order.status}")


def _with_cancel_lifted(order: Order) -> Order:
    """Undo a cancel by an operator's word: its repeats say nothing new."""
    if order.canceled_at is None:
        return order
    return revised(order, canceled_at=None, dismissed_at=order.canceled_at)


# ---- rules ----------------------------------------------------------------------------------------------------------


def _skip_reason(order: Order, policy: Policy) -> str | None:
    return _CARRIER_REASONS.get(order.carrier) if policy.contracted else NOT_CONTRACTED


def _waiting_reason(order: Order) -> str:
    if order.complete or order.released:
        return "the carrier is not known yet" if order.carrier is Carrier.UNKNOWN else "evaluated anew"
    if not order.ordered:
        return "the order's items are not known yet"
    return f"{sum(order.invoiced.values())} of {sum(order.ordered.values())} units invoiced"
