"""The OMS's answers, and its refusals, as the use cases know them (contracts/vtex-oms.md)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from worker.adapters.http import Answer
from worker.adapters.reading import Loose, Milliseconds, coded, json_of, none_if_blank, read_retry_after, trouble, whole
from worker.adapters.vtex_oms.calls import WHO, VtexSettings
from worker.adapters.vtex_oms.order import order_of, row_of
from worker.domain.facts import OmsOrder
from worker.ports import FeedConfiguration, FeedEntry, TransientError

_PASSING = frozenset({408, 425, 429})  # the 4xx that say "not now", not "never"
_THROTTLED_SECONDS = 60.0  # "back off about a minute" ("GET order"), where no Retry-After says it


class _Event(BaseModel):
    handle: Annotated[str, Field(min_length=1)]  # opaque: kept as it is
    order_id: Loose = Field(default="", alias="orderId")
    state: Loose = ""
    last_change: Milliseconds = Field(default=None, alias="lastChange")
    current_change: Milliseconds = Field(default=None, alias="currentChange")


class _Filter(BaseModel):
    type: Loose = ""
    status: Annotated[list[Loose] | None, BeforeValidator(none_if_blank)] = None


class _Configuration(BaseModel):
    filter: Annotated[_Filter | None, BeforeValidator(none_if_blank)] = None
    quantity: Annotated[int | None, BeforeValidator(whole)] = None
    oldest: float | None = Field(default=None, alias="approximateAgeOfOldestMessageInSeconds")

    def read(self) -> FeedConfiguration:
        states = self.filter.status if self.filter is not None else None
        return FeedConfiguration(frozenset(states) if states else None, self.quantity, self.oldest)


def read_order(answer: Answer, settings: VtexSettings, order_id: str, now: float) -> OmsOrder | None:
    """Return the order that was asked for, None on 404; `now` in epoch seconds, for a dated `Retry-After`."""
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    _check(answer, settings, now)
    return order_of(json_of(answer, WHO), order_id)


def read_feed(answer: Answer, settings: VtexSettings, now: float) -> tuple[FeedEntry, ...]:
    """Return the entries that have a handle, however many; one without an order comes with `order_id` "".

    What has no handle could not be committed: it is left out, and its order is found by `reconcile`.
    """
    _check(answer, settings, now, feed=True)
    rows = json_of(answer, WHO)
    if not isinstance(rows, list):
        raise TransientError(f"{WHO}'s answer is not a list of the feed's events")
    return tuple(
        FeedEntry(event.handle, event.order_id, event.state, event.current_change or event.last_change)
        for event in (row_of(_Event, row) for row in rows)
        if event is not None
    )


def read_commit(answer: Answer, settings: VtexSettings, now: float) -> None:
    """Return if the events were taken out; no source shows the body of the answer."""
    _check(answer, settings, now, feed=True)


def read_feed_configuration(answer: Answer, settings: VtexSettings, now: float) -> FeedConfiguration:
    """Return how the feed is configured; what cannot be read is not said."""
    _check(answer, settings, now, feed=True)
    body = json_of(answer, WHO)
    try:
        return _Configuration.model_validate(body).read()
    except ValidationError:  # its text quotes the answer
        raise TransientError(f"{WHO}'s answer is not a feed's configuration") from None


def _check(answer: Answer, settings: VtexSettings, now: float, *, feed: bool = False) -> None:
    """Return on 2xx; raise `PermanentError` where a person must mend something, else `TransientError`."""
    if answer.is_success:
        return
    reason = _reason(answer, settings, feed=feed)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS and read_retry_after(answer, now) is None:
        raise TransientError(reason, _THROTTLED_SECONDS, answer.status)
    raise trouble(answer, reason, now, _PASSING)  # 503 is VTEX's circuit breaker ("GET order")


def _reason(answer: Answer, settings: VtexSettings, *, feed: bool) -> str:
    """Return the status, VTEX's own code and message, and what a person can check."""
    said = _said(answer, settings)
    reason = f"{WHO} answered {answer.status}{f' ({said})' if said else ''}"
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
        body = json_of(answer, WHO)
    except TransientError:
        return ""
    return coded(body.get("error"), settings.secrets) if isinstance(body, Mapping) else ""
