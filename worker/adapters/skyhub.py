"""SkyHub: build a request, read an answer, and a thin shell that sends (contracts/skyhub.md).

The functions between the models and the shell are pure; `SkyHubApi` adds the rate limits and the call.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from pydantic import BaseModel, BeforeValidator, ValidationError

from worker.adapters.http import Answer, Call, CallFailed, CallHeld, HttpClient
from worker.adapters.limits import RateLimit, seconds_between
from worker.adapters.reading import (
    Code,
    Count,
    Text,
    ask,
    cleaned,
    json_of,
    none_if_blank,
    read_retry_after,
    scrubbed,
)
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.facts import Carrier, SkyHubLine, SkyHubOrder, SkyHubStatus
from worker.ports import InvoicedPage, PermanentError, TransientError

# "Limits and errors": 9 shipments and 1 read of orders a second, per endpoint and method. GET and POST of shipments
# share our slots, to be safe; the spreads are explained in `limits`.
SHIPMENTS_INTERVAL_SECONDS = seconds_between(9, spread=0.12)
ORDERS_INTERVAL_SECONDS = seconds_between(1, spread=0.5)

# How long a call waits for its slot. A claim's lease runs while a confirmation waits; a read holds nothing.
CONFIRM_WAIT_SECONDS = 5.0
READ_WAIT_SECONDS = 60.0

_WHO = "SkyHub"
_PER_PAGE = 100
_MESSAGE_CHARS = 2000  # a refusal may name 25 codes; what is shown to people is cut elsewhere
_TEXT_BYTES = 100_000  # enough of a body for its message, and little enough to search
_HTML_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class SkyHubSettings:
    """One store's account. Paths and keys that no public source settles, or that may move, are settings."""

    base_url: str
    user_email: str = field(repr=False)
    api_key: str = field(repr=False)
    accountmanager_key: str = field(repr=False)
    collectables_path: str = "/shipments/b2w/collectables"
    confirm_path: str = "/shipments/b2w/confirm_collection"
    orders_path: str = "/orders"
    order_path: str = "/orders/{code}"
    codes_field: str = "order_codes"
    timeout: float = 20.0
    shipments_interval: float = SHIPMENTS_INTERVAL_SECONDS
    orders_interval: float = ORDERS_INTERVAL_SECONDS


@dataclass(frozen=True, slots=True)
class SkyHubRateKeys:
    """The Redis keys of the store's three rate limits."""

    shipments: str
    orders: str
    order: str


class SkyHubApi:
    """`ports.SkyHub` over HTTP; safe to share between threads.

    `SkyHubSettings.timeout` bounds connect, send and answer of one call together; the wait for a slot comes before it,
    with its own bound. Redis errors of the rate limit pass through the reads; a confirmation reports them as not sent.
    """

    def __init__(self, settings: SkyHubSettings, client: HttpClient, limit: RateLimit, keys: SkyHubRateKeys) -> None:
        self._settings = settings
        self._client = client
        self._limit = limit
        self._keys = keys

    def collectables(self, *, requested: bool, page: int) -> tuple[str, ...]:
        """See `ports.SkyHub.collectables`."""
        call = build_collectables(self._settings, requested=requested, page=page)
        answer = self._answer(call, self._keys.shipments, self._settings.shipments_interval)
        return read_collectables(answer, self._settings, now=time.time())

    def confirm(self, codes: Sequence[str], may_send: Callable[[], bool]) -> Outcome:
        """See `ports.SkyHub.confirm`."""
        deadline = time.monotonic() + CONFIRM_WAIT_SECONDS
        try:
            self._client.start()
            interval = self._settings.shipments_interval
            granted = self._limit.wait(self._keys.shipments, interval=interval, deadline=deadline)
        except Exception as error:  # noqa: BLE001 - never raises; whatever it was, nothing has been sent
            return NoEffect(Cause.NOT_SENT, f"no slot could be taken in the rate limit ({type(error).__name__})")
        if not granted:
            return NoEffect(Cause.NOT_SENT, f"the rate limit gave no slot within {CONFIRM_WAIT_SECONDS:g} s")
        try:
            answer = self._client.call(
                build_confirmation(self._settings, codes), timeout=self._settings.timeout, may_send=may_send
            )
        except CallFailed as failure:
            return read_failure(failure)
        return read_confirmation(answer, self._settings, now=time.time())

    def order(self, code: str) -> SkyHubOrder | None:
        """See `ports.SkyHub.order`."""
        answer = self._answer(build_order(self._settings, code), self._keys.order, self._settings.orders_interval)
        return read_order(answer, self._settings, now=time.time())

    def invoiced_orders(self, page: int) -> InvoicedPage:
        """See `ports.SkyHub.invoiced_orders`. Orders that cannot be read are left out: page on by `total`."""
        answer = self._answer(build_invoiced(self._settings, page), self._keys.orders, self._settings.orders_interval)
        return read_invoiced(answer, self._settings, now=time.time())

    def _answer(self, call: Call, key: str, interval: float) -> Answer:
        deadline = time.monotonic() + READ_WAIT_SECONDS
        self._client.start()
        if not self._limit.wait(key, interval=interval, deadline=deadline):
            raise TransientError(f"the rate limit gave no slot within {READ_WAIT_SECONDS:g} s")
        return ask(self._client, call, timeout=self._settings.timeout, who=_WHO)


