"""A client of the control API, for the demo and for tests."""

from collections.abc import Iterable
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

import httpx

from worker.sandbox.faults import Fault
from worker.sandbox.forms import build
from worker.sandbox.orders import NewOrder, OrderChange
from worker.sandbox.report import Report
from worker.sandbox.seller import Credentials
from worker.sandbox.settings import Settings

TIMEOUT_SECONDS = 30.0


class SandboxError(Exception):
    """The sandbox refused a control call; the text is its reason."""


class SandboxControl:
    """Steers a running sandbox. Codes may be full or remote; without an account they are changed wherever known.

    Every method raises `SandboxError` if the sandbox refuses, and httpx's errors if it cannot be reached.
    """

    def __init__(self, base_url: str) -> None:
        """Talk to the sandbox at `base_url`."""
        self._http = httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def health(self) -> None:
        """Return if the sandbox answers."""
        self._call("GET", "/health")

    def register_account(self, user_email: str, api_key: str, accountmanager_key: str) -> None:
        """Add an account, or give a known one new keys."""
        credentials = Credentials(user_email=user_email, api_key=api_key, accountmanager_key=accountmanager_key)
        self._call("POST", "/accounts", asdict(credentials))

    def register_orders(self, account: str, orders: Iterable[NewOrder]) -> None:
        """Add orders to an account, all or none."""
        self._call("POST", "/orders", {"account": account, "orders": [asdict(order) for order in orders]})

    def change(self, codes: Iterable[str], change: OrderChange, account: str | None = None) -> None:
        """Change orders, all or none."""
        self._call("PATCH", "/orders", {"codes": list(codes), "change": asdict(change), "account": account})

    def complete(self, codes: Iterable[str], account: str | None = None) -> None:
        """Say that the seller has invoiced the last item of these orders."""
        self.change(codes, OrderChange(complete=True), account)

    def make_collectable(self, codes: Iterable[str], account: str | None = None) -> None:
        """Make orders listable from now on."""
        self.change(codes, OrderChange(collectable=True), account)

    def cancel(self, codes: Iterable[str], account: str | None = None) -> None:
        """Cancel orders: they leave both lists and are not expected to be picked up."""
        self.change(codes, OrderChange(status="CANCELED", expect="none"), account)

    def request_in_panel(self, codes: Iterable[str], account: str | None = None) -> None:
        """Request pickups as a person does in the panel."""
        self.change(codes, OrderChange(requested=True), account)

    def ungroup(self, codes: Iterable[str], account: str | None = None) -> None:
        """Ungroup label lists: the requests are gone and the orders are listed again."""
        self.change(codes, OrderChange(requested=False), account)

    def settings(self, **changes: float | bool | None) -> Settings:
        """Change the settings named and return all of them; the names are those of `Settings`."""
        return build(Settings, self._call("PATCH", "/settings", changes))

    def fault(self, fault: Fault) -> int:
        """Plan a fault and return its id."""
        fault_id: int = self._call("POST", "/faults", asdict(fault))["id"]
        return fault_id

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Forget one fault, or all."""
        self._call("DELETE", "/faults" if fault_id is None else f"/faults/{fault_id}")

    def report(self, account: str | None = None) -> Report:
        """Return the verdicts on one account, or on all."""
        query = {} if account is None else {"account": account}
        return build(Report, self._call("GET", "/report", query=query))

    def reset(self) -> None:
        """Forget everything."""
        self._call("POST", "/reset")

    def _call(self, method: str, path: str, body: object = None, query: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        answer = self._http.request(method, f"/_sandbox{path}", json=body, params=query)
        if answer.is_error:
            raise SandboxError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()
