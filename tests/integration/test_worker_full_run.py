"""The settings of production, at full speed: two workers and beat, SkyHub with its documented limits."""

from pathlib import Path

import pytest

from tests.fixtures.deployment import account
from tests.fixtures.loads import Mix, chunks, load
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status

MOST_CALLS_AN_ORDER = 0.3


@pytest.mark.slow
def test_skyhubs_limits_are_kept_with_few_calls(tmp_path: Path) -> None:
    """No answer is 429; every Direct order is requested once, none early, and no other one.

    Every item is invoiced apart, the events come shuffled and some of them twice, no event names a carrier, three
    orders in ten ship by Correios, and SkyHub lists each order from the start.
    """
    work = load(Mix(orders=200, events=500), seed=7)
    with running(RunningService(tmp_path, settings={}, latency_ms=5)) as service:
        service.start_beat()
        for name in ("worker-1", "worker-2"):
            service.start_worker(name)
        service.sandbox.register_orders(account("acme"), [sale.at_skyhub() for sale in work.sales])
        for chunk in chunks(work, 100):
            service.sandbox.complete([sale.code for sale in chunk.completed])
            service.hand_in(chunk.events)

        def ended() -> bool:
            counts = service.ledger("acme").counts()
            return counts[Status.REQUESTED] + counts[Status.SKIPPED] == len(work.sales)

        service.until(ended, "every order is requested or skipped", 60)
        report = service.sandbox.report()

    assert {code: len(times) for code, times in report.accepted.items()} == {sale.code: 1 for sale in work.direct}
    assert report.violations == {}
    answers = report.calls.values()
    assert sum(statuses.get("429", 0) for statuses in answers) == 0
    assert sum(sum(statuses.values()) for statuses in answers) <= MOST_CALLS_AN_ORDER * len(work.direct), report.calls
