"""A service that many tests share: their orders have codes of their own, so that they do not meet."""

from collections.abc import Iterator

import pytest

from tests.fixtures.running_service import RunningService, running


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One worker, beat, two stores: nothing holds `acme` up; whoever pauses a store or fails SkyHub takes `brava`."""
    with running(RunningService(tmp_path_factory.mktemp("staffed"), ("acme", "brava"))) as service:
        service.start_beat()
        service.start_worker()
        yield service