# --- build ---


def build_collectables(settings: SkyHubSettings, *, requested: bool, page: int) -> Call:
    """Ask for a page of 20 rows: `offset` is its 1-based number, `requested` is mandatory ("The three calls")."""
    query = urlencode({"requested": "true" if requested else "false", "offset": page})
    return _call(settings, "GET", f"{settings.collectables_path}?{query}")


def build_confirmation(settings: SkyHubSettings, codes: Sequence[str]) -> Call:
    """Ask for the pickup of remote codes, which have no channel prefix ("The three calls")."""
    return _call(settings, "POST", settings.confirm_path, json.dumps({settings.codes_field: list(codes)}).encode())


def build_order(settings: SkyHubSettings, code: str) -> Call:
    """Ask for one order by its full code, percent-encoded: `Lojas%20Americanas-266580617301` ("The three calls")."""
    return _call(settings, "GET", settings.order_path.replace("{code}", quote(code, safe="")))


def build_invoiced(settings: SkyHubSettings, page: int) -> Call:
    """Ask for a page of the orders that SkyHub calls invoiced; it gives at most 100 ("The three calls", last line)."""
    query = urlencode({"page": page, "per_page": _PER_PAGE, "filters[statuses][]": "order_invoiced"})
    return _call(settings, "GET", f"{settings.orders_path}?{query}")


def _call(settings: SkyHubSettings, method: str, target: str, body: bytes = b"") -> Call:
    headers = {
        "X-User-Email": settings.user_email,
        "X-Api-Key": settings.api_key,
        "X-Accountmanager-Key": settings.accountmanager_key,
        "Accept": "application/json",  # exactly: one with "*" has produced a PDF
        "Content-Type": "application/json",  # on every call, else 415
    }
    return Call(method, settings.base_url.rstrip("/") + target, headers, body)


# --- read: a confirmation ---


def read_confirmation(answer: Answer, settings: SkyHubSettings, now: float) -> Outcome:
    """Sort an answer as design, "Requesting pickups", 4 does; `now` in epoch seconds, for a dated `Retry-After`."""
    if answer.is_success:
        return _read_success(answer, settings)
    retry_after = read_retry_after(answer, now)
    match answer.status:
        case 401 | 403 | 429:
            return NoEffect(_NO_EFFECT[answer.status], _reason(answer, settings), retry_after)
        case 400 | 422:
            return Refused(said(answer, settings))
        case 404 | 405 | 406 | 415:
            return WrongCall(_reason(answer, settings))
        case _:
            return Unclear(_reason(answer, settings), retry_after)


_NO_EFFECT = {401: Cause.UNAUTHORIZED, 403: Cause.FORBIDDEN, 429: Cause.THROTTLED}


def _read_success(answer: Answer, settings: SkyHubSettings) -> Outcome:
    """Sort a 2xx: `result: erro` fails even beside a `message` with "sucesso", any other JSON is a success."""
    if not answer.body.strip():
        return Accepted()
    try:
        body = json_of(answer, _WHO)
    except TransientError as error:
        return Unclear(error.reason)
    return Refused(said(answer, settings)) if _says_erro(body) else Accepted()


