"""Workers that are stopped (SIGSTOP) for longer than their leases, while others take over, and that wake up late."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.outcome import Row, Run, judged
from tests.faults.skyhub_world import pass_by
from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Order, Status
from worker.sandbox.faults import Fault, When
from worker.sandbox.report import Report
from worker.telemetry import Log

PART = "Time"
_LEASES_SECONDS = 5.0
_SETTINGS = {
    **SHORT,
    "SWEEP_SECONDS": "1",
    "CALL_TIMEOUT_SECONDS": "3",  # a confirmation that hangs must be there to be hit
    "LEASE_SECONDS": f"{_LEASES_SECONDS:g}",
    "CLAIM_SECONDS": f"{_LEASES_SECONDS:g}",
    # A confirmation waits for its slot between its claim and its last look at the leases: long enough to be hit there.
    "SHIPMENTS_RATE": "2.5",
    "CONFIRM_BATCH": "5",
}
_MOST_SECONDS = 90.0
_HELD_BACK = "held back by the check before sending"
_READING, _CLAIMED, _HANGING = _PLACES = (
    "in the middle of a drain",
    "right before a confirmation",
    "while a confirmation hangs",
)
_HOW = {
    _READING: "SIGSTOP while it reads the list of open orders",
    _CLAIMED: "SIGSTOP after an order's claim, before its last look at the leases",
    _HANGING: "SIGSTOP while it waits for the answer to a confirmation, with effect or without",
}
# Stores are named by what is to be hit in them; so many orders at a time keep a store at it.
_KINDS = {"reading": 25, "claimed": 25, "hanging": 5}
_SLOW_MILLISECONDS = 1000.0


@dataclass(slots=True)
class Stopped:
    """A store and where a stop met it ("": between two drains), its orders, how many being requested, its recovery."""

    place: str
    sold: list[Sale]
    incomplete: list[Sale]
    requesting: int
    recovery: float = 0.0

    @property
    def direct(self) -> list[Sale]:
        """The orders that are to be requested."""
        return [sale for sale in self.sold if sale.carrier == "direct"]


def stopped_workers(run: Run) -> list[Row]:
    """Stop the only worker, let another one take over, wake the first one up and let it work on; then in turns."""
    times, width = (1, 1) if run.short else (3, 3)
    stops: list[Stopped] = []
    held_back = 0
    stores = [f"{kind}{number}" for kind in _KINDS for number in range(width)]
    with running(RunningService(run.folder, stores, _SETTINGS)) as service:
        service.start_beat()
        worker = service.start_worker("worker-0")
        for number in range(1, times + 1):
            met = _Wave(service, width).strike(worker)
            since = time.monotonic()
            heir = service.start_worker(f"worker-{number}")
            for each in met:
                service.await_status(each.direct, Status.REQUESTED, _MOST_SECONDS)
                each.recovery = time.monotonic() - since
            pass_by(max(0.0, since + _LEASES_SECONDS - time.monotonic()))
            _wake(service, worker)
            held_back += sum(_HELD_BACK in line and Log.STORE_TROUBLED in line for line in worker.text.splitlines())
            worker = heir
            stops += met
        report = service.sandbox.report()
    at = {place: [each for each in stops if each.place == place] for place in ("", *_PLACES)}
    at[_READING] += at[""]
    return [_row(place, at[place], held_back, report) for place in _PLACES]


class _Wave:
    """The orders that keep every store where it is to be hit, for one stop of the worker."""

    def __init__(self, service: RunningService, width: int) -> None:
        self.service = service
        self.stores = [(kind, f"{kind}{number}") for kind in _KINDS for number in range(width)]
        self.sold: dict[str, list[Sale]] = {
            store: service.sold(store, 1, carrier="correios") for _, store in self.stores
        }
        self.incomplete = {store: service.sold(store) for _, store in self.stores}
        self._struck = 0

    def strike(self, worker: Part) -> list[Stopped]:
        """Bring every store to its place, stop the worker, and say what was really hit."""
        service, sandbox = self.service, self.service.sandbox
        self._struck = sum(sandbox.struck().values())
        for kind, store in self.stores:
            if kind == "hanging":
                sandbox.fault(_hang(store))
            elif kind == "reading":
                sandbox.settings(account(store), latency_ms=_SLOW_MILLISECONDS)
        service.invoice([sale for sold in self.sold.values() for sale in sold])
        service.hand_in([sale.event(0) for sold in self.incomplete.values() for sale in sold])
        service.until(lambda: self._stopped_in_place(worker), "every store is where it is to be hit", _MOST_SECONDS)
        sandbox.clear_faults()
        for _, store in self.stores:
            sandbox.settings(account(store), latency_ms=0)
        return [_met(service, store, self.sold[store], self.incomplete[store]) for _, store in self.stores]

    def _stopped_in_place(self, worker: Part) -> bool:
        """Stop the worker if every kind of store is in place; let it go on if one has moved on meanwhile."""
        if self._in_place():
            worker.pause()
            if self._in_place():
                return True
            worker.resume()
        return False

    def _in_place(self) -> bool:
        """Whether every kind of store is where it should be; what has too little to do gets more."""
        there = dict.fromkeys(_KINDS, False)
        for kind, store in self.stores:
            counts = self.service.ledger(store).counts()
            due, requesting = counts.get(Status.DUE, 0), counts.get(Status.REQUESTING, 0)
            if due + requesting < _KINDS[kind] / 2 and not self._awaits_inbox(store):
                more = self.service.sold(store, _KINDS[kind])
                self.sold[store] += more
                self.service.invoice(more)
            there[kind] |= bool(due and not requesting if kind == "reading" else requesting)
        return all(there.values()) and sum(self.service.sandbox.struck().values()) > self._struck

    def _awaits_inbox(self, store: str) -> bool:
        return self.service.service.fleet.overview([store])[0].backlog.inbox > 0


def _hang(store: str) -> Fault:
    """Return a confirmation that hangs: with effect in every other store, else without."""
    when: When = "after" if int(store[-1]) % 2 == 0 else "before"
    return Fault(call="confirm", account=account(store), when=when, hang_seconds=_MOST_SECONDS, status=504, times=None)


def _met(service: RunningService, store: str, sold: list[Sale], incomplete: list[Sale]) -> Stopped:
    """Say where the stop met a store: of what it had claimed, nothing more can be sent now."""
    stored = service.ledger(store).load([sale.order_id for sale in sold])[0]
    orders = [known.order for known in stored.values()]
    requesting = [order for order in orders if order.status is Status.REQUESTING]
    if not requesting:
        place = _READING if any(order.status is Status.DUE for order in orders) else ""
    else:
        place = _HANGING if store.startswith("hanging") or _sent(service, requesting) else _CLAIMED
    return Stopped(place, sold, incomplete, len(requesting))


def _sent(service: RunningService, requesting: Sequence[Order]) -> bool:
    accepted = service.sandbox.report().accepted
    return any(order.skyhub_code in accepted for order in requesting)


def _wake(service: RunningService, worker: Part) -> None:
    """Let a worker that was stopped go on beside the one that took over, work with it, and end."""
    said = len(worker.text)
    worker.resume()
    service.until(lambda: len(worker.text) > said, "it goes on")
    store = "hanging0"
    more = service.sold(store, 3)
    service.invoice(more)
    service.await_status(more, Status.REQUESTED, _MOST_SECONDS)
    assert service.accepted(more) == [1] * len(more)
    assert worker.stop() == 0


def _row(place: str, met: Sequence[Stopped], held_back: int, report: Report) -> Row:
    sent = "; what it had claimed and not sent, it did not send then" if place == _CLAIMED else ""
    return Row(
        part=PART,
        failure=f"a worker stopped {place} for longer than its leases",
        how=f"{_HOW[place]}; another worker takes over and ends everything, then SIGCONT",
        orders=sum(len(each.sold) + len(each.incomplete) for each in met),
        landed=sum(bool(each.place) for each in met),
        requesting=sum(each.requesting for each in met),
        broken=judged(
            report,
            [sale for each in met for sale in each.sold],
            incomplete=[sale for each in met for sale in each.incomplete],
        ),
        recovery=max((each.recovery for each in met), default=None),
        runs=len(met),
        note=f"landed = stores that the stop met there{sent} ({held_back} confirmations held back). Excluded by"
        " construction: a stop between the last look at the leases and the first byte, microseconds later, which no"
        " client can close",
    )
