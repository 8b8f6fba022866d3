"""Orders and events as compact JSON: short names, defaults left out. A document costs memory once an order.

The record of an order, as save.lua writes it: version, write id, server, status, time, learn and reread wish,
document, with a space between two of them; "-" is none. The document of an ended order is `compact`: it hardly
changes any more, and is kept for months.
"""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from worker.adapters.redis_ledger.compact import compact, expand
from worker.domain.copying import revised
from worker.domain.events import Announcer, Event, OrderAnnounced, OrderCanceled, OrderInvoiced
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.invoices import Invoice, Source, Version
from worker.domain.order import (
    ENDED,
    At,
    Attention,
    Claim,
    Entry,
    Fulfilment,
    Hold,
    ItemList,
    NotYet,
    Order,
    Status,
    When,
)
from worker.ports import Stored

_DEFAULTS = {f.name: f.default for f in fields(Order) if f.default is not MISSING}
# Fields of an order that are JSON as they stand, under their short names.
_PLAIN = {
    "skyhub_code": "c",
    "remote_code": "r",
    "code_frozen": "f",
    "reason": "R",
    "created_at": "n",
    "requested_at": "q",
    "canceled_at": "x",
    "cancel_reason": "X",
    "dismissed_at": "D",
    "released": "L",
    "uncertain": "u",
    "vouched_at": "U",
    "learn_tries": "t",
    "reread_tries": "T",
    "news_at": "w",
    "vtex_id": "V",
    "oms_status": "O",
    "packed": "p",
    "round": "d",
    "round_at": "B",
    "attempts": "a",
    "failures": "F",
    "batch_limit": "b",
    "refusal": "z",
    "last_error": "e",
}
# Made once: `json.dumps` with options makes one a call, and members of an enum are found faster by hand.
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_SOURCES = {source.value: source for source in Source}
_STATUSES = {status.value: status for status in Status}
_CARRIERS = {carrier.value: carrier for carrier in Carrier}
_AUTHORITIES = {authority.value: authority for authority in Authority}
# What JSON has for texts and whole numbers.
_TEXT, _WHOLE = {str}, {int, bool}
_NONE: tuple[tuple[Any, ...], tuple[Any, ...]] = ((), ())  # aliases and replaced versions of most invoices
_ALWAYS = object()  # a default that no value equals
# What most orders do not say; copied, since to make a frozen one takes a call a field.
_BLANK = Order(order_id="", skyhub_code="", created_at=0)
_PLAIN_ROWS = tuple((name, short, _DEFAULTS.get(name, _ALWAYS)) for name, short in _PLAIN.items())


class NotAnEventError(Exception):
    """The text was kept for an event but is none; the message says why."""


def encode_order(order: Order) -> str:
    """Return the document of an order: all but its id, status and times, which its record holds beside it."""
    values = vars(order)
    doc = {short: values[name] for name, short, usual in _PLAIN_ROWS if values[name] != usual}
    doc.update((short, value) for short, value in _structured(order).items() if value)
    doc["h"] = _lines(order)
    text = _dump(doc)
    return compact(text) if order.status in ENDED else text


def _lines(order: Order) -> list[list[Any]]:
    """Return the history, each line dated by the time since the one before, the first since the order was opened."""
    lines: list[list[Any]] = []
    before = order.created_at
    for entry in order.history:
        lines.append(
            [entry.at - before, entry.event, entry.detail] if entry.detail else [entry.at - before, entry.event]
        )
        before = entry.at
    return lines


def _history(lines: list[list[Any]], created_at: int) -> Iterator[Entry]:
    at = created_at
    for since, *told in lines:
        at += since
        yield Entry(at, *told)


def _structured(order: Order) -> dict[str, Any]:
    """Return the fields that JSON has no words for, in lists; empty ones are left out by the caller."""
    newest, claim, wait = order.newest_list, order.claim, order.not_yet
    told, hold = order.fulfilment, order.hold
    same = newest is not None and newest.items == order.ordered
    return {
        "g": order.guessed_codes,
        "o": order.ordered,
        "N": newest and [newest.dated_at, None if same else newest.items],
        "i": [_invoice(invoice) for invoice in order.invoices],
        "k": {who: [said.carrier, said.at] for who, said in order.carriers.items()},
        "m": claim and [claim.token, claim.batch_size],
        "y": wait and [wait.since, wait.paused_before, wait.tries, wait.rounds, wait.absent_since],
        "P": told and [told.status, told.at],
        "H": hold and [hold.since, hold.tries, hold.choked],
        "A": sorted(order.flags),
    }


def decode_record(order_id: str, record: str) -> Stored:
    """Return what the record of an order holds; raises `ValueError` if it is none, or damaged."""
    try:
        return _decode(order_id, record)
    except (LookupError, TypeError) as error:
        raise ValueError(f"not the record of an order: {error!r}") from None


