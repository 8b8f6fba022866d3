"""The account at a VTEX OMS, and the requests to it (contracts/vtex-oms.md)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from worker.adapters.http import Call
from worker.ports import MOST_FEED_ENTRIES

WHO = "VTEX OMS"
_FEED_PATH = "/api/orders/feed"


@dataclass(frozen=True, slots=True)
class VtexSettings:
    """One store's account; `timeout` in seconds bounds a whole call."""

    base_url: str
    app_key: str = field(repr=False)
    app_token: str = field(repr=False)
    timeout: float

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown of it."""
        return self.app_key, self.app_token


def build_order(settings: VtexSettings, order_id: str) -> Call:
    """Ask for one order by its VTEX id ("GET order")."""
    return _call(settings, "GET", f"/api/oms/pvt/orders/{quote(order_id, safe='')}")


def build_feed(settings: VtexSettings) -> Call:
    """Ask for the feed's next events ("How an invoice becomes known", 3)."""
    return _call(settings, "GET", f"{_FEED_PATH}?maxlot={MOST_FEED_ENTRIES}")


def build_feed_configuration(settings: VtexSettings) -> Call:
    """Ask how the feed is configured: takes no event.

    Source: VTEX's OpenAPI, Orders API, "Get feed configuration"; what waits in it is in older copies of that page.
    """
    return _call(settings, "GET", f"{_FEED_PATH}/config")


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
