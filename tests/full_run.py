"""`python -m tests.full_run`: thousands of orders through real workers, against the simulated SkyHub and its limits.

Every item is invoiced apart, the events come shuffled and some of them twice, no event names a carrier, three orders in
ten ship by Correios, and SkyHub lists each order from the start. Prints what was promised and what was found; exits
with 1 if a promise broke.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fixtures.deployment import account
from tests.fixtures.loads import Load, Mix, chunks, load
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status

STORE = "acme"
# Handed in at once, as a door takes a list of events.
CHUNK = 100
MOST_CALLS = 0.3


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of the outcome."""

    name: str
    found: str
    must: str
    kept: bool


def perform(service: RunningService, work: Load, seconds: float) -> list[Promise]:
    """Hand all of it in, wait until nothing is left to do, and judge."""
    known = [sale.at_skyhub() for sale in work.sales]
    for start in range(0, len(known), 500):
        service.sandbox.register_orders(account(STORE), known[start : start + 500])
    begun = time.monotonic()
    for chunk in chunks(work, CHUNK):
        service.sandbox.complete([sale.code for sale in chunk.completed])
        service.hand_in(chunk.events)
    handed_in = time.monotonic()
    ended = _ended(service, len(work.sales), begun + seconds)
    elapsed = time.monotonic() - begun
    return [*_judged(service, work), *_measured(service, work, handed_in - begun, elapsed, ended=ended)]


def _ended(service: RunningService, orders: int, deadline: float) -> bool:
    ledger = service.ledger(STORE)
    while time.monotonic() < deadline:
        counts = ledger.counts()
        if counts[Status.REQUESTED] + counts[Status.SKIPPED] == orders:
            return True
        service.revive()
        time.sleep(0.1)
    return False


def _judged(service: RunningService, work: Load) -> Iterator[Promise]:
    report = service.sandbox.report()
    direct = {sale.code for sale in work.direct}
    once = sum(len(report.accepted.get(code, ())) == 1 for code in direct)
    others = len(report.accepted.keys() - direct)
    yield Promise("Direct orders confirmed exactly once", f"{once} of {len(direct)}", "all", once == len(direct))
    yield Promise("other orders confirmed", str(others), "0", others == 0)
    yield Promise("confirmed before the last invoice", str(len(report.early)), "0", not report.early)
    broken = ", ".join(f"{name}: {len(codes)}" for name, codes in report.violations.items())
    yield Promise("the sandbox's other verdicts", broken or "none", "none", not broken)


def _measured(
    service: RunningService, work: Load, handing_in: float, elapsed: float, *, ended: bool
) -> Iterator[Promise]:
    answers = service.sandbox.report().calls
    calls = {call: sum(statuses.values()) for call, statuses in answers.items()}
    each = sum(calls.values()) / len(work.direct)
    throttled = sum(statuses.get("429", 0) for statuses in answers.values())
    shown = ", ".join(f"{count} {call}" for call, count in sorted(calls.items()))
    yield Promise(
        "calls to SkyHub per Direct order", f"{each:.2f} ({shown})", f"at most {MOST_CALLS}", each <= MOST_CALLS
    )
    yield Promise("answers 429", str(throttled), "0", throttled == 0)
    counts = service.ledger(STORE).counts()
    left = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    yield Promise("every order ended", left, "requested or skipped", ended)
    yield Promise("elapsed", f"{elapsed:.1f} s, {handing_in:.1f} s of it handing in", "-", kept=True)


def table(promises: Sequence[Promise]) -> str:
    """Return the outcome as text."""
    rows = [("", "found", "must be"), *((promise.name, promise.found, promise.must) for promise in promises)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    marks = ["      ", *("ok    " if promise.kept else "BROKEN" for promise in promises)]
    return "\n".join(
        f"{mark}  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for mark, row in zip(marks, rows, strict=True)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the run that the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.full_run", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--events", type=int, default=15_000)
    parser.add_argument("--latency-ms", type=float, default=50.0, help="of every call to SkyHub")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long it may take")
    options = parser.parse_args(arguments)
    try:
        work = load(Mix(orders=options.orders, events=options.events, stores=(STORE,)), options.seed)
    except ValueError as error:
        parser.error(str(error))
    print(
        f"{options.orders} orders ({len(work.direct)} Direct), {options.events} events, {options.workers} workers,"
        f" SkyHub answers after {options.latency_ms:g} ms, seed {options.seed}",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="full-run-") as folder:
        outcome = RunningService(Path(folder), [STORE], {}, latency_ms=options.latency_ms)
        with running(outcome) as service:
            service.start_beat()
            for number in range(options.workers):
                service.start_worker(f"worker-{number + 1}")
            promises = perform(service, work, options.seconds)
    print(table(promises))
    return 0 if all(promise.kept for promise in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
