"""SkyHub: build a request (`calls`), read an answer (`answers`, `order`), and the thin shell that sends.

All but the shell is pure; `SkyHubApi` adds the rate limits and the call.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worker.adapters.http import Answer, Call, Caller, CallFailed
from worker.adapters.limits import RateLimit
from worker.adapters.reading import ask
from worker.adapters.skyhub.answers import (
    read_collectables,
    read_confirmation,
    read_failure,
    read_invoiced,
    read_order,
)
from worker.adapters.skyhub.calls import (
    WHO,
    SkyHubSettings,
    build_collectables,
    build_confirmation,
    build_invoiced,
    build_latest,
    build_order,
)
from worker.adapters.skyhub.survey import OrderShape, read_shapes
from worker.domain.confirmation import Cause, NoEffect, Outcome
from worker.domain.facts import SkyHubOrder
from worker.ports import InvoicedPage, TransientError

__all__ = ["OrderShape", "SkyHubApi", "SkyHubRateKeys", "SkyHubSettings"]

# How long a call waits for its slot. A claim's lease runs while a confirmation waits; a read holds nothing.
CONFIRM_WAIT_SECONDS = 5.0
READ_WAIT_SECONDS = 60.0


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

    def __init__(self, settings: SkyHubSettings, client: Caller, limit: RateLimit, keys: SkyHubRateKeys) -> None:
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

    def shapes(self, *, invoiced: bool) -> tuple[OrderShape, ...]:
        """Return how SkyHub spells the orders of a page, 100 at most: the invoiced ones, or any; raises as reads do."""
        call = (build_invoiced if invoiced else build_latest)(self._settings, 1)
        answer = self._answer(call, self._keys.orders, self._settings.orders_interval)
        return read_shapes(answer, self._settings, now=time.time())

    def _answer(self, call: Call, key: str, interval: float) -> Answer:
        deadline = time.monotonic() + READ_WAIT_SECONDS
        self._client.start()
        if not self._limit.wait(key, interval=interval, deadline=deadline):
            raise TransientError(f"the rate limit gave no slot within {READ_WAIT_SECONDS:g} s")
        return ask(self._client, call, timeout=self._settings.timeout, who=WHO)
