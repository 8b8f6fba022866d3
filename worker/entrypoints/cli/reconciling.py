"""`coleta reconcile`: look now at what SkyHub lists, and say what was found."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from uuid import uuid4

from worker.bootstrap import Service
from worker.entrypoints.cli.connected import connected, served
from worker.entrypoints.cli.each_store import SERVER_AWAY, unless_away
from worker.entrypoints.cli.tables import print_json_list, show_table
from worker.entrypoints.hints import hint
from worker.entrypoints.tasks import app
from worker.entrypoints.views import iso, paused
from worker.ports import Drain, Ledger, Reconciled

_COLUMNS = ("store", "listed", "not known before", "read again", "flagged", "waiting long", "problem")


def reconcile(store: str, *, as_json: bool) -> None:
    """Reconcile one store, or all; ends the process with 1 if one could not be looked at."""
    failed = False
    rows: list[tuple[str, Reconciled | None, str]] = []
    with connected() as service:
        if store:
            served(service, store)
        for name in [store] if store else sorted(service.stores):
            found, why = unless_away(service, partial(_looked, service, name)) or (None, SERVER_AWAY)
            failed = failed or found is None
            rows.append((name, found, why))
    if as_json:
        print_json_list(_documents(rows))
    else:
        show_table(_COLUMNS, [_row(*row) for row in rows], folded=("problem",))
    if failed:
        raise SystemExit(1)


def _looked(service: Service, store: str) -> tuple[Reconciled | None, str]:
    """Look at a store; returns what was found, or why nothing could be looked at."""
    ledger = service.ledger(store)
    outcome = service.reconcile(store, stop=lambda: False).run(uuid4().hex)
    hint(app, ledger, *outcome.drains)
    return outcome.found, "" if outcome.found is not None else _why_not(ledger)


def _why_not(ledger: Ledger) -> str:
    standing = ledger.standing(Drain.RECONCILE)
    if standing.pause.active:
        return f"its SkyHub calls are {paused(standing.pause)}"
    if standing.backoff.until > standing.now:
        return f"SkyHub is in trouble, next try at {iso(standing.backoff.until)}: {standing.backoff.reason}"
    return "a worker is reconciling it right now"


def _row(store: str, found: Reconciled | None, why: str) -> tuple[str, ...]:
    if found is None:
        return (store, "", "", "", "", "", why)
    counts = (found.listed, found.opened, found.reread, found.flagged, found.waiting_long)
    return (store, *(f"{count:,}" for count in counts), "")


def _documents(rows: list[tuple[str, Reconciled | None, str]]) -> Iterator[dict[str, object]]:
    for store, found, why in rows:
        counts = {name: value for name, value in asdict(found).items() if name != "at"} if found is not None else {}
        yield {"store": store, "at": iso(found.at) if found is not None else None, **counts, "problem": why or None}
