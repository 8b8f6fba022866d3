"""VTEX Pick and Pack: build a request, read an answer or a webhook, and the shell that sends.

Source: contracts/pick-and-pack.md. The token is opaque: nothing is read from it but that it is text.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from worker.adapters.http import Answer, Call, HttpClient
from worker.adapters.reading import ask, coded, json_of, loose, trouble
from worker.ports import TransientError

_WHO = "Pick and Pack"


@dataclass(frozen=True, slots=True)
class PickAndPackSettings:
    """One store's account; `timeout` in seconds bounds a whole call. A token lives 900 s and is used a little less."""

    auth_url: str
    base_url: str
    api_key: str = field(repr=False)
    timeout: float
    token_seconds: float = 840.0


class PickAndPackApi:
    """`ports.PickAndPack` over HTTP; safe to share between threads. `clock` gives seconds and never goes back."""

    def __init__(
        self, settings: PickAndPackSettings, client: HttpClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._client = client
        self._token = _Token(self._new_token, settings.token_seconds, clock)

    def status(self, order_id: str) -> str | None:
        """See `ports.PickAndPack.status`."""
        token = self._token.get()
        answer = self._ask(build_status(self._settings, order_id, token))
        if is_expired(answer):
            token = self._token.get(refused=token)
            answer = self._ask(build_status(self._settings, order_id, token))
        return read_status(answer, self._settings, order_id, token, now=time.time())

    def _new_token(self) -> str:
        return read_token(self._ask(build_token(self._settings)), self._settings, now=time.time())

    def _ask(self, call: Call) -> Answer:
        return ask(self._client, call, timeout=self._settings.timeout, who=_WHO)


class _Token:
    """A token that many threads use and one of them renews; the others wait for it and share its failure too."""

    def __init__(self, renew: Callable[[], str], seconds: float, clock: Callable[[], float]) -> None:
        self._renew = renew
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._value = ""
        self._until = 0.0
        self._coming: Future[str] | None = None

    def get(self, refused: str = "") -> str:
        """Return a token that is young enough and not the refused one."""
        with self._lock:
            if self._value not in {"", refused} and self._clock() < self._until:
                return self._value
            coming, mine = self._coming, Future[str]()
            if coming is None:
                self._coming = mine
        return coming.result() if coming is not None else self._fetch(mine)

    def _fetch(self, coming: Future[str]) -> str:
        until = self._clock() + self._seconds
        value = ""
        try:
            value = self._renew()
        except BaseException as error:
            coming.set_exception(error)
            raise
        else:
            coming.set_result(value)
            return value
        finally:
            with self._lock:
                self._value, self._until, self._coming = value, until, None


# --- build ---


def build_token(settings: PickAndPackSettings) -> Call:
    """Ask for a token ("Token")."""
    body = json.dumps({"apiKey": settings.api_key}).encode()
    return Call("POST", settings.auth_url.rstrip("/") + "/token", _JSON, body)


def build_status(settings: PickAndPackSettings, order_id: str, token: str) -> Call:
    """Ask for an order's status by its VTEX id ("Order status"); the token comes without "Bearer"."""
    url = f"{settings.base_url.rstrip('/')}/picking-tracking/{quote(order_id, safe='')}"
    return Call("GET", url, {**_JSON, "Authorization": token})


_JSON = {"Accept": "application/json", "Content-Type": "application/json"}


# --- read ---

_PASSING = frozenset({408, 425, 429})  # the 4xx that say "not now", not "never"


def read_token(answer: Answer, settings: PickAndPackSettings, now: float) -> str:
    """Return the token; `now` in epoch seconds, for a dated `Retry-After`."""
    if not answer.is_success:
        what = f"{_WHO}'s token service answered {_answered(answer, settings)}"
        raise trouble(answer, what, now, _PASSING, hint="check stores.<name>.pick_and_pack.api_key and auth_url")
    body = json_of(answer, _WHO)
    token = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(token, str) or not token.strip():
        raise TransientError(f"{_WHO}'s token service answered {answer.status} without a token")
    return token.strip()


def is_expired(answer: Answer) -> bool:
    """Whether the token was refused and a new one may help ("Token")."""
    match answer.status:
        case 401:
            return True
        case 403:
            return "EXPIRED_TOKEN" in _codes(answer)
        case _:
            return False


def read_status(answer: Answer, settings: PickAndPackSettings, order_id: str, token: str, now: float) -> str | None:
    """Return the status as it is given, whatever the word; None where the order is none of Pick and Pack's."""
    if answer.status == 404 or (answer.status == 400 and "1002" in _codes(answer)):  # noqa: PLR2004 - "Order status"
        return None
    if not answer.is_success:
        what = f"{_WHO} answered {_answered(answer, settings, token)}"
        if is_expired(answer):
            what = f"{what} to a token that it had just given"
        hint = "check stores.<name>.pick_and_pack.api_key and what it may read"
        raise trouble(answer, what, now, _PASSING, hint=hint)
    body = json_of(answer, _WHO)
    data = body.get("data") if isinstance(body, Mapping) else None
    data = data if isinstance(data, Mapping) else {}
    if loose(data.get("orderId")) not in {"", order_id}:
        raise TransientError(f"{_WHO}'s answer is another order than was asked for")
    status = loose(data.get("fulfillmentStatus")).upper()
    if not status:
        raise TransientError(f"{_WHO}'s answer has no status of the order")
    return status


def _answered(answer: Answer, settings: PickAndPackSettings, *secrets: str) -> str:
    """Return the status with the code and message of an error, which stand below `error` or at the top."""
    body = _body(answer)
    inner = body.get("error") if isinstance(body, Mapping) else None
    secrets = (settings.api_key, *secrets)
    said = coded(inner, secrets) or coded(body, secrets)
    return f"{answer.status} ({said})" if said else str(answer.status)


def _codes(answer: Answer) -> set[str]:
    """Return what stands below keys with "code" in their name, at any depth: no source shows where the code is."""
    codes: set[str] = set()
    pending = [(_body(answer), False)]
    while pending:
        value, inside = pending.pop()
        match value:
            case dict():
                pending.extend((inner, inside or "code" in key.lower()) for key, inner in value.items())
            case list():
                pending.extend((inner, inside) for inner in value)
            case _ if inside:
                codes.add(loose(value).upper())
            case _:
                pass
    return codes


def _body(answer: Answer) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the JSON of an error, None where it has none."""
    try:
        return json_of(answer, _WHO)
    except TransientError:
        return None
