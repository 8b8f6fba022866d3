"""One run of the service in which every store has a fault of its own at SkyHub: watched, mended, judged."""

import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.faults.gate import Gate
from tests.faults.outcome import Broken, judged
from tests.faults.skyhub_case import Case, Ends
from tests.faults.skyhub_cases import planned
from tests.faults.skyhub_shown import met_while_requesting, shown
from tests.fixtures.deployment import account, stores_file
from tests.fixtures.running_parts import until
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.domain.order import Order, Status
from worker.entrypoints.operating import hinting
from worker.ports import Overview
from worker.telemetry import Log

# Longer than the call that asks for the next thing may take to come; a shut gate opens by itself.
_SHUT_SECONDS = 1.0
# Between two looks at all stores: each costs the machine that the workers run on.
_LOOK_SECONDS = 0.3


@dataclass(slots=True, kw_only=True)
class Played:
    """A case in its store: its orders, the ids of its faults, and what was seen of it so far."""

    case: Case
    store: str
    direct: list[Sale]
    others: list[Sale]
    incomplete: list[Sale]
    first: list[int] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    gate: Gate | None = None
    begun: float = 0.0
    seen: str = ""
    cleared_at: float | None = None
    retried: bool = False
    recovery: float | None = None
    landed: int = 0
    requesting: int = 0
    wrong: str = ""

    @property
    def orders(self) -> list[Sale]:
        """Every order of the store."""
        return [*self.direct, *self.others, *self.incomplete]

    @property
    def done(self) -> bool:
        """Whether the fault was seen, is over, and every order that is to be requested is."""
        return self.recovery is not None


