"""The VTEX OMS: build a request, read an answer, and a thin shell that sends (contracts/vtex-oms.md).

Of an order only what counts is read; a customer's data is neither kept nor quoted.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from worker.adapters.http import Answer, Call, HttpClient
from worker.adapters.reading import (
    Code,
    Count,
    Loose,
    Moment,
    ask,
    coded,
    json_of,
    moment,
    pooled,
    read_retry_after,
)
from worker.domain.facts import OmsOrder
from worker.domain.invoices import Invoice, Source
from worker.ports import MOST_FEED_ENTRIES, FeedEntry, PermanentError, TransientError

_WHO = "VTEX OMS"
_FEED_PATH = "/api/orders/feed"
_THROTTLED_SECONDS = 60.0  # "back off about a minute" ("GET order"), where no Retry-After says it


@dataclass(frozen=True, slots=True)
class VtexSettings:
    """One store's account; `timeout` in seconds bounds a whole call."""

    base_url: str
    app_key: str = field(repr=False)
    app_token: str = field(repr=False)
    timeout: float = 20.0


class VtexOms:
    """`ports.Oms` over HTTP; safe to share between threads."""

    def __init__(self, settings: VtexSettings, client: HttpClient) -> None:
        self._settings = settings
        self._client = client

    def order(self, order_id: str) -> OmsOrder | None:
        """See `ports.Oms.order`."""
        answer = self._answer(build_order(self._settings, order_id))
        return read_order(answer, self._settings, order_id, now=time.time())

    def feed(self) -> tuple[FeedEntry, ...]:
        """See `ports.Oms.feed`."""
        return read_feed(self._answer(build_feed(self._settings)), self._settings, now=time.time())

    def commit(self, handles: Sequence[str]) -> None:
        """See `ports.Oms.commit`; without handles nothing is sent."""
        if handles:
            read_commit(self._answer(build_commit(self._settings, handles)), self._settings, now=time.time())

    def _answer(self, call: Call) -> Answer:
        return ask(self._client, call, timeout=self._settings.timeout, who=_WHO)


# --- build ---


def build_order(settings: VtexSettings, order_id: str) -> Call:
    """Ask for one order by its VTEX id ("GET order")."""
    return _call(settings, "GET", f"/api/oms/pvt/orders/{quote(order_id, safe='')}")


def build_feed(settings: VtexSettings) -> Call:
    """Ask for the feed's next events ("How an invoice becomes known", 3)."""
    return _call(settings, "GET", f"{_FEED_PATH}?maxlot={MOST_FEED_ENTRIES}")


def build_commit(settings: VtexSettings, handles: Sequence[str]) -> Call:
    """Take events out of the feed ("How an invoice becomes known", 3)."""
    return _call(settings, "POST", _FEED_PATH, json.dumps({"handles": list(handles)}).encode())


