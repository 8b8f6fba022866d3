from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.contracts.samples import a_backlog
from tests.fakes import memory_processes
from tests.fakes.memory_processes import a_trace
from tests.unit.domain.builders import DAY, HOUR, MINUTE, NOW, SECOND
from worker.domain.order import Status
from worker.entrypoints.store_views import needs_somebody, overdue, standstill, state, store_document
from worker.entrypoints.views import iso
from worker.ports import AUTOMATIC, OPERATOR, STORES_FILE, Backoff, Drain, Overview, Pause, Reconciled
from worker.ports.processes import Kind, Trace


def _overview(
    *,
    pause: Pause | None = None,
    trouble_until: int = 0,
    oldest_due: int | None = None,
    attention: int = 0,
    rejected: int = 0,
    changed_at: int = 0,
    **counts: int,
) -> Overview:
    backoffs = {Drain.PICKUPS: Backoff(trouble_until)}
    return Overview(
        backlog=a_backlog(inbox=4, pause=pause or Pause(), backoffs=backoffs),
        now=NOW,
        counts={status: counts.get(status, 0) for status in Status},
        attention=attention,
        rejected=rejected,
        oldest_due=oldest_due,
        changed_at=changed_at,
        doubted=not changed_at,
    )


_state = partial(state, quarantine_ms=MINUTE)


def _document(overview: Overview) -> dict[str, Any]:
    return store_document(overview, served=True, quarantine_ms=MINUTE)


_BY_OPERATOR = Pause(active=True, by=OPERATOR, reason="inventory", since=NOW - HOUR)
_BY_SERVICE = Pause(active=True, by=AUTOMATIC, reason="401", since=NOW - HOUR, probe_at=NOW + MINUTE)
_BY_FILE = Pause(active=True, by=STORES_FILE, reason="taken out", since=NOW - HOUR)


@pytest.mark.parametrize(
    ("overview", "said"),
    [
        (_overview(due=3), "working"),
        (_overview(pause=_BY_OPERATOR), f"paused by an operator since {iso(NOW - HOUR)}: inventory"),
        (_overview(pause=_BY_SERVICE), f"paused by the service, next try at {iso(NOW + MINUTE)}: 401"),
        (_overview(pause=_BY_FILE), "back in the stores file: resumes within seconds"),
        (_overview(trouble_until=NOW + MINUTE), f"SkyHub is in trouble, next try at {iso(NOW + MINUTE)}"),
        (_overview(trouble_until=NOW - MINUTE), "working"),
        (
            _overview(changed_at=NOW - SECOND, due=1),
            (
                f"Redis was restarted or its clock set forward at {iso(NOW - SECOND)}:"
                f" nothing is requested until {iso(NOW + MINUTE - SECOND)}"
            ),
        ),
        (_overview(changed_at=NOW - MINUTE, due=1), "working"),
        (
            _overview(changed_at=NOW - SECOND),
            (
                f"Redis was restarted or its clock set forward at {iso(NOW - SECOND)}:"
                f" nothing is requested until {iso(NOW + MINUTE - SECOND)}"
            ),
        ),
    ],
)
def test_a_stores_state_says_what_keeps_its_pickups_from_moving(overview: Overview, said: str) -> None:
    """And what ends it, with its moment; a server that was restarted matters to what is due next, too."""
    assert _state(overview, served=True) == said


@pytest.mark.parametrize("pause", [None, _BY_FILE, _BY_OPERATOR])
def test_a_store_that_was_taken_out_says_so(pause: Pause | None) -> None:
    """Whoever paused it; its orders are kept."""
    overview = _overview(pause=pause, waiting=1000, requested=200)

    assert _state(overview, served=False) == "taken out of the stores file: paused, 1,200 orders kept"
    assert _state(_overview(due=1), served=False).endswith("paused, 1 order kept")


@pytest.mark.parametrize(
    ("overview", "needed"),
    [
        (_overview(due=3, waiting=1), False),
        (_overview(pause=_BY_SERVICE), True),
        (_overview(failed=1), True),
        (_overview(attention=1), True),
        (_overview(rejected=1), True),
    ],
)
def test_a_store_that_needs_somebody_is_told_from_one_that_works(overview: Overview, *, needed: bool) -> None:
    """It is listed first."""
    assert needs_somebody(overview) is needed


