"""An operator's wishes: release, retry, discard, correct the carrier, request again. Each reason lands in the history.

The law says what may be wished (`domain.progress`). An order that somebody else changes meanwhile is read again and
decided again, so that workers need not stop, and a wish may be repeated. Whoever chose orders some time ago says by
what (`Objection`): it is looked at again whenever one is decided.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from worker.domain.facts import Carrier
from worker.domain.order import Order
from worker.domain.pickups import request_listed_again
from worker.domain.policy import Policy
from worker.domain.progress import IllegalTransitionError, discard, release, retry_anew, set_carrier
from worker.ports import Change, Drain, Ledger, PermanentError, Saved, SkyHub, Stored, TransientError
from worker.usecases.skyhub_lists import read_open

# Orders read and saved in one go: small enough for a bar that moves, large enough for thousands.
_CHUNK = 100

Wish = Callable[[Order, int], Order]
"""A transition of the domain: the order and the time in, the order out; the same object if it holds already."""

Objection = Callable[[Order, int], str]
"""Why an order, as it is at this time, is not meant by a wish that the law allows; empty if it is meant."""


def no_objection(_order: Order, _now: int) -> str:
    """Mean every order."""
    return ""


@dataclass(frozen=True, slots=True)
class Granted:
    """The order as it was saved, or as it would be in a dry run."""

    order: Order


@dataclass(frozen=True, slots=True)
class Held:
    """What was wished holds already."""

    order: Order


@dataclass(frozen=True, slots=True)
class Denied:
    """Nothing was changed; the reason is a sentence for the operator."""

    order_id: str
    reason: str


Answer = Granted | Held | Denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Operate:
    """What an operator may do to the orders of one store, by ledger id. With `dry_run` nothing is saved.

    What `objection` does not mean is denied, unless what was wished holds already. `read` reads what SkyHub lists as
    not requested, as `read_open` does.
    Every method yields one answer an order, in the order given, and takes the next ids only when those before are
    answered: ids that end end the work, and nothing is done that has no answer.
    """

    ledger: Ledger
    skyhub: SkyHub
    policy: Policy
    dry_run: bool = False
    objection: Objection = no_objection
    read: Callable[[SkyHub], Collection[str]] = read_open

    def release(self, order_ids: Iterable[str], reason: str) -> Iterator[Answer]:
        """Request the pickup although items are not invoiced; the carrier must still be Direct."""
        return self._each(order_ids, lambda order, now: release(order, reason, self.policy, now))

    def retry(self, order_ids: Iterable[str], reason: str) -> Iterator[Answer]:
        """Evaluate failed or canceled orders anew."""
        return self._each(order_ids, lambda order, now: retry_anew(order, reason, self.policy, now))

    def discard(self, order_ids: Iterable[str], reason: str) -> Iterator[Answer]:
        """Give failed orders up."""
        return self._each(order_ids, lambda order, now: discard(order, reason, now))

    def set_carrier(self, order_ids: Iterable[str], carrier: Carrier, reason: str) -> Iterator[Answer]:
        """Correct the carrier; it outranks what any source says."""
        return self._each(order_ids, lambda order, now: set_carrier(order, carrier, reason, self.policy, now))

    def request_again(self, order_ids: Iterable[str], reason: str) -> Iterator[Answer]:
        """Open a new round for orders that SkyHub lists as not requested, past the settling delay.

        Its list is read once, now, for all of them.
        """
        ids = _once(order_ids)
        pause = self.ledger.standing(Drain.PICKUPS).pause
        if pause.active:
            why = f"the SkyHub calls of store {self.ledger.store} are paused ({pause.reason}); resume it first"
            yield from (Denied(order_id, why) for order_id in ids)
            return
        read_at = self.ledger.now()
        try:
            listed = self.read(self.skyhub)
        except (TransientError, PermanentError) as error:
            why = f"SkyHub's list could not be read ({error.reason}); try again later"
            yield from (Denied(order_id, why) for order_id in ids)
            return
        yield from self._each(
            ids,
            lambda order, now: request_listed_again(order, reason, listed, self.policy, read_at, now),
        )

    def _each(self, order_ids: Iterable[str], wish: Wish) -> Iterator[Answer]:
        ids = _once(order_ids)
        while chunk := list(islice(ids, _CHUNK)):
            answers = self._chunk(chunk, wish)
            yield from (answers[order_id] for order_id in chunk)

    def _chunk(self, order_ids: Sequence[str], wish: Wish) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        left = list(order_ids)
        while left:
            now = self.ledger.now()
            known = self.ledger.load(left)[0]
            answers |= {order_id: self._answer(order_id, known.get(order_id), wish, now) for order_id in left}
            changes = [
                Change(order=answer.order, version=known[order_id].version)
                for order_id in left
                if isinstance(answer := answers[order_id], Granted)
            ]
            results = [] if self.dry_run else self.ledger.save(changes)
            left = [
                change.order.order_id
                for change, result in zip(changes, results, strict=not self.dry_run)
                if not isinstance(result, Saved)
            ]
        return answers

    def _answer(self, order_id: str, stored: Stored | None, wish: Wish, now: int) -> Answer:
        if stored is None:
            return Denied(order_id, f"there is no order {order_id}")
        try:
            order = wish(stored.order, now)
        except IllegalTransitionError as error:
            return Denied(order_id, str(error))
        if order is stored.order:
            return Held(order)
        objection = self.objection(stored.order, now)
        return Denied(order_id, objection) if objection else Granted(order)


def _once(order_ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for order_id in order_ids:
        if order_id not in seen:
            seen.add(order_id)
            yield order_id