def _says_erro(body: object) -> bool:
    """Look for `result: erro` at any depth: no source shows the answer to a batch."""
    pending = [body]
    while pending:
        match pending.pop():
            case dict() as found:
                result = found.get("result")
                if isinstance(result, str) and result.strip().casefold() == "erro":
                    return True
                pending.extend(found.values())
            case list() as found:
                pending.extend(found)
            case _:
                pass
    return False


def read_failure(failure: CallFailed) -> Outcome:
    """Sort a call without an answer: only if no byte of it left had it no effect for sure."""
    if failure.sent:
        return Unclear(f"SkyHub: {failure.reason}")
    cause = Cause.NOT_SENT if isinstance(failure, CallHeld) else Cause.UNREACHABLE
    return NoEffect(cause, f"SkyHub: {failure.reason}")


# --- read: lists and orders ---

# About one order: a code that SkyHub refuses says nothing about the account, nor about the other orders.
_NO_SUCH_ORDER = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_PASSING = frozenset({408, 409, 423, 425, 429})  # the 4xx that say "not now", not "never"


def _check(answer: Answer, settings: SkyHubSettings, now: float) -> None:
    """Return on 2xx; raise `PermanentError` where a person must mend something, else `TransientError`."""
    if answer.is_success:
        return
    match answer.status // 100:
        case 4 if answer.status not in _PASSING:
            raise PermanentError(_reason(answer, settings))
        case _:
            raise TransientError(_reason(answer, settings), read_retry_after(answer, now))


def read_collectables(answer: Answer, settings: SkyHubSettings, now: float) -> tuple[str, ...]:
    """Return a page's codes. One unreadable row spoils the page: a cut list must not pass for a whole one."""
    _check(answer, settings, now)
    rows = _rows(answer, settings)
    try:
        return tuple(_Row.model_validate(row).code for row in rows)
    except ValidationError:  # its text quotes the row, and the row names the customer
        raise TransientError("SkyHub's list of collectables has a row without a readable code") from None


def read_order(answer: Answer, settings: SkyHubSettings, now: float) -> SkyHubOrder | None:
    """Return the order of an answer, bare or inside `{"order": {…}}`; None where SkyHub has no answer for its code."""
    if answer.status in _NO_SUCH_ORDER:
        return None
    _check(answer, settings, now)
    body = json_of(answer, _WHO)
    try:
        return _order(body)
    except ValidationError:  # its text quotes the order
        raise _unreadable("SkyHub's answer is not an order", body, settings) from None


def read_invoiced(answer: Answer, settings: SkyHubSettings, now: float) -> InvoicedPage:
    """Return the readable orders of a page; what cannot be read is left out and may be asked for singly."""
    _check(answer, settings, now)
    rows = _rows(answer, settings)
    try:
        total = _Total.model_validate(json_of(answer, _WHO)).total
    except ValidationError:
        raise TransientError("SkyHub's list of orders has no readable total") from None
    orders = []
    for row in rows:
        try:
            orders.append(_order(row))
        except ValidationError:
            continue
    return InvoicedPage(tuple(orders), total)


def _rows(answer: Answer, settings: SkyHubSettings) -> list[object]:
    """Return the list under `orders`; without it the page is not empty but unreadable."""
    body = json_of(answer, _WHO)
    rows = body.get("orders") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise _unreadable("SkyHub's list has no orders", body, settings)
    return rows


def _unreadable(reason: str, body: object, settings: SkyHubSettings) -> TransientError:
    """Name SkyHub's own message, never the body: orders and lists hold customers' names."""
    message = _message(body, settings)
    return TransientError(f"{reason}: {message}" if message else reason)


# --- read: messages ---


def _reason(answer: Answer, settings: SkyHubSettings) -> str:
    """Return the status, what SkyHub said, and what a person can check."""
    reason = f"SkyHub answered {answer.status}: {said(answer, settings)}"
    match answer.status:
        case 401:
            return f"{reason}; check stores.<name>.skyhub.user_email, api_key and accountmanager_key"
        case 403:
            return f"{reason}; check that SkyHub has activated this account and homologated its integration"
        case 301 | 302 | 303 | 307 | 308 | 404 | 405 | 406 | 410 | 415:
            return f"{reason}; check stores.<name>.skyhub.base_url and the paths below it: the call may have moved"
        case _:
            return reason


