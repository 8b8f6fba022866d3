"""What is said of a store, by how it stands in Redis."""

from dataclasses import replace
from typing import Any

import pytest

from config.settings import load_settings
from config.stores import Ingress, SkyHubAccount, Store
from tests.contracts.samples import a_backlog
from tests.unit.domain.builders import DAY, HOUR, MINUTE, NOW, SECOND
from worker.domain.order import Status
from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.doctor.store_state import StoreLook, judge
from worker.entrypoints.views import iso
from worker.ports import AUTOMATIC, OPERATOR, STORES_FILE, Backoff, Drain, Overview, Pause, Reconciled

SETTINGS = load_settings({})
ACCOUNT = SkyHubAccount(user_email="ops@acme.example", api_key="k", accountmanager_key="m")
ACME = Store(name="acme", skyhub=ACCOUNT, ingress=Ingress(token="t" * 20))
LATE = NOW - 11 * MINUTE


def _look(first_event: int | None = None, **given: Any) -> StoreLook:  # noqa: ANN401 - an overview's fields
    backlog = {name: given.pop(name) for name in ("inbox", "due", "pause", "backoffs") if name in given}
    counts = {status: given.pop(status.value, 0) for status in Status}
    overview = Overview(
        backlog=a_backlog(**backlog),
        now=NOW,
        counts=counts,
        **{"attention": 0, "rejected": 0, "oldest_due": None, **given},
    )
    return StoreLook(overview, first_event)


def _found(seen: StoreLook, store: Store | None = ACME) -> list[Finding]:
    return judge(seen, store, SETTINGS)


def test_a_store_whose_orders_move_says_how_many_wait() -> None:
    """And when it was last reconciled."""
    (finding,) = _found(_look(waiting=7, requested=90, reconciled=Reconciled(at=NOW - 5 * MINUTE)))

    assert finding.check is Check.STORE_OK
    assert finding.found == "7 orders waiting for invoices, 0 due, last reconcile 5 min ago"


@pytest.mark.parametrize(
    ("seen", "check", "said"),
    [
        (_look(failed=2), Check.STORE_FAILED, "2 failed orders"),
        (_look(rejected=1), Check.STORE_REJECTED, "1 rejected event"),
        (_look(attention=3), Check.STORE_ATTENTION, "3 orders with attention"),
        (_look(oldest_due=LATE, due=4), Check.STORE_DUE_LATE, "4 orders due, the oldest for 11 min"),
        (_look(NOW - 3 * MINUTE, inbox=5), Check.STORE_INBOX_LATE, "5 events, the oldest for 3 min"),
        (_look(NOW, inbox=950_000), Check.STORE_INBOX_FULL, "950,000 events of 1,000,000"),
        (_look(reconciled=Reconciled(at=NOW - HOUR)), Check.STORE_RECONCILE_LATE, "the last one was 60 min ago"),
        (
            _look(pause=Pause(active=True, by=OPERATOR, reason="inventory", since=NOW - HOUR)),
            Check.STORE_PAUSED,
            f"paused by an operator since {iso(NOW - HOUR)}: inventory",
        ),
        (
            _look(pause=Pause(active=True, by=AUTOMATIC, reason="401", since=NOW - HOUR, probe_at=NOW + MINUTE)),
            Check.STORE_REFUSED,
            f"paused by the service, next try at {iso(NOW + MINUTE)}: 401",
        ),
        (
            _look(backoffs={Drain.PICKUPS: Backoff(NOW + MINUTE, "t", 3, "SkyHub answered 503: down")}),
            Check.STORE_SKYHUB_TROUBLE,
            f"pickups rests until {iso(NOW + MINUTE)}: SkyHub answered 503: down",
        ),
        (
            _look(backoffs={Drain.FEED: Backoff(NOW + MINUTE, "t", 3, "VTEX OMS answered 500")}),
            Check.STORE_VTEX_TROUBLE,
            f"feed rests until {iso(NOW + MINUTE)}: VTEX OMS answered 500",
        ),
    ],
)
def test_what_holds_orders_up_is_named(seen: StoreLook, check: Check, said: str) -> None:
    """One finding, with the store's own name in its advice."""
    (finding,) = _found(seen)

    assert (finding.check, finding.found, finding.store) == (check, said, "acme")
    assert "{store}" not in finding.advice


def test_what_is_held_up_is_not_late() -> None:
    """A pause, a rest or a restart of Redis explains why orders are due for long."""
    paused = _look(oldest_due=LATE, due=4, pause=Pause(active=True, by=OPERATOR, since=NOW))
    held = _look(oldest_due=LATE, due=4, changed_at=NOW - SECOND, doubted=False)

    assert [finding.check for finding in _found(paused)] == [Check.STORE_PAUSED]
    assert [finding.check for finding in _found(held)] == [Check.STORE_HELD]


def test_orders_that_wait_for_their_time_are_not_late() -> None:
    """Due in a while, an inbox that is worked off, a reconcile of today."""
    fine = _look(NOW - SECOND, inbox=4, oldest_due=NOW + DAY, reconciled=Reconciled(at=NOW - 30 * MINUTE))

    assert [finding.check for finding in _found(fine)] == [Check.STORE_OK]


def test_a_store_that_was_taken_out_is_told_from_one_that_cannot_be_read() -> None:
    """Where the stores file is broken, nobody knows which stores are in it."""
    seen = _look(waiting=2, pause=Pause(active=True, by=STORES_FILE, since=NOW))

    assert [(each.check, each.found) for each in _found(seen, None)] == [(Check.STORE_TAKEN_OUT, "2 orders kept")]
    unread = replace(seen, stores_known=False)
    assert Check.STORE_TAKEN_OUT not in {finding.check for finding in _found(unread, None)}


def test_a_store_that_nobody_can_tell_of_is_noted() -> None:
    """So is one without a contract."""
    silent = replace(ACME, ingress=None, coleta=False)

    assert [finding.check for finding in _found(_look(), silent)] == [
        Check.STORE_OK,
        Check.STORE_NOT_CONTRACTED,
        Check.STORE_NO_TELLER,
    ]
