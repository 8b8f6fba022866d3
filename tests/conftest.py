"""How the tests run: property tests with the same examples on every machine, signals as a terminal leaves them."""

from collections.abc import Generator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.fixtures.opened_sockets import note_openers, openers
from tests.fixtures.terminal import hear_signals
from worker.entrypoints.tracing import context

hear_signals()
note_openers()

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,  # A busy machine is no failure.
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
# For the moment between two changes, with all of tests/unit: `make quick`.
settings.register_profile("quick", settings.get_profile("ci"), max_examples=5)
# For a night: `pytest --hypothesis-profile=deep`.
settings.register_profile("deep", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, shuffled as they are: no process then starts a long one last."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Let nothing that a test's log lines carry outlive it: a task that fails leaves that to its worker to end."""
    context.leave()
    structlog.contextvars.clear_contextvars()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say who opened a socket that was left open: the test that fails is the one that ran when it was collected."""
    report = yield
    if report.failed and (lines := openers(report.longreprtext)):
        report.sections.append(("sockets left open", "\n".join(lines)))
    return report
