"""A worker whose threads are all at work: a backlog in one inbox keeps no other inbox waiting."""

from pathlib import Path

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import all_events
from worker.adapters.native_event import read
from worker.domain.order import Status
from worker.sandbox.faults import Fault

# One thread waits for SkyHub, the other one records, one event a round trip: both for longer than the test lasts.
SECONDS = {"CALL_TIMEOUT_SECONDS": "30", "LEASE_SECONDS": "40", "CLAIM_SECONDS": "40", "DRAIN_SECONDS": "25"}
SETTINGS = {**SHORT, **SECONDS, "WORKER_THREADS": "2", "INBOX_BATCH": "1"}
BACKLOG = 20_000
SOON_SECONDS = 10.0


def test_a_backlog_leaves_its_thread_to_the_next_store(tmp_path: Path) -> None:
    """Nobody stands in line, for it takes a thread to do so: what was taken and waits for one counts as well."""
    with running(RunningService(tmp_path, ["hanging", "large", "small"], SETTINGS)) as service:
        service.start_worker()
        service.until(lambda: len(service.told("store.reconciled")) == 3, "nothing else wants a thread")
        service.sandbox.fault(Fault(call="collectables", account=account("hanging"), hang_seconds=60))
        service.invoice(service.sold("hanging"))
        service.until(lambda: not service.faults(), "one thread waits for SkyHub")
        (sale,) = service.sold("large", collectable_after=None)
        event = read({**sale.event(0), "store": "large"}).event
        service.ledger("large").append([event] * BACKLOG)
        service.hand_in([sale.event(0)])
        service.until(lambda: inbox(service, "large") < BACKLOG, "the other one records")
        service.hand_in(all_events(orders := service.sold("small", collectable_after=None)))
        service.await_status(orders, Status.DUE, SOON_SECONDS)
        assert inbox(service, "large") > 0


def inbox(service: RunningService, store: str) -> int:
    """Return how many events of a store are not recorded."""
    ((backlog,), _) = service.service.fleet.backlogs([store])
    return backlog.inbox
