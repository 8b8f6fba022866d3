"""Several beats: each sends every hint, and yet no work is done twice; one that dies is not missed."""

from collections.abc import Iterator

import pytest

from tests.fixtures.deployment import SHORT
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import all_events
from worker.adapters.native_event import read

# Several turns within the test.
_RECONCILE_SECONDS = 1.0
_SETTINGS = {**SHORT, "RECONCILE_SECONDS": str(_RECONCILE_SECONDS)}


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Give a worker; the test starts its beats."""
    with running(RunningService(tmp_path_factory.mktemp("beats"), settings=_SETTINGS)) as service:
        service.start_worker()
        yield service


def test_two_beats_do_the_work_of_one_and_one_is_enough(service: RunningService) -> None:
    """What runs by the clock runs once a turn; events that nobody hinted at are found, also when one beat is dead."""
    first, second = service.start_beat("beat-1"), service.start_beat("beat-2")
    service.until(lambda: all("Sending due task sweep" in beat.text for beat in (first, second)), "both beat")
    began = service.ledger("acme").now()
    before = len(service.told("store.reconciled"))
    _unhinted(service)
    service.until(lambda: len(service.told("store.reconciled")) >= before + 3, "it is reconciled by the clock")
    turns = len(service.told("store.reconciled")) - before
    assert turns <= (service.ledger("acme").now() - began) / 1000 / _RECONCILE_SECONDS + 1

    first.kill()
    _unhinted(service)


def _unhinted(service: RunningService) -> None:
    """Let an order be requested of which no message tells: only a sweep finds it."""
    sold = service.sold("acme", 2)
    service.sandbox.complete([sale.code for sale in sold])
    service.ledger("acme").append([read(event).event for event in all_events(sold)])
    service.requested_once(sold)
