"""`coleta orders` and `coleta order`: what the ledger holds."""

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

import typer

from worker.bootstrap import Service
from worker.domain.order import Attention, Order, Status
from worker.entrypoints.cli.connected import connected
from worker.entrypoints.cli.tables import show_fields, show_table
from worker.entrypoints.process import leave
from worker.entrypoints.views import (
    find_order,
    hindrances,
    iso,
    list_orders,
    next_attempt,
    next_step,
    order_document,
)
from worker.ports import Drain

# What needs somebody first, what is over last.
_STATUSES = (
    Status.FAILED,
    Status.REQUESTING,
    Status.DUE,
    Status.WAITING,
    Status.REQUESTED,
    Status.SKIPPED,
    Status.CANCELED,
)
_MOST_READ = 100
_COLUMNS = ("store", "order", "status", "reason", "invoiced", "next attempt", "attention")


def orders(
    store: str, status: Status | None, attention: Collection[Attention] | None, limit: int | None, *, as_json: bool
) -> None:
    """List orders, at most `limit` (0: all; not said: all as JSON, else as many as a person reads)."""
    limit = limit if limit is not None else 0 if as_json else _MOST_READ
    statuses = (status,) if status else _STATUSES
    with connected() as service:
        found = _found(service, store, statuses, attention)
        shown = list(islice(found, limit or None))
        more = next(found, None) is not None
    if as_json:
        typer.echo(json.dumps([order_document(store, order) for store, order in shown], ensure_ascii=False, indent=2))
    elif shown:
        show_table(_COLUMNS, [_row(store, order) for store, order in shown], folded="reason", heading=2)
    else:
        typer.echo("no such orders", err=True)
    if more:
        typer.echo(f"the first {limit} are shown; --limit 0 shows all", err=True)


def order(store: str, name: str, *, as_json: bool) -> None:
    """Show one order; ends the process with 1 if there is none."""
    with connected() as service:
        found = find_order(service.ledger(store), service.policy(store).affiliate, name)
        standing = service.ledger(store).standing(Drain.PICKUPS)
    if found is None:
        leave(f"store {store} has no order {name}")
    if as_json:
        typer.echo(json.dumps(order_document(store, found.order), ensure_ascii=False, indent=2))
        return
    _show(store, found.order)
    for hindrance in hindrances(standing):
        typer.echo(f"\nstore {store}: {hindrance}")


def _found(
    service: Service, store: str, statuses: Sequence[Status], attention: Collection[Attention] | None
) -> Iterator[tuple[str, Order]]:
    for name in [store] if store else sorted(service.stores):
        for found in list_orders(service.ledger(name), statuses, attention):
            yield name, found


def _row(store: str, order: Order) -> tuple[str, ...]:
    units = f"{sum(order.invoiced.values())}/{sum(order.ordered.values()) or '?'}"
    attention = ", ".join(sorted(order.attention))
    return (store, order.order_id, order.status, order.reason, units, iso(next_attempt(order)) or "", attention)


def _show(store: str, order: Order) -> None:
    shown = order_document(store, order)
    fields = [
        ("order", order.order_id),
        ("store", store),
        ("status", order.status),
        ("why", order.reason),
        ("next", next_step(order)),
        ("attention", ", ".join(shown["attention"])),
        ("carrier", order.carrier),
        ("SkyHub code", order.skyhub_code),
        ("remote code", order.remote_code),
        *(("item", f"{item['sku']}: {item['invoiced']} of {item['ordered']} invoiced") for item in shown["items"]),
        *(("invoice", _invoice(invoice)) for invoice in shown["invoices"]),
        ("requested at", shown["requested_at"] or ""),
        ("attempts", str(order.attempts)),
        ("last error", order.last_error),
    ]
    show_fields([(name, value) for name, value in fields if value])
    typer.echo("")
    show_table(("at", "event", "detail"), [tuple(entry.values()) for entry in shown["history"]], folded="detail")


def _invoice(shown: dict[str, object]) -> str:
    items = shown["items"]
    units = ", ".join(f"{item['sku']} x{item['quantity']}" for item in items) if isinstance(items, list) else ""
    return f"{shown['number']} ({shown['type']}, {shown['occurred_at'] or 'no date'}): {units or 'names no items'}"
