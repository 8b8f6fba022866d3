"""Storms: two workers, beat and web under load, struck again and again by a signal, and started again each time."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from random import Random
from signal import SIGKILL, SIGTERM

from tests.faults.outcome import Row, Run
from tests.faults.scenarios import Scenario
from tests.faults.storm_doors import CeleryDoor, Handing
from tests.faults.storm_end import amiss, is_quiet, unrecorded
from tests.faults.storm_hunt import Hunt
from tests.faults.storm_plans import LAG_SECONDS, LATENCY_MS, SETTINGS, WHOLE, Lane, Plan, lanes, share, short
from tests.faults.storm_rows import Lost, Told, row
from tests.faults.storm_trouble import Trouble
from tests.fixtures.deployment import account
from tests.fixtures.running_parts import GRACE_SECONDS
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale

# Orders that SkyHub lists from the start, though not all of their items are invoiced.
_LISTED_EARLY = 0.1
# Nothing more was recorded for so long: what is missing was lost. Messages given back come within 5 s.
_STEADY_SECONDS = 12.0
_SETTLING_PATIENCE = 240.0
_AT_ONCE = 500
_SHOWN = 20


def storm(run: Run, plan: Plan) -> list[Row]:
    """Let a storm pass over a running service, wait until all is settled, and judge: a row a door."""
    draw = Random(run.seed)  # noqa: S311 - the same storm for the same seed, as far as chance is ours
    service = RunningService(run.folder, plan.stores, SETTINGS, latency_ms=LATENCY_MS, broker=plan.broker, doors=True)
    with running(service), ExitStack() as doors:
        known = lanes(service, plan, run.seed)
        for lane in known:
            doors.callback(lane.door.close)
            _sell(service, lane, draw)
        service.sandbox.settings(lists_lag_seconds=LAG_SECONDS, strict=False, rate_limits=False)
        for number in (1, 2):
            service.start_worker(f"worker-{number}")
        service.start_beat()
        service.start_web()
        hunt = Hunt(service, plan.stores, plan.signal, draw)
        trouble = Trouble(service, plan.stores, draw)
        with _handed_in(service, known, plan.strikes, hunt) as handings:
            while hunt.landed.total() < plan.strikes:
                for handing in handings:
                    handing.let(hunt.landed.total() + 1)
                trouble.pass_by()
                hunt.strike(plan.pace)
            hunt.finish()
        trouble.end()
        rows = []
        for lane in known:
            lost = _sent_again(service, plan, lane, hunt)
            recovery = _settled(service, lane, hunt)
            rows.append(row(plan, lane, hunt, service.sandbox.report(), Told(recovery, lost, trouble.met)))
        assert not hunt.overdue, f"{hunt.overdue} processes ran {GRACE_SECONDS:g} s after {plan.signal.name} still"
        return rows


def _sell(service: RunningService, lane: Lane, draw: Random) -> None:
    """Let SkyHub know of the orders: of some it lists from the start what it should not be asked for yet."""
    unfinished = {sale.code for sale in lane.work.incomplete}

    def is_listed(sale: Sale) -> bool:
        return sale.code in unfinished or draw.random() < _LISTED_EARLY

    for store in lane.stores:
        known = [sale.at_skyhub(0.0 if is_listed(sale) else None) for sale in lane.work.sales if sale.store == store]
        for start in range(0, len(known), _AT_ONCE):
            service.sandbox.register_orders(account(store), known[start : start + _AT_ONCE])


@contextmanager
def _handed_in(service: RunningService, known: Sequence[Lane], strikes: int, hunt: Hunt) -> Iterator[list[Handing]]:
    """Hand the loads in beside the block, as far as it lets them; all of it is in at its end."""
    handings = [Handing(service, lane.work, lane.door, strikes) for lane in known]
    with ThreadPoolExecutor(len(handings)) as beside:
        running_ones = [beside.submit(handing.run) for handing in handings]
        try:
            yield handings
        except BaseException:
            for handing in handings:
                handing.give_up()
            raise
        for handing in handings:
            handing.let(strikes)

        def is_done() -> bool:
            return hunt.supervise() and all(each.done() for each in running_ones)

        service.until(is_done, "all events are handed in", _SETTLING_PATIENCE)
        for each in running_ones:
            each.result()


def _sent_again(service: RunningService, plan: Plan, lane: Lane, hunt: Hunt) -> Lost:
    """Send again what the broker lost, once it is sure that it has it no more; returns how much that was."""
    if not isinstance(lane.door, CeleryDoor):
        return Lost()
    if plan.broker is None:
        # What killed workers had in hand comes back after the visibility timeout of 5 min: it is over now.
        service.messages.zunionstore("unacked_index", {"unacked_index": 0.0})
    unrun, since = lane.door.unrun(), time.monotonic()

    def is_steady() -> bool:
        nonlocal unrun, since
        hunt.supervise()
        left = lane.door.unrun() if isinstance(lane.door, CeleryDoor) else set()
        if left != unrun:
            unrun, since = left, time.monotonic()
        return not unrun or time.monotonic() - since > _STEADY_SECONDS

    service.until(is_steady, "what the broker has is recorded", _SETTLING_PATIENCE)
    missing = unrecorded(service, lane.work, set(lane.work.events))
    lane.door.hand_in([lane.work.sales[index].event(item) for index, item in sorted(missing)])
    return Lost(len(unrun), len(missing))


def _settled(service: RunningService, lane: Lane, hunt: Hunt) -> float:
    """Wait until every order of a door stands where it must and nothing is left to do; returns the seconds it took.

    They count from the last strike. Raises `AssertionError` with what is amiss.
    """
    deadline = time.monotonic() + _SETTLING_PATIENCE
    while True:
        service.until(lambda: hunt.supervise() and is_quiet(service, lane.stores), "all is quiet", _SETTLING_PATIENCE)
        found = amiss(service, lane.work)
        if not found or time.monotonic() > deadline:
            break
    told = "\n".join([f"{len(found)} orders amiss:", *found[:_SHOWN], *hunt.unasked])
    assert not found, told
    return time.monotonic() - hunt.last


# ---- the scenarios


def _perform(run: Run, plan: Plan) -> list[Row]:
    return storm(run, short(plan) if run.short else plan)


KILLS = Plan(signal=SIGKILL, strikes=200)
STOPS = Plan(signal=SIGTERM, strikes=30, loads=share(WHOLE, 0.25))

SCENARIOS = (
    Scenario(name="kill-storm", perform=lambda run: _perform(run, KILLS), seconds=250),
    Scenario(name="sigterm-storm", perform=lambda run: _perform(run, STOPS), seconds=100),
)
