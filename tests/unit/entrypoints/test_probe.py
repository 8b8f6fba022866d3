"""The verdict of a probe: no only where another process would do better."""

import socket
from pathlib import Path

import pytest

from tests.fakes.memory_processes import MemoryProcesses, a_trace
from tests.fixtures.redis_servers import free_port
from worker.entrypoints.probe import Verdict, ask_web, judge, probe
from worker.ports.processes import Kind, Trace


def _verdict(*known: Trace, kind: Kind = Kind.WORKER, name: str = "", lives: bool = True) -> Verdict:
    return judge(kind, name, MemoryProcesses(*known), host="here", lives=lambda _pid: lives)


def test_who_makes_progress_is_well() -> None:
    """The line says what it did last."""
    verdict = _verdict(a_trace(seen_ago=3, turned=2, ended=4))

    assert verdict.well
    assert verdict.said == "worker@here makes progress: it was seen 3 s ago, ended a task or was idle 4 s ago"


def test_who_is_frozen_is_not_well() -> None:
    """Its process is there, and says nothing any more."""
    verdict = _verdict(a_trace(seen_ago=75))

    assert not verdict.well
    assert verdict.said == "worker@here has said nothing for 75 s: it is dead, or frozen"


def test_who_waits_for_its_broker_is_well() -> None:
    """Starting it again would not bring the broker back."""
    verdict = _verdict(a_trace(seen_ago=3, turned=600, broker_away=20))

    assert verdict.well
    assert verdict.said == "worker@here waits for its broker, which was away 20 s ago"


def test_who_went_on_since_does_not_wait_any_more() -> None:
    """The broker is back."""
    assert "makes progress" in _verdict(a_trace(seen_ago=3, turned=2, broker_away=20)).said
    beat = a_trace(Kind.BEAT, seen_ago=3, turned=2, sent=90, broker_away=20)
    assert "waits for its broker" in _verdict(beat, kind=Kind.BEAT).said


@pytest.mark.parametrize("kind", [Kind.WORKER, Kind.BEAT])
def test_while_redis_is_away_nobody_is_restarted(kind: Kind, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A new process would wait as the old one does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLETA_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    verdict = probe(kind)

    assert verdict.well
    assert "a restart would not help" in verdict.said


def test_settings_that_cannot_be_used_restart_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Somebody is just editing them: what runs goes on, what is started again would end at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLETA_WEB_PORT", "none")

    assert probe(Kind.WEB).well


@pytest.mark.parametrize("known", [(), (a_trace(Kind.BEAT),)], ids=["nobody", "another kind"])
def test_who_is_not_there_is_not_well(known: tuple[Trace, ...]) -> None:
    """A process of another kind is none of this one."""
    assert _verdict(*known) == Verdict(well=False, said="no worker runs here, or it has not said anything yet")


def test_a_trace_of_a_process_that_died_is_not_this_one() -> None:
    """It stays for an hour; the machine knows that there is no such process any more."""
    assert not _verdict(a_trace(), lives=False).well


def test_other_machines_are_none_of_this_ones_business() -> None:
    """A stuck worker elsewhere restarts nobody here."""
    elsewhere = Trace(kind=Kind.WORKER, name="worker@there", host="there", pid=1, version="1")

    assert not _verdict(elsewhere).well
    assert _verdict(elsewhere, a_trace()).well


def test_one_of_several_can_be_named() -> None:
    """Without a name, all that run here must make progress."""
    both = a_trace(name="one@here"), a_trace(name="two@here", seen_ago=300)

    assert not _verdict(*both).well
    assert _verdict(*both, name="one@here").well
    assert not _verdict(*both, name="two@here").well


def test_a_web_process_that_is_not_there_is_not_well() -> None:
    """The line says where it was looked for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        verdict = ask_web(url)

    assert not verdict.well
    assert verdict.said.startswith(f"{url}/healthz does not answer: ")
