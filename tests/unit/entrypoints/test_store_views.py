from dataclasses import replace

import pytest

from tests.unit.domain.builders import DAY, HOUR, MINUTE, NOW, SECOND
from worker.domain.order import Status
from worker.entrypoints.store_views import needs_somebody, overdue, state, store_document
from worker.entrypoints.views import iso
from worker.ports import Backlog, Backoff, Overview, Pause
from worker.usecases.hold_store import OPERATOR, STORES_FILE
from worker.usecases.store_trouble import AUTOMATIC


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
    backlog = Backlog(
        store="acme",
        inbox=4,
        due=0,
        expired=0,
        wishes=0,
        pause=pause or Pause(),
        pickups_backoff=Backoff(trouble_until),
        learn_backoff=Backoff(),
    )
    return Overview(
        backlog=backlog,
        now=NOW,
        counts={status: counts.get(status, 0) for status in Status},
        attention=attention,
        rejected=rejected,
        oldest_due=oldest_due,
        changed_at=changed_at,
        doubted=not changed_at,
    )


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
            f"Redis was restarted at {iso(NOW - SECOND)}: waits until SkyHub's lists have settled",
        ),
        (_overview(changed_at=NOW - SECOND), "working"),
    ],
)
def test_a_stores_state_says_what_keeps_its_pickups_from_moving(overview: Overview, said: str) -> None:
    """And what ends it; a server that was restarted matters only to what is due."""
    assert state(overview, served=True) == said


@pytest.mark.parametrize("pause", [None, _BY_FILE, _BY_OPERATOR])
def test_a_store_that_was_taken_out_says_so(pause: Pause | None) -> None:
    """Whoever paused it; its orders are kept."""
    overview = _overview(pause=pause, waiting=1000, requested=200)

    assert state(overview, served=False) == "taken out of the stores file: paused, 1,200 orders kept"


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


def test_the_document_of_a_store() -> None:
    """Scripts read it."""
    overview = _overview(pause=_BY_SERVICE, due=3, oldest_due=NOW, attention=1, rejected=2)

    assert store_document(overview, served=True) == {
        "store": "acme",
        "served": True,
        "state": state(overview, served=True),
        "pause": {"by": "service", "reason": "401", "since": iso(NOW - HOUR), "probe_at": iso(NOW + MINUTE)},
        "orders": {**dict.fromkeys(map(str, Status), 0), "due": 3},
        "oldest_due_at": iso(NOW),
        "attention": 1,
        "inbox": 4,
        "rejected": 2,
    }
    assert store_document(_overview(), served=True)["pause"] is None
    by_operator = store_document(replace(_overview(pause=_BY_OPERATOR)), served=True)["pause"]
    assert by_operator["probe_at"] is None
