import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fixtures.coleta import COLETA
from tests.fixtures.demo_sabotage import below_the_test, wrong
from tests.fixtures.demo_stories import CODE, OTHER_CODE, WAITING
from tests.fixtures.running_parts import ROOT, until
from tests.fixtures.running_up import living_below
from worker.domain.order import Status
from worker.entrypoints.demo.children import Children, DemoError, started_children
from worker.entrypoints.demo.deeds import released
from worker.entrypoints.demo.play import run_demo
from worker.entrypoints.demo.screen import Screen
from worker.entrypoints.demo.script import STORIES
from worker.entrypoints.demo.stories import Step, status
from worker.entrypoints.demo.world import World
from worker.entrypoints.embedded.folder import Folder
from worker.entrypoints.up.plan import Plan

__all__ = ["below_the_test"]

# What a caller may have configured for a service of their own.
_OF_THE_CALLER = {"COLETA_REDIS_URL": "redis://127.0.0.1:1/0", "COLETA_SWEEP_SECONDS": "never"}


def _started(tmp_path: Path) -> "subprocess.Popen[str]":
    environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), **_OF_THE_CALLER}
    caller = tmp_path / "caller"
    caller.mkdir()
    (caller / ".env").write_text("COLETA_LEASE_SECONDS=never\n")
    pipe = subprocess.PIPE
    return subprocess.Popen([COLETA, "demo"], cwd=caller, env=environ, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.slow
def test_the_demo_shows_every_promise_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Each order ends as promised, by SkyHub's own count; no process and no file stays, and it takes under a minute."""
    began = time.monotonic()
    with _started(tmp_path) as process:
        said, complained = process.communicate(timeout=110)

    assert (process.returncode, complained) == (0, ""), said
    assert time.monotonic() - began < 60
    assert "\x1b" not in said
    table = said[said.index("\n\n") :]
    for story in STORIES:
        row = rf"^{story.code}  +{re.escape(story.title)};? .* {story.status}  +{story.confirmations}$"
        assert re.search(row, table, re.MULTILINE), (row, table)
        for attention in story.attention:
            assert re.search(rf"^{story.code} .*; attention: {attention} ", table, re.MULTILINE)
    assert re.search(r"a person was faster in the panel; found among SkyHub's requested orders", table)
    assert re.search(rf"{len(STORIES)} orders as promised, in \d+\.\d s$", said.strip())
    assert [path.name for path in tmp_path.iterdir()] == ["caller"]
    assert [path.name for path in (tmp_path / "caller").iterdir()] == [".env"]
    assert living_below(tmp_path) == {}


def test_a_process_that_dies_fails_the_demo(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is named and quoted, everything else ends, and the logs stay."""

    def sabotage(world: World) -> None:
        sandbox = world.children.running[0]
        sandbox.ask_to_end()
        sandbox.bury()

    assert run_demo([WAITING], Screen(live=False), before_judging=sabotage) == 1

    said = capsys.readouterr().out
    assert "failed: sandbox ended (exit -15); it said last:\nSkyHub sandbox listening on" in said
    assert re.search(rf"failed after \d+\.\d s; logs: {tmp_path}/coleta-demo-\w+$", said.strip())
    assert living_below(tmp_path) == {}


def test_told_to_stop_it_ends_all_that_it_started(tmp_path: Path) -> None:
    """Also in the middle of its stories."""
    with _started(tmp_path) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "waiting" in line)
        assert len(living_below(tmp_path)) > len(living_below(tmp_path / "caller")) == 1
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert process.returncode == 128 + signal.SIGTERM, line
    assert [path.name for path in tmp_path.iterdir()] == ["caller"]
    assert living_below(tmp_path) == {}


def test_what_does_not_happen_in_time_fails_the_demo(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An order that does not get there, and a step whose moment never comes; each is named, and the logs are kept."""
    never = replace(WAITING, status=Status.REQUESTED, confirmations=1)
    idle = replace(
        WAITING,
        code=OTHER_CODE,
        steps=(*WAITING.steps, Step(released("sold out"), moment=status(Status.FAILED))),
    )

    faults = wrong([never, idle], capsys, seconds=3)

    assert f"{CODE}: it is waiting (1 of 2 units invoiced), and should be requested" in faults
    assert f"{OTHER_CODE}: the moment of 1 of its 2 steps never came" in faults
    (kept,) = tmp_path.iterdir()
    logged = (kept / "demo.log").read_text().splitlines()
    assert {json.loads(line)["process"] for line in logged} == {"sandbox", "worker-1", "beat", "web"}
    assert living_below(tmp_path) == {}


def test_killed_it_takes_its_processes_with_it(tmp_path: Path) -> None:
    """Nobody is there to stop them: each ends by itself, but for the server, which only a next owner would end."""
    with _started(tmp_path) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "waiting" in line)
        process.kill()
        process.communicate(timeout=60)

    (data,) = tmp_path.glob("coleta-demo-*/data")
    server = Folder(data).read_address()
    assert server is not None
    try:
        until(lambda: list(living_below(tmp_path)) == [server.pid], "their end")
    finally:
        os.kill(server.pid, signal.SIGTERM)


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    """Give what starts the demo's processes."""
    with started_children(tmp_path, {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}) as found:
        yield found


def _plan(folder: Path, program: str) -> Plan:
    (folder / "program.py").write_text(program)
    return Plan(name="worker", module="program", ready="^ready")


def test_a_process_that_does_not_start_is_quoted(children: Children, tmp_path: Path) -> None:
    """Its last words are in the error."""
    broken = children.start(_plan(tmp_path, "import sys; sys.exit('no memory')"))

    with pytest.raises(DemoError, match=r"^worker ended \(exit 1\); it said last:\nno memory$"):
        children.await_ready(broken)


def test_a_process_that_says_nothing_is_not_waited_for_without_end(children: Children, tmp_path: Path) -> None:
    """And one that does not end when it is told to is killed."""
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    deaf = children.start(_plan(tmp_path, code))
    until(lambda: deaf.last_lines() == "deaf", "its first words")
    with pytest.raises(DemoError, match=r"^worker was not ready after 0\.1 s; it said last:\ndeaf$"):
        children.await_ready(deaf, 0.1)

    with pytest.raises(DemoError, match=r"^worker did not end within 0\.1 s of SIGTERM, and was killed$"):
        children.end(0.1)
    assert deaf.exit_code() == -signal.SIGKILL
