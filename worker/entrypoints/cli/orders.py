"""`coleta orders`, `coleta failed list` and `coleta order`: what the ledger holds."""

import json
import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice

import typer

from worker.bootstrap import Service
from worker.domain.actions import open_to
from worker.domain.order import Attention, Order, Status
from worker.entrypoints.cli.connected import connected, leave_without
from worker.entrypoints.cli.each_store import EachStore
from worker.entrypoints.cli.tables import print_json_list, show_fields, show_table
from worker.entrypoints.cli.terminal import complain, tell
from worker.entrypoints.stands import stand_for
from worker.entrypoints.views import Stand, halt, hindrances, iso, next_look, next_step, order_document
from worker.entrypoints.words import of_store
from worker.ports import Drain
from worker.usecases.find_orders import BY_URGENCY, Filter, find_order, list_orders, since
from worker.wiring import milliseconds

_MOST_READ = 100
_COLUMNS = ("store", "order", "status", "reason", "invoiced", "next attempt (UTC)", "attention")
_FAILED_COLUMNS = ("store", "order", "why", "since (UTC)", "attempts", "last error")


@dataclass(frozen=True, slots=True)
class _Look:
    """A table of orders: its columns, those of them that may wrap, and the row of an order of a store."""

    columns: Sequence[str]
    folded: tuple[str, ...]
    row: Callable[["_Stands", str, Order], tuple[str, ...]]


@dataclass(slots=True)
class _Stands:
    """How the stores stand whose due orders are shown, each asked once; `halts` says what holds those orders up."""

    service: Service
    known: dict[str, Stand] = field(default_factory=dict)
    halts: dict[str, None] = field(default_factory=dict)

    def next_look(self, store: str, order: Order) -> str:
        """Return the words for the order's next look."""
        if order.status is not Status.DUE:
            return ""
        stand = self.known.get(store)
        if stand is None:
            stand = self.known[store] = stand_for(self.service, store, order)
        if (held := halt(order, stand)) is not None:
            self.halts[f"store {store}: {held.said}"] = None
        return next_look(order, stand)


def orders(
    store: str,
    status: Status | None,
    attention: Collection[Attention],
    like: str,
    limit: int | None,
    *,
    as_json: bool,
) -> None:
    """List orders, at most `limit` (0: all; not said: all as JSON, else as many as a person reads)."""
    wanted = Filter(statuses=(status,) if status else BY_URGENCY, attention=attention, like=like)
    _list(store, wanted, limit, _Look(_COLUMNS, ("reason",), _row), as_json=as_json)


def list_failed(store: str, like: str, older_than: int | None, limit: int | None, *, as_json: bool) -> None:
    """List failed orders, the longest failed first; `older_than` in milliseconds, `limit` as for orders."""
    wanted = Filter(statuses=(Status.FAILED,), like=like, older_than=older_than)
    _list(store, wanted, limit, _Look(_FAILED_COLUMNS, ("why", "last error"), _failed_row), as_json=as_json)


def order(store: str, name: str, *, as_json: bool) -> None:
    """Show one order; ends the process with 1 if there is none."""
    with connected() as service:
        found = find_order(service.seen(store), service.affiliate(store), name)
        if found is None:
            leave_without(service, store, name)
        if as_json:
            typer.echo(json.dumps(order_document(store, found.order), ensure_ascii=False, indent=2))
            return
        _show(stand_for(service, store, found.order), found.order)
        say_hindrances(service, store)


def say_hindrances(service: Service, store: str) -> None:
    """Say what keeps all pickups of a store from moving."""
    if store not in service.stores:
        file = service.settings.stores_file
        tell(f"\nstore {store} was taken out of {file}: its orders are kept, paused; put it back to go on")
        return
    quarantine_ms = milliseconds(service.settings.quarantine_seconds)
    for hindrance in hindrances(service.seen(store).standing(Drain.PICKUPS), quarantine_ms):
        tell(of_store(store, f"\nstore {store}: {hindrance}"))


def _list(store: str, wanted: Filter, limit: int | None, look: _Look, *, as_json: bool) -> None:
    limit = limit if limit is not None else 0 if as_json else _MOST_READ
    with connected() as service:
        reading = EachStore(service, [store] if store else service.names())
        found = reading.each(lambda ledger: list_orders(ledger, wanted))
        shown = islice(found, limit or None)
        stands = _Stands(service)
        if as_json:
            print_json_list(order_document(name, order) for name, order in shown)
        elif rows := [look.row(stands, name, order) for name, order in shown]:
            show_table(look.columns, rows, folded=look.folded, heading=2)
            for halted in stands.halts:
                complain(halted)
        else:
            complain("no such orders")
        if next(found, None) is not None:
            complain(f"the first {'one is' if limit == 1 else f'{limit:,} are'} shown; --limit 0 shows all")
        reading.end()


def _failed_row(_stands: _Stands, store: str, order: Order) -> tuple[str, ...]:
    last_error = "" if order.last_error in order.reason else order.last_error
    return (store, order.order_id, order.reason, iso(since(order)) or "", str(order.attempts), last_error)


def _row(stands: _Stands, store: str, order: Order) -> tuple[str, ...]:
    units = f"{sum(order.invoiced.values())}/{sum(order.ordered.values()) or '?'}"
    last = (units, stands.next_look(store, order), ", ".join(sorted(order.attention)))
    return (store, order.order_id, order.status, order.reason, *last)


def _show(stand: Stand, order: Order) -> None:
    store = stand.store
    shown = order_document(store, order)
    fields = [
        ("order", order.order_id),
        ("store", store),
        ("status", order.status),
        ("why", order.reason),
        ("next", next_step(order, stand)),
        ("actions", _actions(store, order)),
        ("attention", ", ".join(shown["attention"])),
        ("carrier", order.carrier),
        ("fulfilment", _fulfilment(order)),
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
    show_table(
        ("at (UTC)", "event", "detail"), [tuple(entry.values()) for entry in shown["history"]], folded=("detail",)
    )


def _actions(store: str, order: Order) -> str:
    actions = ", ".join(open_to(order))
    name = shlex.quote(order.order_id)
    carrier = "; set-carrier wants the CARRIER before --reason" if "set-carrier" in actions else ""
    return f"{actions}: coleta order ACTION {store} {name} --reason TEXT{carrier}" if actions else ""


def _fulfilment(order: Order) -> str:
    told = order.fulfilment
    if told is None:
        return ""
    return f"{told.status or 'not an order of Pick and Pack'} (Pick and Pack, {iso(told.at)})"


def _invoice(shown: dict[str, object]) -> str:
    items = shown["items"]
    units = ", ".join(f"{item['sku']} x{item['quantity']}" for item in items) if isinstance(items, list) else ""
    issued = f"issued {shown['issued_at']}" if shown["issued_at"] else "no date"
    return f"{shown['number']} ({shown['type']}, {shown['occurred_at'] or issued}): {units or 'names no items'}"
