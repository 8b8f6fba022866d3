"""The VTEX OMS: build a request (`calls`), read an answer (`answers`, `order`), and the thin shell that sends."""

import time
from collections.abc import Sequence

from worker.adapters.http import Answer, Call, HttpClient
from worker.adapters.reading import ask
from worker.adapters.vtex_oms.answers import read_commit, read_feed, read_feed_configuration, read_order
from worker.adapters.vtex_oms.calls import (
    WHO,
    VtexSettings,
    build_commit,
    build_feed,
    build_feed_configuration,
    build_order,
)
from worker.domain.facts import OmsOrder
from worker.ports import FeedConfiguration, FeedEntry

__all__ = ["VtexOms", "VtexSettings"]


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

    def feed_configuration(self) -> FeedConfiguration:
        """Return how the feed is configured, without taking anything from it; raises as `ports.Oms` does."""
        answer = self._answer(build_feed_configuration(self._settings))
        return read_feed_configuration(answer, self._settings, now=time.time())

    def _answer(self, call: Call) -> Answer:
        return ask(self._client, call, timeout=self._settings.timeout, who=WHO)
