"""SkyHub's answers, and its refusals, as the use cases know them (contracts/skyhub.md).

What is quoted of an answer names a fault; its other fields may be a customer's.
"""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus

from pydantic import BaseModel, ValidationError

from worker.adapters.http import Answer, CallFailed, CallHeld
from worker.adapters.reading import Code, Count, cleaned, json_of, read_retry_after, scrubbed, trouble
from worker.adapters.skyhub.calls import WHO, SkyHubSettings
from worker.adapters.skyhub.order import order_of
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.facts import SkyHubOrder
from worker.ports import InvoicedPage, TransientError

_MESSAGE_CHARS = 2000  # a refusal may name 25 codes; what is shown to people is cut elsewhere
_TEXT_BYTES = 100_000  # enough of a body for its message, and little enough to search
_HTML_CHARS = 10_000


# --- a confirmation ---


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
        body = json_of(answer, WHO)
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


# --- lists and orders ---


class _Row(BaseModel):
    code: Code


class _Total(BaseModel):
    total: Count


# About one order: a code that SkyHub refuses says nothing about the account, nor about the other orders.
_NO_SUCH_ORDER = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_PASSING = frozenset({408, 409, 423, 425, 429})  # the 4xx that say "not now", not "never"


def check(answer: Answer, settings: SkyHubSettings, now: float) -> None:
    """Return on 2xx; raise `PermanentError` where a person must mend something, else `TransientError`."""
    if not answer.is_success:
        raise trouble(answer, _reason(answer, settings), now, _PASSING)


def read_collectables(answer: Answer, settings: SkyHubSettings, now: float) -> tuple[str, ...]:
    """Return a page's codes. One unreadable row spoils the page: a cut list must not pass for a whole one."""
    check(answer, settings, now)
    rows = rows_of(json_of(answer, WHO), settings)
    try:
        return tuple(_Row.model_validate(row).code for row in rows)
    except ValidationError:  # its text quotes the row, and the row names the customer
        raise TransientError("SkyHub's list of collectables has a row without a readable code") from None


def read_order(answer: Answer, settings: SkyHubSettings, now: float) -> SkyHubOrder | None:
    """Return the order of an answer, bare or inside `{"order": {…}}`; None where SkyHub has no answer for its code."""
    if answer.status in _NO_SUCH_ORDER:
        return None
    check(answer, settings, now)
    body = json_of(answer, WHO)
    try:
        return order_of(body)
    except ValidationError:  # its text quotes the order
        raise _unreadable("SkyHub's answer is not an order", body, settings) from None


def read_invoiced(answer: Answer, settings: SkyHubSettings, now: float) -> InvoicedPage:
    """Return the readable orders of a page; what cannot be read is left out and may be asked for singly."""
    check(answer, settings, now)
    body = json_of(answer, WHO)
    rows = rows_of(body, settings)
    try:
        total = _Total.model_validate(body).total
    except ValidationError:
        raise TransientError("SkyHub's list of orders has no readable total") from None
    orders = []
    for row in rows:
        try:
            orders.append(order_of(row))
        except ValidationError:
            continue
    return InvoicedPage(tuple(orders), total)


def rows_of(body: object, settings: SkyHubSettings) -> list[object]:
    """Return the list under `orders`; without it the page is not empty but unreadable."""
    rows = body.get("orders") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise _unreadable("SkyHub's list has no orders", body, settings)
    return rows


def _unreadable(reason: str, body: object, settings: SkyHubSettings) -> TransientError:
    """Name SkyHub's own message, never the body: orders and lists hold customers' names."""
    message = _message(body, settings)
    return TransientError(f"{reason}: {message}" if message else reason)


# --- messages ---


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
        text = scrubbed(text, settings.secrets)[:_HTML_CHARS]
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
    return cleaned(text, settings.secrets, _MESSAGE_CHARS)
