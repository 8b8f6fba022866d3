"""`coleta order ACTION` and `coleta failed retry|discard`: an operator's wishes, one by one or many at once."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

import typer

from worker.bootstrap import Service
from worker.domain.actions import Action
from worker.domain.order import Order, Status
from worker.entrypoints.cli.actions import Asked
from worker.entrypoints.cli.connected import connected, leave_without, served
from worker.entrypoints.cli.each_store import EachStore, act_on_each
from worker.entrypoints.cli.orders import say_hindrances
from worker.entrypoints.cli.tables import show_fields
from worker.entrypoints.cli.tally import Tally, named
from worker.entrypoints.cli.terminal import complain, showing
from worker.entrypoints.operating import hinting, wished
from worker.entrypoints.process import leave
from worker.entrypoints.stands import stand_for
from worker.entrypoints.tasks import app
from worker.entrypoints.views import next_step, order_document
from worker.entrypoints.words import counted
from worker.usecases.find_orders import Filter, choose_orders, find_order
from worker.usecases.operate import Answer, Denied, Granted, Held, Objection, no_objection

Ids = Mapping[str, Sequence[str]]
"""Ledger ids of orders by their store."""


def act_on_orders(
    asked: Asked, store: str, names: Sequence[str], wanted: Filter, to_named: Objection = no_objection
) -> None:
    """Do it to these orders of a store, by any form of their codes, or to all that a filter takes if none is named.

    `to_named` objects to orders that are named, the filter to the others, each when it is decided.
    """
    with connected() as service:
        served(service, store)
        if len(names) == 1:
            _act_on_one(service, asked, store, names[0], to_named)
            return
        if names:
            ids, unknown = _found(service, store, names)
            _act_on_many(service, asked, ids, unknown, "order", to_named)
        else:
            ids = _matching(EachStore(service, [store]), wanted)
            _act_on_many(service, asked, ids, [], _noun(wanted), wanted.objection)


def act_on_failed(asked: Asked, store: str, wanted: Filter) -> None:
    """Do it to the failed orders that a filter takes, of one store or of all that are served.

    Stores whose node of a cluster is away are left out and named first; the process then ends with 1.
    """
    with connected() as service:
        if store:
            served(service, store)
        reading = EachStore(service, [store] if store else service.names())
        ids = _matching(reading, wanted)
        unread = reading.tell()
        for gone in [name for name in ids if name not in service.stores]:
            left = counted(len(ids.pop(gone)), "failed order")
            complain(f"store {gone} was taken out of {service.settings.stores_file}: nothing is done to its {left}")
        _act_on_many(service, asked, ids, [], _noun(wanted), wanted.objection)
        if unread:
            raise SystemExit(1)


# ---- which orders


def only_failed(order: Order, _now: int) -> str:
    """Object to what is not failed, though it may be retried."""
    if order.status is Status.FAILED:
        return ""
    return f"{order.order_id} is {order.status}, not failed; to evaluate it anew: coleta order retry"


def _found(service: Service, store: str, names: Sequence[str]) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the orders that are named, and the names that name none."""
    ledger, affiliate = service.ledger(store), service.affiliate(store)
    found = {name: find_order(ledger, affiliate, name) for name in dict.fromkeys(names)}
    ids = [stored.order.order_id for stored in found.values() if stored is not None]
    return {store: list(dict.fromkeys(ids))}, [(store, name) for name, stored in found.items() if stored is None]


def _matching(reading: EachStore, wanted: Filter) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    with showing("looking for orders") as shown:
        for store, order_id in reading.each(lambda ledger: list(choose_orders(ledger, wanted))):
            ids.setdefault(store, []).append(order_id)
            shown.advance()
    return ids


# ---- doing it


def _answers(service: Service, asked: Asked, store: str, ids: Iterable[str], objection: Objection) -> Iterator[Answer]:
    operate = replace(service.operate(store, dry_run=asked.how.dry_run), objection=objection)
    answers = wished(operate, asked.action, ids, asked.reason, asked.carrier)
    return answers if asked.how.dry_run else hinting(service, app, store, answers)


