"""`coleta rejected`: events that were kept because they could not be read."""

import json

import typer

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.entrypoints.cli.connected import connected
from worker.entrypoints.cli.tables import show_fields
from worker.entrypoints.views import iso


def list_rejected(store: str, limit: int, *, as_json: bool) -> None:
    """List a store's newest rejected events, or those of all stores and of none."""
    with connected() as service:
        if store:
            kept = {store: service.ledger(store).rejected(limit)}
        else:
            kept = {name: service.fleet.ledger(name).rejected(limit) for name in (*sorted(service.stores), NO_STORE)}
    shown = [
        {
            "store": None if name == NO_STORE else name,
            "id": each.rejected_id,
            "at": iso(each.at),
            "reason": each.reason,
            "body": each.body,
        }
        for name, events in kept.items()
        for each in events
    ]
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    if not shown:
        typer.echo("nothing was rejected", err=True)
    for number, event in enumerate(shown):
        if number:
            typer.echo("")
        show_fields([(name, value or "none that is known") for name, value in event.items()])