def _decode(order_id: str, record: str) -> Stored:
    version, _, _, status, at, learn_at, reread_at, document = record.split(" ", 7)
    doc = json.loads(document if document.startswith("{") else expand(document))
    given: dict[str, Any] = {name: doc[short] for name, short in _PLAIN.items() if short in doc}
    ordered = doc.get("o", {})
    if "N" in doc:
        dated_at, items = doc["N"]
        given["newest_list"] = ItemList(dated_at, ordered if items is None else items)
    if "y" in doc:
        given["not_yet"] = NotYet(*doc["y"])
    if "m" in doc:
        given["claim"] = Claim(*doc["m"])
    if "P" in doc:
        given["fulfilment"] = Fulfilment(*doc["P"])
    if "H" in doc:
        given["hold"] = Hold(*doc["H"])
    order = revised(
        _BLANK,
        order_id=order_id,
        status=_STATUSES[status],
        at=At(int(at)),
        learn_at=_moment(learn_at),
        reread_at=_moment(reread_at),
        guessed_codes=tuple(doc.get("g", ())),
        ordered=ordered,
        invoices=tuple(_read_invoice(row) for row in doc.get("i", ())),
        carriers={
            _AUTHORITIES[who]: CarrierClaim(_CARRIERS[said[0]], said[1]) for who, said in doc.get("k", {}).items()
        },
        flags=frozenset(Attention(name) for name in doc.get("A", ())),
        history=tuple(_history(doc["h"], doc["n"])),
        **given,
    )
    return Stored(order, int(version))


def _moment(text: str) -> At | None:
    return None if text == "-" else At(int(text))


def encode_event(event: Event) -> str:
    """Return an event as the inbox keeps it."""
    doc: dict[str, Any] = {"i": event.order_id, "t": event.occurred_at}
    if isinstance(event, OrderCanceled):
        return _dump({**doc, "x": event.reason, **({} if event.dated else {"u": 1})})
    if isinstance(event, OrderAnnounced):
        named = {"s": event.state, "V": event.vtex_id}
        return _dump({**doc, "b": event.by, **{name: text for name, text in named.items() if text}})
    doc["v"] = _invoice(event.invoice)
    if event.items:
        doc["o"] = dict(event.items)
    if event.skyhub_code:
        doc["c"] = event.skyhub_code
    if event.remote_code:
        doc["r"] = event.remote_code
    if event.carrier is not Carrier.UNKNOWN:
        doc["k"] = event.carrier
    return _dump(doc)


def decode_event(text: str) -> Event:
    """Return the event of an inbox entry; raises `NotAnEventError` if it is none of ours."""
    try:
        event = _read_event(json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotAnEventError(repr(error)) from error
    if not _sound(event):
        raise NotAnEventError("a field has the wrong type")
    return event


def moment(when: When | None) -> str:
    """Spell a moment as the scripts read it: milliseconds, or "+n" from now; "" = none."""
    if when is None:
        return ""
    return str(when.ms) if isinstance(when, At) else f"+{when.ms}"


def _read_event(doc: dict[str, Any]) -> Event:
    if "x" in doc:
        return OrderCanceled(order_id=doc["i"], occurred_at=doc["t"], reason=doc["x"], dated="u" not in doc)
    if "b" in doc:
        return OrderAnnounced(
            order_id=doc["i"],
            occurred_at=doc["t"],
            by=Announcer(doc["b"]),
            state=doc.get("s", ""),
            vtex_id=doc.get("V", ""),
        )
    return OrderInvoiced(
        order_id=doc["i"],
        occurred_at=doc["t"],
        invoice=_read_invoice(doc["v"]),
        items=doc.get("o"),
        skyhub_code=doc.get("c", ""),
        remote_code=doc.get("r", ""),
        carrier=_CARRIERS[doc.get("k", Carrier.UNKNOWN)],
    )


def _sound(event: Event) -> bool:
    """Whether the rules can work with what was kept: a wrong type would break them far from here."""
    texts: list[object] = [event.order_id]
    dates: list[object] = [event.occurred_at]
    lists: list[object] = []
    if isinstance(event, OrderCanceled):
        texts.append(event.reason)
    elif isinstance(event, OrderAnnounced):
        texts += [event.state, event.vtex_id]
    else:
        invoice = event.invoice
        texts += [event.skyhub_code, event.remote_code, invoice.number, invoice.key or ""]
        dates += [invoice.dated_at or 0, invoice.issued_at or 0]
        lists += [event.items or {}, invoice.items]
    return (
        {*map(type, texts)} <= _TEXT
        and {*map(type, dates)} <= _WHOLE
        and all(isinstance(items, dict) and {*map(type, items.values())} <= _WHOLE for items in lists)
    )


def _invoice(invoice: Invoice) -> list[Any]:
    row: list[Any] = [
        invoice.number,
        dict(invoice.items),
        invoice.dated_at,
        invoice.issued_at,
        invoice.key,
        int(invoice.output),
        int(invoice.source),
    ]
    if invoice.aliases or invoice.replaced:
        row.append(sorted(invoice.aliases))
        row.append([[v.dated_at, int(v.source), v.items] for v in invoice.replaced])
    return row


def _read_invoice(row: list[Any]) -> Invoice:
    number, items, dated_at, issued_at, key, output, source, *rest = row
    aliases, replaced = rest or _NONE
    return Invoice(
        number=number,
        items=items,
        dated_at=dated_at,
        issued_at=issued_at,
        key=key,
        output=bool(output),
        source=_SOURCES[source],
        aliases=frozenset(aliases),
        replaced=tuple(Version(at, _SOURCES[origin], print_) for at, origin, print_ in replaced),
    )


def _dump(doc: dict[str, Any]) -> str:
    return _COMPACT.encode(doc)
