"""One round of requesting pickups: what SkyHub's lists decide for each due order.

The law (design, "Requesting pickups", 2, 4 and 5):

| in `requested=true` | in `requested=false` | the order |
|---|---|---|
| yes | either | requested, found |
| no | yes | certain → confirm; uncertain → confirm once `true` was read whole |
| no | no | not collectable yet, uncertainty kept; absent for long → its SkyHub status decides |

`requested=true` is read only if an order needs it, and may be read over several rounds: until it is complete, an
uncertain order and one in neither list wait.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from worker.domain.copying import revised
from worker.domain.doubt import doubtful
from worker.domain.facts import SkyHubOrder, SkyHubStatus
from worker.domain.knowledge import with_cancel
from worker.domain.learning import learn
from worker.domain.order import At, Order, Status
from worker.domain.packing import let_go
from worker.domain.policy import Policy
from worker.domain.progress import (
    CANCELED_THERE,
    IllegalTransitionError,
    claimable,
    enter,
    evaluated,
    failed_alone,
    not_collectable_yet,
    request_again,
    requested,
)

# Clients' bodies of refusals that mean "no label yet" (contracts/skyhub.md, "Limits and errors" [C]).
_NO_LABEL = ("nao encontrad", "nao localizad")


@dataclass(frozen=True, slots=True)
class Lists:
    """What was read of SkyHub's lists: `open` whole, `taken` so far; `taken_since` = when its whole reading began.

    `begun_at` is when the reading of `taken` began, whole or not.
    """

    open: Collection[str]
    taken: Collection[str] = frozenset()
    taken_since: int | None = None
    begun_at: int | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Request this order under this code."""

    order: Order
    code: str


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Absent from both lists for long, or listed under a code that may be another's: SkyHub itself is asked."""

    order: Order


@dataclass(frozen=True, slots=True)
class Become:
    """Save the order as it is now."""

    order: Order


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be said before `requested=true` is read whole."""


Verdict = Confirm | AskStatus | Become | Wait


def needs_taken(order: Order, open_codes: Collection[str], policy: Policy) -> bool:
    """Whether `requested=true` must be read for this order: it is in doubt, or missing from `false` again."""
    if order.uncertain or doubtful(order, policy):
        return True
    missed_before = order.not_yet is not None and order.not_yet.rounds > 0
    return missed_before and _match(order, open_codes) is None


def decide(order: Order, lists: Lists, policy: Policy, now: int) -> Verdict:
    """Say what becomes of one due order."""
    order = let_go(order, policy)
    taken = None if _outdated(order, lists) else _match(order, lists.taken)
    if taken is not None and not _sure(order, taken):
        return AskStatus(order)
    if taken is not None:
        return Become(requested(order, "found among SkyHub's requested orders", now, taken))
    asked = needs_taken(order, lists.open, policy)
    if asked and not _covers(order, lists.taken_since):
        return Wait()
    code = _match(order, lists.open)
    if code is not None and not _sure(order, code):
        return AskStatus(order)
    if code is not None:
        return _listed(order, code, policy, now)
    missed = not_collectable_yet(order, policy, now, listed=False)
    if missed.status is Status.DUE and asked and _absent_for(missed, now) >= policy.absent_ms:
        return AskStatus(order)
    return Become(missed)


def by_status(order: Order, found: SkyHubOrder | None, policy: Policy, now: int) -> Order:
    """Settle an order whose lists tell too little, by what SkyHub says of it (`None`: unknown there)."""
    if found is not None and found.status in (SkyHubStatus.SHIPPED, SkyHubStatus.DELIVERED):
        return requested(order, f"SkyHub says it is {found.status.lower()}", now)
    if found is not None and found.status is SkyHubStatus.CANCELED:
        order = with_cancel(order, now, CANCELED_THERE, now)
        return enter(order, Status.CANCELED, CANCELED_THERE, now)
    order = learn(order, found, policy, now)
    return not_collectable_yet(order, policy, now, listed=False) if order.status is Status.DUE else order


def request_listed_again(
    order: Order, reason: str, open_codes: Collection[str], policy: Policy, read_at: int, now: int
) -> Order:
    """Open a new round for an order that `requested=false`, read from `read_at` on, lists past the settling delay.

    Raises `IllegalTransitionError`: it is not requested, too fresh for the lists to tell, or not listed for sure.
    """
    if order.status is Status.REQUESTED and order.requested_at is not None:
        left = order.requested_at + policy.settling_ms - read_at
        if left >= 0:
            raise IllegalTransitionError(
                f"{order.order_id} was requested a moment ago; SkyHub's lists can tell in {left // 1000 + 1} s"
            )
    code = _match(order, open_codes)
    listed = code is not None and _sure(order, code)
    return request_again(order, reason, now, listed_past_settling=listed)


def batches(confirms: Iterable[Confirm], size: int) -> list[tuple[Confirm, ...]]:
    """Group the orders to confirm: as many a call as `size` and each order's own limit allow."""

    def limit(confirm: Confirm) -> int:
        own = confirm.order.batch_limit
        return size if own is None else min(size, own)

    groups: list[list[Confirm]] = []
    for confirm in sorted(confirms, key=limit, reverse=True):
        # Descending limits: the newcomer's is the smallest of its group.
        if groups and len(groups[-1]) < limit(confirm):
            groups[-1].append(confirm)
        else:
            groups.append([confirm])
    return [tuple(group) for group in groups]


def means_no_label(message: str) -> bool:
    """Whether a refusal says that the order has no label yet."""
    plain = unicodedata.normalize("NFKD", message).encode("ascii", "ignore").decode().lower()
    return any(fragment in re.sub(r"\s+", " ", plain) for fragment in _NO_LABEL)


def _listed(order: Order, code: str, policy: Policy, now: int) -> Verdict:
    if order.uncertain or doubtful(order, policy):
        order = revised(order, uncertain=False, vouched_at=now)
    order = evaluated(order, policy, now)
    if not claimable(order, policy):
        return Become(revised(order, refusal=""))
    if not order.refusal:
        return Confirm(order, code)
    if means_no_label(order.refusal):
        return Become(not_collectable_yet(order, policy, now, listed=True))
    return Become(failed_alone(order, now))


def _covers(order: Order, taken_since: int | None) -> bool:
    """Whether `requested=true` was read whole, beginning after this order's outcome had time to show."""
    return taken_since is not None and isinstance(order.at, At) and order.at.ms <= taken_since


def _outdated(order: Order, lists: Lists) -> bool:
    """Whether `taken` may still show the round before: its reading began before an operator opened this one."""
    return lists.begun_at is not None and lists.begun_at < order.round_at


def _sure(order: Order, code: str) -> bool:
    """Whether a listed code is this order's, and not that of another delivery of the same sale.

    Without its delivery suffix a guessed code names a sibling just as well: SkyHub must say which is whose.
    """
    return bool(order.remote_code) or code == order.guessed_codes[0]


def _absent_for(order: Order, now: int) -> int:
    since = order.not_yet.absent_since if order.not_yet is not None else None
    return 0 if since is None else now - since


def _match(order: Order, codes: Collection[str]) -> str | None:
    return next((code for code in order.codes if code in codes), None)
