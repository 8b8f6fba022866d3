"""Guards of the promises that can be taken out, one by one, to see that the model notices."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from tests.fakes import memory_ledger
from tests.faults.model_ledger import ModelLedger
from tests.faults.model_skyhub import SkyHubSeen
from tests.faults.model_world import World
from worker import ports
from worker.domain import invoices, pickups, progress
from worker.domain import order as order_module
from worker.domain.confirmation import Outcome
from worker.domain.events import Dropped
from worker.domain.facts import Authority, Carrier, CarrierClaim, effective_carrier
from worker.domain.order import Order
from worker.domain.policy import Policy
from worker.usecases import after_restart, confirm_batch, record_invoices, request_pickups


def _unversioned() -> AbstractContextManager[Any]:
    save = ModelLedger._save

    def over_anything(self: ModelLedger, change: ports.Change) -> ports.SaveResult:
        held = self._living(change.order.order_id)
        return save(self, replace(change, version=held.version if held else 0))

    return patch.object(ModelLedger, "_save", over_anything)


def _certain() -> AbstractContextManager[Any]:
    settle = progress.settle

    def forgetful(order: Order, *told: Any) -> Order:  # noqa: ANN401 - as settle's
        return replace(settle(order, *told), uncertain=False)

    return patch.object(confirm_batch, "settle", forgetful)


def _certain_of_the_dead() -> AbstractContextManager[Any]:
    expire = progress.expire

    def forgetful(order: Order, policy: Policy, now: int) -> Order:
        taken = expire(order, policy, now)
        return taken if taken is order else replace(taken, uncertain=False)

    return patch.object(after_restart, "expire", forgetful)


def _careless() -> AbstractContextManager[Any]:
    confirm = SkyHubSeen.confirm

    def send_anyway(self: SkyHubSeen, codes: Sequence[str], _may_send: Callable[[], bool]) -> Outcome:
        return confirm(self, codes, lambda: True)

    return patch.object(SkyHubSeen, "confirm", send_anyway)


def _impatient() -> AbstractContextManager[Any]:
    return patch.object(World, "settling_ms", 0)


@contextmanager
def _undoubted() -> Iterator[None]:
    with _windowless(), patch.object(after_restart, "unknown_after_restart", lambda order, _: order):
        yield


def _windowless() -> AbstractContextManager[Any]:
    return patch.object(pickups, "doubtful", lambda *_: False)


def _versions_again() -> AbstractContextManager[Any]:
    return patch.object(memory_ledger, "crc32", lambda _: 0)


def _all_direct() -> AbstractContextManager[Any]:
    def hopeful(claims: Mapping[Authority, CarrierClaim]) -> Carrier:
        return Carrier.DIRECT if effective_carrier(claims) is Carrier.UNKNOWN else effective_carrier(claims)

    return patch.object(order_module, "effective_carrier", hopeful)


def _acknowledged_first() -> AbstractContextManager[Any]:
    fold = record_invoices._fold

    def careless(ledger: ports.Ledger, policy: Policy, entries: Any) -> Any:  # noqa: ANN401 - as _fold's
        for entry in entries:
            ledger.exchange((), [ports.Drop(entry.entry_id, Dropped.REPEATED)], 0)
        return fold(ledger, policy, entries)

    return patch.object(record_invoices, "_fold", careless)


@contextmanager
def _unpacked() -> Iterator[None]:
    with (
        patch.object(request_pickups, "packed_ones", lambda _ledger, _packing, _policy, due, *_: (due, False)),
        patch.object(progress, "must_be_packed", lambda *_: False),
    ):
        yield


def _copies_count() -> AbstractContextManager[Any]:
    rank = invoices._rank
    return patch.object(invoices, "_rank", lambda body: rank(replace(body, source=invoices.Source.PUSHED)))


@dataclass(frozen=True, slots=True)
class Sabotage:
    """A guard that is taken out, the promises it keeps, and what narrows the model to where it matters.

    Where chance would need too long, a person tells the `story` (`model.told`), each turn by its kind and choices.
    """

    take_out: Callable[[], AbstractContextManager[Any]]
    promises: tuple[str, ...]
    moves: tuple[str, ...] = ()
    fixed: Mapping[str, object] = field(default_factory=dict)
    story: tuple[tuple[Any, ...], ...] = ()


SABOTAGES: Mapping[str, Sabotage] = {
    "a document is saved over whatever is there": Sabotage(
        _unversioned, ("lost", "early", "twice"), ("pickups", "job", "go on", "tell", "tell", "operator")
    ),
    "an unknown outcome counts as no effect": Sabotage(_certain, ("twice",), ("pickups", "wait"), {"lag_ms": 30_000}),
    "a dead process counts as one that sent nothing": Sabotage(
        _certain_of_the_dead, ("twice",), ("pickups", "wait", "kill"), {"lag_ms": 30_000}
    ),
    "the lists are believed at once": Sabotage(_impatient, ("twice",), ("pickups", "wait"), {"lag_ms": 30_000}),
    "due orders are not doubted after a change of server": Sabotage(
        _undoubted, ("twice",), ("pickups", "another server", "wait"), {"sticky": True}
    ),
    "requested although not packed": Sabotage(_unpacked, ("early",), ("pickups", "pack", "tell"), {"boxed": True}),
    "the copy in the OMS outranks what was told": Sabotage(
        _copies_count, ("early",), ("pickups", "job", "tell", "less"), {"oms": True, "fallible": True}
    ),
    "an unknown carrier counts as Direct": Sabotage(_all_direct, ("correios",), ("pickups", "job", "tell")),
    "events are taken out of the inbox before they are saved": Sabotage(
        _acknowledged_first, ("lost", "early"), ("job", "tell", "kill")
    ),
}

# Needs the right words at the right moments.
TOLD: Mapping[str, Sabotage] = {
    "a stalled process sends what it claimed": Sabotage(
        _careless,
        ("twice",),
        story=(
            ("pickups", 0, 2),  # the claim is saved, and the process stalls before it sends
            ("wait", 6),  # longer than both leases
            ("pickups", 1),  # another one finds the claim over, and sends
            ("go on", 0),
        ),
    ),
    "an order that is due later is not doubted either": Sabotage(
        _windowless,
        ("twice",),
        fixed={"sticky": True},
        story=(
            ("pickups", 1, 1),  # the confirmation is sent, its answer under way
            ("another server", 3),  # the claim is forgotten
            ("kill", 1),
            ("less",),
            ("pickups", 2),  # the other server is noticed
            ("wait", 7),
            ("pickups", 2),  # due orders are doubted
            ("all",),
        ),
    ),
    "a version that a failover forgot comes up again": Sabotage(
        _versions_again,
        ("early",),
        story=(
            ("pickups", 0, 1, 2),  # the confirmation is sent, and SkyHub never answers
            ("another server", 3),  # the claim is forgotten
            ("less",),  # one writer makes the version that the claim had
            ("go on", 0),  # the other one settles
        ),
    ),
}
