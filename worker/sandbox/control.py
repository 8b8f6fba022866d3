"""A client of the control API, for the demo and for tests."""

from collections.abc import Iterable
from dataclasses import asdict
from types import TracebackType
from typing import Self

from worker.sandbox.control_calls import ControlCalls, SandboxError
from worker.sandbox.deliveries import Door, DoorRules
from worker.sandbox.faults import Fault
from worker.sandbox.forms import build
from worker.sandbox.pick_and_pack.control import PickAndPackControl
from worker.sandbox.report import Report
from worker.sandbox.sales import NewSale
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub.account import Credentials
from worker.sandbox.skyhub.orders import NewOrder, OrderChange
from worker.sandbox.vtex.control import VtexControl

__all__ = ["SandboxControl", "SandboxError"]


class SandboxControl:
    """Steers a running sandbox. Codes may be full or remote; without an account they are changed wherever known.

    Every method raises `SandboxError` if the sandbox refuses, and httpx's errors if it cannot be reached.
    """

    def __init__(self, base_url: str) -> None:
        """Talk to the sandbox at `base_url`."""
        self._call = ControlCalls(base_url)
        self.vtex = VtexControl(self._call)
        """The simulated OMS."""
        self.pick_and_pack = PickAndPackControl(self._call)
        """The simulated Pick and Pack."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._call.close()

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

    def register_sales(
        self, sales: Iterable[NewSale], *, skyhub: str, vtex: str, pick_and_pack: str | None = None
    ) -> None:
        """Register orders with SkyHub, the OMS and perhaps Pick and Pack, all or none; each by its account.

        From then on SkyHub's verdicts know such an order as complete once the OMS has invoiced its last unit.
        """
        body = {
            "skyhub": skyhub,
            "vtex": vtex,
            "pick_and_pack": pick_and_pack,
            "sales": [asdict(sale) for sale in sales],
        }
        self._call("POST", "/sales", body)

    def door(self, door: Door, **changes: float | bool) -> DoorRules:
        """Change the rules named of what is sent to a door and return all; the names are those of `DoorRules`."""
        return build(DoorRules, self._call("PATCH", f"/doors/{door}", changes))

    def settings(self, account: str | None = None, **changes: float | bool | tuple[str, ...] | None) -> Settings:
        """Change the settings named, for all or for an account of SkyHub's, and return all of its.

        The names are those of `Settings`.
        """
        query = {} if account is None else {"account": account}
        return build(Settings, self._call("PATCH", "/settings", changes, query=query))

    def fault(self, fault: Fault) -> int:
        """Plan a fault and return its id."""
        fault_id: int = self._call("POST", "/faults", asdict(fault))["id"]
        return fault_id

    def struck(self) -> dict[int, int]:
        """Return how many calls each fault has met, by its id; those that are over included."""
        return {int(fault_id): times for fault_id, times in self._call("GET", "/faults")["struck"].items()}

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
