"""A worker starts where another one died, and no beat runs: what was left is done at once, not at the next sweep."""

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.fixtures.deployment import SHORT
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import all_events
from worker.adapters.native_event import read
from worker.domain.order import Status
from worker.ports import Drain

# What is left of the lease, and some work; without beat no sweep would come.
SOON_SECONDS = 10.0
# As they are in production: a batch so small that a drain has a middle to be killed in.
SETTINGS = {**SHORT, "INBOX_LEASE_SECONDS": "5", "INBOX_BATCH": "2", "DRAIN_SECONDS": "25"}
ORDERS = 400


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Redis and the sandbox; each test starts its workers, and nobody beats."""
    with running(RunningService(tmp_path_factory.mktemp("takeover"), settings=SETTINGS)) as service:
        yield service


def in_the_inbox(service: RunningService) -> int:
    """Return how many events are not recorded."""
    ((backlog,), _) = service.service.fleet.backlogs(["acme"])
    return backlog.inbox


def test_an_inbox_left_by_a_killed_worker_is_drained_by_the_next_one(service: RunningService) -> None:
    """Its drain held the lease when it died; the next worker waits for that to end, and no longer."""
    victim = service.start_worker("worker-victim")
    sold = service.sold("acme", ORDERS, collectable_after=None)
    service.hand_in(all_events(sold))
    service.until(lambda: in_the_inbox(service) < 2 * ORDERS, "the drain is at work")
    victim.kill()
    left = in_the_inbox(service)
    assert left > 0
    with Redis.from_url(service.redis.url) as redis:
        assert 0 < int(redis.pttl("coleta:{acme}:lease:inbox")) <= 5_000
    service.messages.flushdb()  # also the message whose worker died: it would come back in five minutes

    service.start_worker("worker-heir")
    service.until(lambda: in_the_inbox(service) < left, "the next worker goes on", SOON_SECONDS)
    service.until(lambda: in_the_inbox(service) == 0, "the inbox is drained")
    assert service.statuses(sold) == {Status.DUE}


def test_a_worker_that_starts_looks_for_work(service: RunningService) -> None:
    """Events without a hint, due orders without a message: it finds all of it by itself."""
    sold = service.sold("acme", 3)
    service.sandbox.complete([sale.code for sale in sold])
    service.ledger("acme").append([read(event).event for event in all_events(sold)])
    assert service.ledger("acme").hint(Drain.INBOX)

    service.start_worker()
    service.requested_once(sold, SOON_SECONDS)