def _call(settings: VtexSettings, method: str, target: str, body: bytes = b"") -> Call:
    headers = {
        "X-VTEX-API-AppKey": settings.app_key,
        "X-VTEX-API-AppToken": settings.app_token,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    return Call(method, settings.base_url.rstrip("/") + target, headers, body)


# --- read ---

_NO_STATUS = "unknown"
_PASSING = frozenset({408, 425})  # the 4xx beside 429 that say "not now", not "never"


def read_order(answer: Answer, settings: VtexSettings, order_id: str, now: float) -> OmsOrder | None:
    """Return the order that was asked for, None on 404; `now` in epoch seconds, for a dated `Retry-After`."""
    if answer.status == 404:  # noqa: PLR2004 - the status
        return None
    _check(answer, settings, now)
    try:
        body = _Order.model_validate(json_of(answer, _WHO))
    except ValidationError:  # its text quotes the order
        raise TransientError(f"{_WHO}'s answer is not an order") from None
    if not body.order_id and not body.items:  # any JSON object would do
        raise TransientError(f"{_WHO}'s answer is not an order")
    if body.order_id and body.order_id != order_id:  # facts of another order must not complete this one
        raise TransientError(f"{_WHO}'s answer is another order than was asked for")
    return _order(body, order_id)


def read_feed(answer: Answer, settings: VtexSettings, now: float) -> tuple[FeedEntry, ...]:
    """Return the entries that have a handle, however many; one without an order comes with `order_id` "".

    What has no handle could not be committed: it is left out, and its order is found by `reconcile`.
    """
    _check(answer, settings, now, feed=True)
    rows = json_of(answer, _WHO)
    if not isinstance(rows, list):
        raise TransientError(f"{_WHO}'s answer is not a list of the feed's events")
    return tuple(
        FeedEntry(event.handle, event.order_id, event.state, event.current_change or event.last_change)
        for event in (_row(_Event, row) for row in rows)
        if event is not None
    )


def read_commit(answer: Answer, settings: VtexSettings, now: float) -> None:
    """Return if the events were taken out; no source shows the body of the answer."""
    _check(answer, settings, now, feed=True)


def _check(answer: Answer, settings: VtexSettings, now: float, *, feed: bool = False) -> None:
    """Return on 2xx; raise `PermanentError` where a person must mend something, else `TransientError`."""
    if answer.is_success:
        return
    reason = _reason(answer, settings, feed=feed)
    retry_after = read_retry_after(answer, now)
    match answer.status:
        case 429:
            raise TransientError(reason, _THROTTLED_SECONDS if retry_after is None else retry_after)
        case status if status // 100 == 4 and status not in _PASSING:  # noqa: PLR2004 - 4xx
            raise PermanentError(reason)
        case _:  # 503 is VTEX's circuit breaker ("GET order")
            raise TransientError(reason, retry_after)


def _reason(answer: Answer, settings: VtexSettings, *, feed: bool) -> str:
    """Return the status, VTEX's own code and message, and what a person can check."""
    said = _said(answer, settings)
    reason = f"{_WHO} answered {answer.status}{f' ({said})' if said else ''}"
    match answer.status:
        case 401 | 403:
            return f"{reason}; check stores.<name>.vtex.app_key and app_token, and what their role may do"
        case 404 if feed:
            return (
                f"{reason}: the account's feed is not configured; configure it at VTEX or set stores.<name>.vtex.feed"
                " to false"
            )
        case 301 | 302 | 303 | 307 | 308 | 404 | 405 | 410:
            return f"{reason}; check stores.<name>.vtex.base_url"
        case _:
            return reason


def _said(answer: Answer, settings: VtexSettings) -> str:
    try:
        body = json_of(answer, _WHO)
    except TransientError:
        return ""
    return coded(body.get("error"), _secrets(settings)) if isinstance(body, Mapping) else ""


def _secrets(settings: VtexSettings) -> tuple[str, ...]:
    return settings.app_key, settings.app_token


# --- an order ---


def _rows(value: object) -> object:
    return value if isinstance(value, list) else []


def _part(value: object) -> object:
    return value if isinstance(value, Mapping) else {}


_Rows = Annotated[list[Any], BeforeValidator(_rows)]
_Sku = Annotated[Code, Field(max_length=200)]
_Units = Annotated[Count, Field(le=1_000_000)]


class _Event(BaseModel):
    handle: Annotated[str, Field(min_length=1)]  # opaque: kept as it is
    order_id: Loose = Field(default="", alias="orderId")
    state: Loose = ""
    last_change: Moment = Field(default=None, alias="lastChange")
    current_change: Moment = Field(default=None, alias="currentChange")


class _Line(BaseModel):
    sku: _Sku = Field(alias="id")
    quantity: _Units


class _Share(BaseModel):
    position: _Units = Field(alias="itemIndex")
    quantity: _Units


class _Package(BaseModel):
    number: Loose = Field(default="", alias="invoiceNumber")
    key: Loose = Field(default="", alias="invoiceKey")
    type: Any = None
    issued_at: Moment = Field(default=None, alias="issuanceDate")
    items: _Rows = []


class _Packages(BaseModel):
    packages: _Rows = []


class _Change(BaseModel):
    added: _Rows = Field(default=[], alias="itemsAdded")
    removed: _Rows = Field(default=[], alias="itemsRemoved")


class _Changes(BaseModel):
    changes: _Rows = Field(default=[], alias="changesData")


class _Order(BaseModel):
    order_id: Loose = Field(default="", alias="orderId")
    status: Loose = ""
    items: _Rows = []
    changed: Annotated[_Changes, BeforeValidator(_part)] = Field(default=_Changes(), alias="changesAttachment")
    packed: Annotated[_Packages, BeforeValidator(_part)] = Field(default=_Packages(), alias="packageAttachment")
    cancellation: Annotated[Any, BeforeValidator(_part)] = Field(default={}, alias="cancellationData")


_Row = TypeVar("_Row", bound=BaseModel)


def _row(model: type[_Row], row: object) -> _Row | None:
    try:
        return model.model_validate(row)
    except ValidationError:
        return None


def _order(body: _Order, order_id: str) -> OmsOrder:
    lines = [_row(_Line, row) for row in body.items]
    items, removed = _ordered(lines, [_Change.model_validate(_part(row)) for row in body.changed.changes])
    status = body.status.lower()
    canceled = status in {"canceled", "cancelled"}  # "cancel" and "cancellation-requested" are only on their way there
    said = {key.lower(): value for key, value in body.cancellation.items()} if canceled else {}
    return OmsOrder(
        order_id=order_id,
        status=status or _NO_STATUS,
        items=items,
        removed=removed,
        invoices=tuple(_invoices(body.packed.packages, lines)),
        canceled=canceled,
        canceled_at=moment(said.get("cancellationdate")),  # its reason is free text, perhaps about the customer
    )


def _ordered(lines: Sequence[_Line | None], changes: Sequence[_Change]) -> tuple[dict[str, int], dict[str, int]]:
    """Return what was ordered, with what changes added, and what changes took out.

    The lines may still hold what was removed, or not ("Rules that follow"); what was added to one of them they hold.
    Where a row cannot be read, nothing is known: an order must not look smaller than it is.
    """
    added = [_row(_Line, row) for change in changes for row in change.added]
    removed = [_row(_Line, row) for change in changes for row in change.removed]
    net = _units(added)
    for sku, units in _units(removed).items():
        net[sku] = net.get(sku, 0) - units
    taken = {sku: -units for sku, units in net.items() if units < 0}
    if not lines or None in lines or None in added:
        return {}, taken
    return {**{sku: units for sku, units in net.items() if units > 0}, **_units(lines)}, taken


def _units(lines: Sequence[_Line | None]) -> dict[str, int]:
    return pooled((line.sku, line.quantity) for line in lines if line is not None)


def _invoices(packages: Sequence[object], lines: Sequence[_Line | None]) -> Iterator[Invoice]:
    for row in packages:
        package = _Package.model_validate(_part(row))
        if package.number or package.key:
            yield Invoice(
                number=package.number or package.key,
                key=package.key or None,
                output=_is_output(package.type),
                items=_invoiced(package.items, lines),
                issued_at=package.issued_at,
                source=Source.SNAPSHOT,
            )


def _is_output(kind: object) -> bool:
    """Compare without case; missing = Output; any other word is no sale ("Rules that follow")."""
    return kind is None or (isinstance(kind, str) and kind.strip().casefold() in {"", "output"})


def _invoiced(rows: Sequence[object], lines: Sequence[_Line | None]) -> dict[str, int]:
    """Return a package's units by SKU, found by position; none at all where one of its rows cannot be followed."""
    found: list[tuple[str, int]] = []
    for row in rows:
        share = _row(_Share, row)
        line = lines[share.position] if share is not None and share.position < len(lines) else None
        if share is None or line is None:
            return {}
        found.append((line.sku, share.quantity))
    return pooled(found)
