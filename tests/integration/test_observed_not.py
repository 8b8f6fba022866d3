"""Where nothing is reported: the extras are missing, nobody asked for it, or what is reported to does not answer."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fixtures.deployment import SHORT, environment
from tests.fixtures.running_parts import ROOT
from tests.fixtures.running_service import RunningService, running

_DSN = "http://publickey@127.0.0.1:1/1"
_COLLECTOR = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("package", "variable", "address", "extra"),
    [
        ("sentry_sdk", "COLETA_SENTRY_DSN", _DSN, "sentry"),
        ("opentelemetry.sdk", "OTEL_EXPORTER_OTLP_ENDPOINT", _COLLECTOR, "otel"),
    ],
)
def test_what_is_not_installed_refuses_the_start(
    tmp_path: Path, package: str, variable: str, address: str, extra: str
) -> None:
    """With the variable that asks for it and the command that mends it; nobody believes in reports that never come."""
    command = [sys.executable, "-m", "tests.fixtures.without", package, "worker.entrypoints.web"]
    environ = {**environment({}), variable: address}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)

    mend = f"in the project's folder: pip install -e '.[{extra}]'; or unset it"
    sentence = f"{variable} is set, and what it needs is not installed; {mend}"
    assert (done.returncode, done.stderr) == (1, f"coleta: {sentence}\n")


def test_without_an_address_nothing_of_it_is_loaded() -> None:
    """Neither its memory nor its time is spent. FastAPI and redis-py load parts of OpenTelemetry."""
    said = "import sys, worker.celery, worker.entrypoints.web.server; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    loaded = set(done.stdout.split())
    assert "worker.entrypoints.observing" in loaded
    assert not loaded & {"sentry_sdk", "opentelemetry.exporter", "google.protobuf", "worker.entrypoints.tracing.otel"}


def test_a_collector_that_never_answers_holds_nothing_up(tmp_path: Path) -> None:
    """Neither an order, nor a task that fails, nor the stop of a worker or web: spans and reports are lost."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        running(RunningService(tmp_path, ("acme", "clumsy"), SHORT, doors=True)) as service,
    ):
        where = f"127.0.0.1:{silent.getsockname()[1]}"
        service.variables |= {
            "COLETA_SENTRY_DSN": f"http://publickey@{where}/1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{where}",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        web = service.start_web()
        command = ["-m", "tests.fixtures.clumsy", "celery", "-A", "worker", "worker"]
        worker = service._start("worker", command, service.variables)
        service.until(lambda: " ready." in worker.text, "the worker takes messages")
        service.until(lambda: "a clumsy place broke" in worker.text, "a task failed")

        service.another_goes_through("acme")

        began = time.monotonic()
        assert [worker.stop(), web.stop()] == [0, 0]
        assert time.monotonic() - began < 20  # OpenTelemetry would wait 30 s, by itself
