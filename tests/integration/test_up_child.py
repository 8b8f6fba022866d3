"""The launcher of `up`'s children, without `up`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.running_parts import ROOT

_STEADY = """
import signal, sys
def end(*_):
    print("ended in order", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", sys.argv[1:], flush=True)
while True:
    signal.pause()
"""


def _started(folder: Path, program: str, *arguments: str) -> "subprocess.Popen[str]":
    (folder / "program.py").write_text(program)
    return subprocess.Popen(
        [sys.executable, "-m", "worker.entrypoints.up.child", "program", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_it_runs_the_module_as_a_program(tmp_path: Path) -> None:
    """With the arguments that follow it, and its exit code is the module's."""
    program = "import sys; print(__name__, *sys.argv[1:], flush=True); sys.exit(3)"
    with _started(tmp_path, program, "--port", "1") as process:
        assert process.stdout is not None
        assert process.stdout.read() == "__main__ --port 1\n"
        assert process.wait(30) == 3


def test_it_ends_in_order_when_nobody_holds_its_standard_input_any_more(tmp_path: Path) -> None:
    """As it is when `up` was killed: the program gets the SIGTERM that `up` would have sent."""
    with _started(tmp_path, _STEADY) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready []\n"
        process.stdin.write("what is written there means nothing")
        process.stdin.flush()
        process.stdin.close()

        assert process.stdout.readline() == "ended in order\n"
        assert process.wait(30) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_does_not_stand_between_the_program_and_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """The process is the program's own."""
    with _started(tmp_path, _STEADY) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready []\n"

        process.send_signal(number)

        assert process.wait(30) == (0 if number is signal.SIGTERM else -signal.SIGKILL)


def test_a_program_that_is_deaf_to_that_is_killed_after_its_grace(tmp_path: Path) -> None:
    """So that the next `up` can start: it waits for what the killed one left behind."""
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    with _started(tmp_path, deaf) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "deaf\n"
        process.stdin.close()

        assert process.wait(30) == -signal.SIGKILL
