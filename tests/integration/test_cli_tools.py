import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.coleta import COLETA, run
from worker.sandbox.control import SandboxControl

_HEAVY = ("celery", "redis", "pydantic", "rich", "structlog", "httpx")


def test_help_loads_nothing_that_only_a_command_needs() -> None:
    """It must come at once, also on a slow machine."""
    code = f"import sys, worker.entrypoints.cli; print([name for name in {_HEAVY} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("arguments", [("orders",), ("send", "-", "--stor")])
def test_a_forked_command_is_as_a_new_one(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """What most tests run prints the same, and ends so."""
    environ = {"PATH": os.environ["PATH"], "COLETA_STORES_FILE": "é.toml"}
    new = subprocess.run(
        [COLETA, *arguments],
        cwd=tmp_path,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    forked = run(arguments, tmp_path, environ)

    assert new.returncode == {"orders": 1, "send": 2}[arguments[0]]
    assert (forked.returncode, forked.stdout, forked.stderr) == (new.returncode, new.stdout, new.stderr)


def test_the_schema_of_events_is_printed() -> None:
    """A producer can check its events against it; neither settings nor Redis are needed."""
    done = subprocess.run([COLETA, "schema"], capture_output=True, text=True, check=True, env={})

    schema = json.loads(done.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"OrderInvoicedBody", "OrderCanceledBody"} <= set(schema["$defs"])


def test_the_sandbox_is_served_until_it_is_told_to_stop() -> None:
    """Its first line names its address."""
    command = [COLETA, "sandbox", "--port", "0", "--latency-ms", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            match = re.fullmatch(r"SkyHub sandbox listening on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())
            assert match
            with SandboxControl(match[1]) as control:
                assert control.settings().latency_ms == 5
        finally:
            process.terminate()
