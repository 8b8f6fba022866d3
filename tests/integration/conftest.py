"""A service that many tests share: their orders have codes of their own, so that they do not meet."""

from collections.abc import Iterator

import pytest

from tests.fixtures.page_operator import PageOperator
from tests.fixtures.redis_servers import free_port
from tests.fixtures.running_service import RunningService, running

_PASSWORD = "opens-all-the-pages"


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One worker, beat, two stores: nothing holds `acme` up; whoever pauses a store or fails SkyHub takes `brava`."""
    with running(RunningService(tmp_path_factory.mktemp("staffed"), ("acme", "brava"))) as service:
        service.start_beat()
        service.start_worker()
        yield service


@pytest.fixture(scope="session")
def operator(staffed: RunningService) -> Iterator[PageOperator]:
    """Let a web process run, and somebody enter its pages."""
    port = str(free_port())
    web = staffed.start_web({"COLETA_WEB_PORT": port, "COLETA_ADMIN_PASSWORD": _PASSWORD})
    with PageOperator(f"http://127.0.0.1:{port}", _PASSWORD) as operator:
        yield operator
    assert _PASSWORD not in web.text
