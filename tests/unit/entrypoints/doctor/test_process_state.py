"""What is said of workers, beat and web, by what they said of themselves."""

from dataclasses import replace

from tests.fakes.memory_processes import NOW, a_trace
from worker.entrypoints.doctor.findings import Check
from worker.entrypoints.doctor.process_state import judge
from worker.ports.processes import Kind, Trace

BEAT = a_trace(Kind.BEAT, turned=1, sent=4)
WORKER = a_trace(turned=1, did={"sweep": 5, "request_pickups": 61})
WEB = a_trace(Kind.WEB, turned=1)


def _found(*traces: Trace, doors: bool = True, swept: int | None = 5, sweep_ms: int = 10_000) -> dict[Check, str]:
    swept_at = None if swept is None else NOW - swept * 1000
    found = judge(traces, NOW, swept_at=swept_at, sweep_ms=sweep_ms, doors=doors)
    return {finding.check: finding.found for finding in found}


def test_processes_that_make_progress_say_what_they_did() -> None:
    """How many, which, and when they last did what matters."""
    assert _found(WORKER, BEAT, WEB) == {
        Check.WORKER_OK: "1: worker@here; 0 of 8 threads busy, sweep 5 s ago, request_pickups 61 s ago",
        Check.BEAT_OK: "1: beat@here; sent 4 s ago",
        Check.WEB_OK: "1: web@here",
    }


def test_pages_that_no_password_opens_are_said() -> None:
    """By the process itself: what `up` made for it stands in no file. It is well otherwise."""
    closed = replace(WEB, numbers={"closed": 1})

    found = _found(WORKER, BEAT, closed)
    assert found[Check.PAGES_CLOSED] == "web@here knows none"
    assert Check.WEB_OK in found
    assert Check.PAGES_CLOSED not in _found(WORKER, BEAT, replace(WEB, numbers={"closed": 0}))


def test_who_is_not_there_is_missed() -> None:
    """The HTTP process only where a store has doors."""
    assert [*_found()] == [Check.WORKER_ABSENT, Check.BEAT_ABSENT, Check.WEB_ABSENT]
    assert [*_found(doors=False)] == [Check.WORKER_ABSENT, Check.BEAT_ABSENT]


def test_who_fell_silent_is_named_and_does_not_count() -> None:
    """A killed worker leaves its trace; another one may do its work."""
    silent = replace(WORKER, name="worker-2@here", seen_at=NOW - 600_000)

    assert (
        _found(WORKER, silent, BEAT, WEB)[Check.PROCESS_GONE]
        == "worker-2@here (process 1 on here) was last seen 10 min ago"
    )
    assert Check.WORKER_OK in _found(WORKER, silent, BEAT, WEB)
    assert Check.WORKER_ABSENT in _found(silent, BEAT, WEB)


def test_who_is_stuck_is_told_from_who_waits() -> None:
    """The first is to be restarted, the second not."""
    stuck = a_trace(turned=300, did={"sweep": 5})
    waiting = a_trace(turned=300, broker_away=10, did={"sweep": 5})

    found = _found(stuck, BEAT, WEB)
    assert found[Check.PROCESS_STUCK] == "worker@here (process 1 on here) has not gone through its main loop for 5 min"
    assert Check.WORKER_OK not in found
    found = _found(waiting, BEAT, WEB)
    assert Check.PROCESS_STUCK not in found
    assert found[Check.PROCESS_WAITS] == "worker@here found it away within two minutes"


def test_sweeps_that_do_not_come_to_their_end_are_missed() -> None:
    """Beat sends and workers live, but no sweep ends, though some may begin; workers that just began have time."""
    old, fresh = a_trace(turned=1, began=900, did={"sweep": 5}), a_trace(turned=1, began=30)

    assert _found(old, BEAT, WEB, swept=600)[Check.SWEEP_OVERDUE] == "the last one came to its end 10 min ago"
    assert _found(old, BEAT, WEB, swept=None)[Check.SWEEP_OVERDUE] == "none ever came to its end"
    assert Check.SWEEP_OVERDUE not in _found(fresh, BEAT, WEB, swept=600)
    assert Check.SWEEP_OVERDUE not in _found(old, WEB, swept=600), "without beat there is another thing to mend"


def test_sweeps_that_are_to_come_seldom_are_not_missed() -> None:
    """Six of them may be."""
    old = a_trace(turned=1, began=9_000)

    assert Check.SWEEP_OVERDUE not in _found(old, BEAT, WEB, swept=3_590, sweep_ms=600_000)
    assert Check.SWEEP_OVERDUE in _found(old, BEAT, WEB, swept=3_610, sweep_ms=600_000)


def test_versions_that_differ_are_said() -> None:
    """An upgrade that stopped half-way."""
    assert _found(WORKER, replace(BEAT, version="0.9"), WEB)[Check.PROCESS_VERSIONS] == "web@here 1.0, beat@here 0.9"


def test_where_up_runs_it_is_what_starts_a_process_again() -> None:
    """A second one is refused; a frozen process is ended by its id, if it is one of this host."""
    frozen, stuck = replace(WORKER, pid=4711, seen_at=NOW - 600_000), replace(a_trace(Kind.BEAT, turned=300), pid=12)
    away = replace(frozen, name="worker@there", host="there")

    found = judge([frozen, away, stuck], NOW, swept_at=NOW, sweep_ms=10_000, doors=True, up=True, host="here")
    advice = {finding.found.partition(" (")[0]: finding.advice for finding in found}

    kill = "`kill -9 4711` there, and `coleta up` starts it again"
    assert advice["worker@here"] == f"if it still runs it is frozen: {kill}"
    assert advice["beat@here"] == kill.replace("4711", "12")
    assert advice["worker@there"] == Check.PROCESS_GONE.advice
    for kind in ("worker", "web"):
        said = advice[f"no {kind} has said anything for 60 s"]
        assert said.startswith("`coleta up` runs here (a second one is refused) and starts what is missing")