class World:
    """A running service whose stores are the cases; `play` runs them all at once."""

    def __init__(self, service: RunningService, cases: Sequence[tuple[str, Case]], strikes: int) -> None:
        self.service = service
        self._strikes = strikes
        self._gates = ExitStack()
        # The first reconcile would learn what a case leaves to its own calls.
        service.until(lambda: self._reconciled(store for store, _ in cases), "every store was reconciled")
        self.played = [self._sold(store, case) for store, case in cases]

    def play(self, seconds: float) -> None:
        """Let the faults strike, take each away once it was seen, and wait for what is left to be requested."""
        with self._gates:
            self._plan()
            self.service.invoice([sale for each in self.played for sale in (*each.direct, *each.others)])
            self.service.hand_in([sale.event(0) for each in self.played for sale in each.incomplete])
            deadline = time.monotonic() + seconds
            for each in self.played:
                each.begun = time.monotonic()
            while (left := [each for each in self.played if not each.done]) and time.monotonic() < deadline:
                self._look(left)
                pass_by(_LOOK_SECONDS)
        for each in self.played:
            self._finish(each)

    def broken(self, played: Played) -> Broken:
        """Judge a store; what was not shown as it should be is lost from sight."""
        report = self.service.sandbox.report(account(played.store))
        broken = judged(report, [*played.direct, *played.others], incomplete=played.incomplete)
        return broken + Broken(lost=1) if played.wrong and not broken.lost else broken

    # ---- before

    def _reconciled(self, stores: Iterable[str]) -> bool:
        return all(overview.reconciled for overview in self.service.service.fleet.overview(list(stores)))

    def _sold(self, store: str, case: Case) -> Played:
        known = {"says_carrier": case.says_carrier}
        return Played(
            case=case,
            store=store,
            direct=self.service.sold(store, case.direct, **known),  # type: ignore[arg-type] # one of `Known`
            others=self.service.sold(store, 1, carrier="correios", **known),  # type: ignore[arg-type] # as above
            incomplete=self.service.sold(store, 1),
        )

    def _plan(self) -> None:
        port = urlsplit(self.service.sandbox_url).port
        assert port is not None
        gated = ""
        for each in self.played:
            name = account(each.store)
            first, faults = planned(each.case, name, each.direct[0].remote_code)
            each.first = [self.service.sandbox.fault(fault) for fault in first]
            each.faults = [self.service.sandbox.fault(fault) for fault in faults]
            if each.case.settings:
                self.service.sandbox.settings(name, **each.case.settings)
            if each.case.gate:
                each.gate = self._gates.enter_context(Gate(port))
                gated += stores_file([each.store], f"http://127.0.0.1:{each.gate.port}")
                self._shut(each.gate, each.case)
        open_stores = [each.store for each in self.played if each.gate is None]
        self.service.file.write_text(stores_file(open_stores, self.service.sandbox_url) + gated)
        workers = sum(part.name.startswith("worker") for part in self.service.parts) if gated else 0

        def all_know() -> bool:
            # A worker looks at the file when it has something to do, and one of them may have taken all there was.
            self.service.app.send_task("coleta.drain_inbox", args=[open_stores[0]])
            return len(self.service.told(Log.STORES_CHANGED)) >= workers

        self.service.until(all_know, "every worker knows of the gates")

    def _shut(self, gate: Gate, case: Case) -> None:
        """Let the call that the case is about be refused: it follows the end of the list of open orders."""
        match case.call:
            case "confirm":
                gate.shut_after(b"requested=false&offset=2", _SHUT_SECONDS)
            case "taken":
                gate.shut_after(b"requested=false&offset=2", _SHUT_SECONDS, arms_at=b"confirm_collection")
            case _:
                gate.shut()

    # ---- while

    def _look(self, left: Sequence[Played]) -> None:
        self.service.revive()
        struck = self.service.sandbox.struck()
        overviews = self.service.service.fleet.overview([each.store for each in left])
        for each, overview in zip(left, overviews, strict=True):
            orders = self._orders(each)
            each.landed = max(each.landed, sum(struck.get(fault, 0) for fault in each.faults or each.first))
            if each.gate is not None:
                each.landed = max(each.landed, self._refusals(each, orders, overview))
            if each.cleared_at is None:
                self._watch(each, orders, overview)
            else:
                self._await(each, orders)

    def _watch(self, each: Played, orders: list[Order], overview: Overview) -> None:
        seen = shown(each.case, orders, overview)
        enough = 1 if each.gate is not None or each.case.ends is not Ends.RESTS else self._strikes
        if not seen or each.landed < enough:
            return
        each.seen = seen
        if each.case.burns_nothing and any(order.attempts for order in orders):
            each.wrong = "an attempt was counted"
        if each.case.ends is Ends.POISONED:
            each.seen = f"after {time.monotonic() - each.begun:.0f} s {each.seen}"
        if each.gate is not None:
            each.gate.open()
        for fault in (*each.first, *each.faults):
            self.service.sandbox.clear_faults(fault)
        each.cleared_at = time.monotonic()

    def _await(self, each: Played, orders: list[Order]) -> None:
        failed = [order.order_id for order in orders if order.status is Status.FAILED]
        if failed and not each.retried:
            service, app = self.service.service, self.service.app
            answers = service.operate(each.store).retry(failed, "SkyHub takes it now")
            list(hinting(service, app, each.store, answers))
            each.retried = True
        if all(order.status is Status.REQUESTED for order in orders):
            assert each.cleared_at is not None
            each.recovery = time.monotonic() - each.cleared_at

    def _orders(self, each: Played) -> list[Order]:
        ids = [sale.order_id for sale in each.direct]
        stored = self.service.ledger(each.store).load(ids)[0]
        return [stored[order_id].order for order_id in ids if order_id in stored]

    def _refusals(self, each: Played, orders: Iterable[Order], overview: Overview) -> int:
        if each.case.call == "confirm":
            return len({entry.at for order in orders for entry in order.history if each.case.word in entry.detail})
        rests = [rest for rest in overview.backlog.backoffs.values() if each.case.word in rest.reason]
        return max((rest.tries for rest in rests), default=0)

    # ---- after

    def _finish(self, each: Played) -> None:
        orders = self._orders(each)
        each.requesting = sum(met_while_requesting(order) for order in orders)
        statuses = sorted({order.status.value for order in orders})
        if each.cleared_at is None:
            reasons = sorted({order.reason for order in orders} | {order.last_error for order in orders})
            each.wrong = f"not seen as {each.case.ends.value} but {statuses}: {reasons}"
        elif each.recovery is None:
            each.wrong = f"still {statuses} after the fault was over"
        standing = {sale: self.service.order(sale) for sale in (*each.others, *each.incomplete)}
        for sale, order in standing.items():
            expected = Status.WAITING if sale in each.incomplete else Status.SKIPPED
            if order is None or order.status is not expected:
                each.wrong = each.wrong or f"an order that is not to be requested is {order and order.status.value}"


def pass_by(seconds: float) -> None:
    """Let time pass."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end, "time passes", seconds=2 * seconds + 1)