def said(answer: Answer, settings: SkyHubSettings) -> str:
    """Return what an error body says: JSON's messages, plain text or HTML ("Limits and errors").

    At most 2,000 characters on one line, without the account's secrets. Of JSON only what names a fault is quoted: its
    other fields may be a customer's.
    """
    text = answer.body[:_TEXT_BYTES].decode("utf-8", "replace")
    try:
        body = json.loads(answer.body)
        return _message(body, settings) or _clean(" - ".join(_faults(body)), settings) or "(no message)"
    except (ValueError, RecursionError):
        text = scrubbed(text, _secrets(settings))[:_HTML_CHARS]
        return _clean(re.sub(r"(?is)<(script|style)\b.*?</\1\s*>|<[^<>]*>", " ", text), settings) or "(an empty body)"


def _faults(body: object, *, inside: bool = False) -> Iterator[str]:
    """Yield the texts below keys that name a fault or a code, at any depth."""
    match body:
        case dict():
            for key, value in body.items():
                yield from _faults(value, inside=key in _FAULT_KEYS)
        case list():
            for value in body:
                yield from _faults(value, inside=inside)
        case str() if inside:
            yield body
        case _:
            pass


_FAULT_KEYS = frozenset({"message", "messages", "error", "errors", "code", "codes", "order_codes", "detail", "sqlerrm"})


def _message(body: object, settings: SkyHubSettings) -> str:
    """Return the message inside a JSON body, "" where it has none."""
    parts = [body.get(key) for key in ("message", "error", "sqlerrm")] if isinstance(body, dict) else []
    return _clean(" - ".join(part for part in parts if isinstance(part, str) and part), settings)


def _clean(text: str, settings: SkyHubSettings) -> str:
    return cleaned(text, _secrets(settings), _MESSAGE_CHARS)


def _secrets(settings: SkyHubSettings) -> tuple[str, ...]:
    return settings.api_key, settings.accountmanager_key, settings.user_email


# --- models ---


class _Row(BaseModel):
    code: Code


class _Total(BaseModel):
    total: Count


class _Status(BaseModel):
    type: Text = ""


class _ImportInfo(BaseModel):
    remote_code: Text = ""


class _Item(BaseModel):
    id: Text = ""
    product_id: Text = ""
    qty: Count


class _Order(BaseModel):
    code: Code
    calculation_type: Text = ""
    shipping_method: Text = ""
    status: Annotated[_Status | None, BeforeValidator(none_if_blank)] = None
    import_info: Annotated[_ImportInfo | None, BeforeValidator(none_if_blank)] = None
    items: Any = None


def _order(body: object) -> SkyHubOrder:
    """Return the order of a body; raise `ValidationError` where there is none."""
    if isinstance(body, dict) and isinstance(body.get("order"), dict):
        body = body["order"]
    order = _Order.model_validate(body)
    return SkyHubOrder(
        code=order.code,
        remote_code=order.import_info.remote_code if order.import_info else "",
        status=_status(order.status.type if order.status else ""),
        carrier=_carrier(order),
        lines=_lines(order.items),
    )


def _lines(items: object) -> tuple[SkyHubLine, ...]:
    """Return the lines, or none at all where one cannot be read: fewer units than ordered would be too early."""
    if not isinstance(items, list):
        return ()
    try:
        lines = [_Item.model_validate(item) for item in items]
    except ValidationError:
        return ()
    if any(not line.id and not line.product_id for line in lines):
        return ()
    return tuple(SkyHubLine(line.id, line.product_id, line.qty) for line in lines if line.qty)


def _status(kind: str) -> SkyHubStatus:
    """`type` is fixed, `code` can be customised by the account ("Order object")."""
    kind = kind.upper()
    return _STATUSES.get("CANCELED" if kind == "CANCELLED" else kind, SkyHubStatus.UNKNOWN)


_STATUSES: Mapping[str, SkyHubStatus] = {status.value: status for status in SkyHubStatus}


def _carrier(order: _Order) -> Carrier:
    """`calculation_type` decides; only B2W's own warehouse shows in `shipping_method` instead ("Order object")."""
    if "".join(order.shipping_method.split()).casefold() == "b2wfulfillment":
        return Carrier.FULFILLMENT
    match order.calculation_type.casefold():
        case "b2wentregadirect":
            return Carrier.DIRECT
        case "b2wentregacorreios":
            return Carrier.CORREIOS
        case _:
            return Carrier.OWN
