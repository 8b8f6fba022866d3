"""What the adapters of all counterparties share when they read: JSON, loosely spelled values, messages to be shown.

Nothing here knows a counterparty; `who` names it in sentences. Unknown fields are ignored, null and "" read as not
said, numbers read as text.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BeforeValidator, Field

from worker.adapters.http import Answer, Call, Caller, CallFailed
from worker.ports import PermanentError, TransientError

_RETRY_AFTER_MAX_SECONDS = 3600.0
_CODED_CHARS = 300  # a counterparty's own sentence; what is shown to people is cut elsewhere
_LOOSE_CHARS = 200  # as the native event bounds its texts


def ask(client: Caller, call: Call, *, timeout: float, who: str) -> Answer:
    """Send a call that has no effect or may be repeated; every failure of the wire is a `TransientError`."""
    try:
        return client.call(call, timeout=timeout)
    except CallFailed as failure:
        raise TransientError(f"{who}: {failure.reason}") from failure


def json_of(answer: Answer, who: str) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the body of an answer; raises `TransientError`, which quotes nothing of it."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        reason = f"{who} answered {answer.status} with {len(answer.body)} bytes that are not JSON"
        raise TransientError(reason) from None


def read_retry_after(answer: Answer, now: float) -> float | None:
    """Return `Retry-After` in seconds, given as seconds or as an HTTP date, within 0 and one hour.

    A date is held against the answer's own `Date`: our clock may be wrong by an hour. `now`, in epoch seconds, is for
    an answer without one.
    """
    value = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        seconds = float(value)
    else:
        until, since = _http_date(value), _http_date(answer.headers.get("date", ""))
        if until is None:
            return None
        seconds = until - (now if since is None else since)
    return min(max(seconds, 0.0), _RETRY_AFTER_MAX_SECONDS)


def trouble(
    answer: Answer, reason: str, now: float, passing: Collection[int], *, hint: str = ""
) -> PermanentError | TransientError:
    """Return what to raise for an answer that is no success; `now` in epoch seconds, for a dated `Retry-After`.

    A person must mend a 4xx, and is told the `hint`; the `passing` ones and all else may pass by themselves.
    """
    if answer.status // 100 == 4 and answer.status not in passing:  # noqa: PLR2004 - 4xx
        return PermanentError(f"{reason}; {hint}" if hint else reason, answer.status)
    return TransientError(reason, read_retry_after(answer, now), answer.status)


def _http_date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None


# --- messages ---


def cleaned(text: str, secrets: Sequence[str], most: int) -> str:
    """Return the text on one line of at most `most` characters, without secrets."""
    text = "".join(char if char.isprintable() else " " for char in scrubbed(text, secrets))
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def scrubbed(text: str, secrets: Sequence[str]) -> str:
    """Return the text with every secret, plain or percent-encoded and in any case, put out of sight."""
    for secret in secrets:
        for form in {secret, quote(secret, safe="")} - {""}:
            text = re.sub(re.escape(form), "***", text, flags=re.IGNORECASE)
    return text


def coded(fault: object, secrets: Sequence[str]) -> str:
    """Return the `code` and `message` of VTEX's error object, "" where it has neither; nothing else is quoted."""
    if not isinstance(fault, Mapping):
        return ""
    parts = (prose(fault.get(key), secrets, _CODED_CHARS) for key in ("code", "message"))
    return ": ".join(part for part in parts if part)


def prose(value: object, secrets: Sequence[str], most: int) -> str:
    """Return a text or number fit to be shown, as `cleaned` does; "" of anything else."""
    return cleaned(value if isinstance(value, str) else loose(value), secrets, most)


# --- values ---


def as_text(value: object) -> object:
    """Return null as "", whole numbers as their digits, text without outer blanks, all else as it came."""
    if value is None:
        return ""
    value = whole(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        value.encode()  # a lone surrogate fits neither a key nor a URL; its error is a ValueError
        return value.strip()
    return value


def whole(value: object) -> object:
    """Return 2.0 as 2, all else as it came."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def loose(value: object) -> str:
    """Return what `as_text` makes of it, "" where that is no text or longer than any name or code."""
    try:
        text = as_text(value)
    except ValueError:
        return ""
    return text if isinstance(text, str) and len(text) <= _LOOSE_CHARS else ""


def moment(value: object) -> int | None:
    """Return an ISO date in epoch milliseconds, None where there is none to read.

    .NET writes seven fractional digits, and 0001-01-01 where it has no date; without an offset it is UTC.
    """
    if not isinstance(value, str):
        return None
    try:
        date = datetime.fromisoformat(value.strip())
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        milliseconds = round(date.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return milliseconds if milliseconds > 0 else None


def pooled(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Sum the units of each SKU; 0 units name nothing."""
    units: dict[str, int] = {}
    for sku, quantity in lines:
        if quantity:
            units[sku] = units.get(sku, 0) + quantity
    return units


def none_if_blank(value: object) -> object:
    """Return None for "", [] and {}, which some systems write for null."""
    return None if value in ("", [], {}) else value


def _no_bool(value: object) -> object:
    return None if isinstance(value, bool) else value


Blankable = Annotated[str, BeforeValidator(as_text)]
Code = Annotated[str, Field(min_length=1), BeforeValidator(as_text)]
Loose = Annotated[str, BeforeValidator(loose)]
Milliseconds = Annotated[int | None, BeforeValidator(moment)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_no_bool)]