def _act_on_many(
    service: Service,
    asked: Asked,
    ids: Ids,
    unknown: Sequence[tuple[str, str]],
    noun: str,
    objection: Objection,
) -> None:
    total = sum(map(len, ids.values()))
    tally = Tally(
        verb=asked.kind.done,
        things="orders",
        keys=("store", "order_id"),
        wanted=total + len(unknown),
        how=asked.how,
    )
    question = _question(asked, counted(total, noun), list(ids)) if total else ""
    with tally.working(_going_on(asked), question) as interruption:
        for store, name in unknown:
            tally.refuse("there is no such order", store, name)

        def act(store: str, order_ids: Sequence[str]) -> None:
            for answer in _answers(service, asked, store, interruption.until(order_ids), objection):
                _count(tally, store, answer)

        act_on_each(service, tally, ids, act)


def _count(tally: Tally, store: str, answer: Answer) -> None:
    match answer:
        case Granted(order=order):
            why = f" ({order.reason})" if order.reason else ""
            tally.do(named(f"would be {order.status}{why}", store, order.order_id))
        case Held():
            tally.hold()
        case Denied(order_id=order_id, reason=reason):
            tally.refuse(reason, store, order_id)
        case _:
            assert_never(answer)


def _act_on_one(service: Service, asked: Asked, store: str, name: str, objection: Objection) -> None:
    ledger = service.ledger(store)
    found = find_order(ledger, service.affiliate(store), name)
    if found is None:
        leave_without(service, store, name)
    order_id = found.order.order_id
    with showing(_going_on(asked)):
        answers = list(_answers(service, asked, store, [order_id], objection))
    answer = answers[0]
    now = found if asked.how.dry_run else ledger.load([order_id])[0].get(order_id, found)
    match answer:
        case Denied(reason=reason):
            leave(f"{reason}.\nWhat happens next: {next_step(now.order, stand_for(service, store, now.order))}.")
        case Granted(order=order) | Held(order=order):
            shown = order if asked.how.dry_run else now.order
        case _:
            assert_never(answer)
    if asked.how.as_json:
        typer.echo(json.dumps(order_document(store, shown), ensure_ascii=False, indent=2))
        return
    fields = [
        ("order", order_id),
        ("store", store),
        ("done", _done(asked, held=isinstance(answer, Held))),
        ("status", shown.status),
        ("why", shown.reason),
        ("next", next_step(shown, stand_for(service, store, shown))),
        ("cancel", _cancel(found.order, answer.order, dry_run=asked.how.dry_run)),
        ("carrier", shown.carrier if asked.action is Action.SET_CARRIER else ""),
    ]
    show_fields([(field, value) for field, value in fields if value])
    say_hindrances(service, store)


# ---- words


def _cancel(before: Order, after: Order, *, dry_run: bool) -> str:
    if after.canceled_at is not None or after.dismissed_at == before.dismissed_at:
        return ""
    return f"it was canceled at its source; that {'would be' if dry_run else 'is'} lifted"


def _done(asked: Asked, *, held: bool) -> str:
    if held:
        return f"nothing: it was {asked.kind.done} before"
    return f"nothing: a dry run; it would be {asked.kind.done}" if asked.how.dry_run else asked.kind.done


def _going_on(asked: Asked) -> str:
    if asked.action is Action.REQUEST_AGAIN:
        return "reading what SkyHub lists as not requested"
    return asked.kind.question.format("orders")


def _noun(wanted: Filter) -> str:
    return f"{wanted.statuses[0]} order" if len(wanted.statuses) == 1 else "order"


def _question(asked: Asked, orders: str, stores: Sequence[str]) -> str:
    where = f"store {stores[0]}" if len(stores) == 1 else counted(len(stores), "store")
    asks = asked.kind.question.format(f"{orders} of {where}")
    return f"{asks} to {asked.carrier}" if asked.action is Action.SET_CARRIER else asks