@pytest.mark.parametrize(
    ("since", "said"),
    [(0, "0 s"), (119 * SECOND, "119 s"), (2 * MINUTE, "2 min"), (2 * HOUR, "2 h"), (3 * DAY, "3 d"), (-SECOND, "")],
)
def test_how_long_the_oldest_due_order_is_late(since: int, said: str) -> None:
    """What is due later is not late."""
    assert overdue(_overview(oldest_due=NOW - since)) == said
    assert overdue(_overview()) == ""


def test_scripts_read_of_a_store_how_it_stands() -> None:
    """In one document; what is not known is null."""
    overview = _overview(pause=_BY_SERVICE, due=3, oldest_due=NOW, attention=1, rejected=2)

    assert _document(overview) == {
        "store": "acme",
        "served": True,
        "state": _state(overview, served=True),
        "pause": {"by": "service", "reason": "401", "since": iso(NOW - HOUR), "probe_at": iso(NOW + MINUTE)},
        "orders": {**dict.fromkeys(map(str, Status), 0), "due": 3},
        "oldest_due_at": iso(NOW),
        "attention": 1,
        "inbox": 4,
        "rejected": 2,
        "reconciled": None,
        "troubles": [],
    }
    assert _document(_overview())["pause"] is None
    by_operator = _document(_overview(pause=_BY_OPERATOR))["pause"]
    assert by_operator["probe_at"] is None


def test_trouble_with_the_oms_is_shown_beside_the_state() -> None:
    """It stops no pickup, so the store works; a script finds the drain that rests, why, and until when."""
    overview = _overview()
    backoffs = {Drain.REREAD: Backoff(NOW + MINUTE, "token", 1, "503"), Drain.FEED: Backoff(NOW, "token", 1, "over")}
    overview = replace(overview, backlog=replace(overview.backlog, backoffs=backoffs))
    assert _state(overview, served=True) == f"working; the VTEX OMS is in trouble, next try at {iso(NOW + MINUTE)}: 503"
    assert _document(overview)["troubles"] == [{"drain": "reread", "reason": "503", "until": iso(NOW + MINUTE)}]


def test_what_the_last_reconcile_found_is_in_the_document() -> None:
    """With its time, so that a script sees whether it still runs."""
    found = Reconciled(at=NOW, listed=5, opened=2, reread=3, flagged=1)
    document = _document(replace(_overview(), reconciled=found))
    assert document["reconciled"] == {
        "at": iso(NOW),
        "listed": 5,
        "opened": 2,
        "reread": 3,
        "flagged": 1,
        "waiting_long": 0,
    }


@pytest.mark.parametrize(
    ("traces", "swept_ago", "said"),
    [
        ([a_trace(began=900)], 5, ""),
        ([a_trace(began=900)], 600, "no sweep for 10 min: run `coleta doctor`"),
        ([a_trace(began=900)], None, "no sweep for 15 min: run `coleta doctor`"),
        ([a_trace(began=5)], 600, ""),
        ([a_trace(Kind.BEAT)], 100, "no worker runs, no sweep for 100 s: run `coleta doctor`"),
        ([a_trace(seen_ago=61, began=900)], 100, "no worker runs, no sweep for 100 s: run `coleta doctor`"),
        ([], None, "no worker runs, no sweep ever: run `coleta doctor`"),
    ],
    ids=["all is well", "no sweep", "none ever", "just begun", "no worker", "a silent one", "nobody"],
)
def test_a_standstill_is_not_hidden_by_stores_that_stand_well(
    traces: list[Trace], swept_ago: int | None, said: str
) -> None:
    """A store works by its own state; whether anybody works for it is another question."""
    now = memory_processes.NOW
    swept_at = None if swept_ago is None else now - swept_ago * SECOND

    assert standstill(traces, now, swept_at, 10 * SECOND) == said
