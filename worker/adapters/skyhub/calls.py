"""SkyHub's account, and the requests to it (contracts/skyhub.md)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from worker.adapters.http import Call
from worker.metrics import Endpoint

WHO = "SkyHub"
_PER_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyHubSettings:
    """One store's account. Paths and keys that no public source settles, or that may move, are settings.

    `timeout` in seconds bounds a whole call. The intervals are the seconds between two calls to shipments, GET and POST
    together, and between two that read orders (why so far apart: `limits`).
    """

    base_url: str
    user_email: str = field(repr=False)
    api_key: str = field(repr=False)
    accountmanager_key: str = field(repr=False)
    collectables_path: str
    confirm_path: str
    orders_path: str
    order_path: str
    codes_field: str
    timeout: float
    shipments_interval: float
    orders_interval: float

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown of it."""
        return self.api_key, self.accountmanager_key, self.user_email


def build_collectables(settings: SkyHubSettings, *, requested: bool, page: int) -> Call:
    """Ask for a page of 20 rows: `offset` is its 1-based number, `requested` is mandatory ("The three calls")."""
    query = urlencode({"requested": "true" if requested else "false", "offset": page})
    asked = Endpoint.REQUESTED if requested else Endpoint.OPEN
    return _call(settings, asked, "GET", f"{settings.collectables_path}?{query}")


def build_confirmation(settings: SkyHubSettings, codes: Sequence[str]) -> Call:
    """Ask for the pickup of remote codes, which have no channel prefix ("The three calls")."""
    body = json.dumps({settings.codes_field: list(codes)}).encode()
    return _call(settings, Endpoint.CONFIRM, "POST", settings.confirm_path, body)


def build_order(settings: SkyHubSettings, code: str) -> Call:
    """Ask for one order by its full code, percent-encoded: `Lojas%20Americanas-266580617301` ("The three calls")."""
    path = settings.order_path.replace("{code}", quote(code, safe=""))
    return _call(settings, Endpoint.ORDER, "GET", path)


def build_invoiced(settings: SkyHubSettings, page: int) -> Call:
    """Ask for a page of the orders that SkyHub calls invoiced; it gives at most 100 ("The three calls", last line)."""
    query = urlencode({"page": page, "per_page": _PER_PAGE, "filters[statuses][]": "order_invoiced"})
    return _call(settings, Endpoint.ORDERS, "GET", f"{settings.orders_path}?{query}")


def build_latest(settings: SkyHubSettings, page: int) -> Call:
    """Ask for a page of all orders, whatever their status."""
    return _call(
        settings, Endpoint.ORDERS, "GET", f"{settings.orders_path}?{urlencode({'page': page, 'per_page': _PER_PAGE})}"
    )


def _call(settings: SkyHubSettings, asked: Endpoint, method: str, target: str, body: bytes = b"") -> Call:
    headers = {
        "X-User-Email": settings.user_email,
        "X-Api-Key": settings.api_key,
        "X-Accountmanager-Key": settings.accountmanager_key,
        "Accept": "application/json",  # exactly: one with "*" has produced a PDF
        "Content-Type": "application/json",  # on every call, else 415
    }
    return Call(method, settings.base_url.rstrip("/") + target, headers, body, asked)
