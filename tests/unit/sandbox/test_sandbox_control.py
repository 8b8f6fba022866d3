"""The control API: bulk registration, changes, settings and what it refuses."""

import re
from collections.abc import Iterable, Iterator

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.skyhub_calls import confirm, listed
from worker.sandbox import create_app
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub.orders import Invoice, NewOrder

THOUSANDS = 2_000


def test_health_answers_without_keys(anyone: httpx.Client) -> None:
    """The control API needs no authentication."""
    assert anyone.get("/_sandbox/health").json() == {"status": "ok"}


def test_who_opens_its_address_reads_what_it_is_and_every_control_path(anyone: httpx.Client) -> None:
    """As plain text, in the order of use."""
    answer = anyone.get("/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    rows = re.findall(r"^  ([A-Z ]+?) +(/_sandbox\S+) ", answer.text, re.MULTILINE)
    told = {(method, path) for methods, path in rows for method in methods.split()}
    taken = set(_calls(create_app().routes))
    assert told == {(method, path) for method, path in taken if not path.endswith("{fault_id:int}")}


def _calls(routes: Iterable[BaseRoute], under: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _calls(route.routes, under + route.path)
        elif isinstance(route, Route) and under.startswith("/_sandbox"):
            yield from ((method, under + route.path) for method in (route.methods or set()) - {"HEAD"})


@pytest.mark.timeout(30)
def test_thousands_of_orders_are_registered_listed_and_judged(
    skyhub: httpx.Client, control: SandboxControl, account: str
) -> None:
    """A full run over every page and every batch."""
    control.register_orders(account, [NewOrder(code=f"Submarino-{n}", complete=True) for n in range(THOUSANDS)])
    codes: list[str] = []
    for page in range(1, THOUSANDS // 20 + 2):
        codes += listed(skyhub, page=page)
    assert len(set(codes)) == THOUSANDS
    for start in range(0, THOUSANDS, 25):
        assert confirm(skyhub, *codes[start : start + 25]).status_code == 201
    report = control.report()
    assert (report.orders, len(report.accepted), report.violations) == (THOUSANDS, THOUSANDS, {})


def test_an_order_is_registered_once(control: SandboxControl, account: str) -> None:
    """A second order of the same code or remote code is refused with its whole bulk."""
    control.register_orders(account, [NewOrder(code="Submarino-1")])
    for same in (NewOrder(code="Submarino-1", remote_code="9"), NewOrder(code="Shoptime-1")):
        with pytest.raises(SandboxError, match="409"):
            control.register_orders(account, [NewOrder(code="Submarino-2"), same])
    with pytest.raises(SandboxError, match="409"):
        control.register_orders(account, [NewOrder(code="Submarino-3"), NewOrder(code="Submarino-3")])
    assert control.report().orders == 1


def test_orders_need_a_registered_account(control: SandboxControl) -> None:
    """An unknown account is a 404, for its orders and for its report."""
    with pytest.raises(SandboxError, match="no account nobody"):
        control.register_orders("nobody", [NewOrder(code="Submarino-1")])
    with pytest.raises(SandboxError, match="no account nobody"):
        control.report("nobody")


def test_changes_are_all_or_none(control: SandboxControl, account: str) -> None:
    """One unknown code leaves the others as they were."""
    control.register_orders(account, [NewOrder(code="Submarino-1")])
    with pytest.raises(SandboxError, match="404"):
        control.complete(["Submarino-1", "Submarino-404"])
    assert control.report().lost == ()


def test_a_change_can_name_its_account(control: SandboxControl, account: str) -> None:
    """With an account only its order is changed, without one each order of that code."""
    control.register_account("other@example.org", "k", "m")
    for seller in (account, "other@example.org"):
        control.register_orders(seller, [NewOrder(code="Submarino-1")])
    control.complete(["1"], account)
    assert (control.report(account).lost, control.report("other@example.org").lost) == (("Submarino-1",), ())
    control.complete(["1"])
    assert control.report("other@example.org").lost == ("Submarino-1",)


def test_settings_are_changed_by_name(control: SandboxControl) -> None:
    """The others stay; a reset returns to the first."""
    changed = control.settings(strict=False, lists_lag_seconds=2, retry_after_seconds=3)
    assert changed == Settings(strict=False, lists_lag_seconds=2, retry_after_seconds=3, rate_limits=False)
    assert control.settings(retry_after_seconds=None).retry_after_seconds is None
    control.reset()
    assert control.settings() == Settings()


@pytest.mark.parametrize(
    "change", [{"stric": True}, {"strict": "yes"}, {"strict": 1}, {"latency_ms": -1}, {"token_seconds": -1}]
)
def test_an_impossible_setting_is_refused(control: SandboxControl, change: dict[str, object]) -> None:
    """A wrong name, type or value is a 400, and nothing changes."""
    with pytest.raises(SandboxError, match="400"):
        control.settings(**change)  # type: ignore[arg-type]
    assert control.settings() == Settings(rate_limits=False)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({}, "orders.0.code: Field required"),
        ({"code": "nochannel"}, "orders.0: code 'nochannel' is not of the form"),
        ({"code": "A-1", "carrier": "pigeon"}, "orders.0.carrier: Input should be 'direct', 'correios', 'own' or"),
        ({"code": "A-1", "items": "none"}, "orders.0.items: Input should be a valid array"),
        ({"code": "A-1", "items": [{"id": "1", "product_id": "1", "qty": True}]}, "orders.0.items.0.qty: Input should"),
        ({"code": "A-1", "colour": "red"}, "orders.0.colour: Unexpected keyword argument"),
    ],
)
def test_a_wrong_order_is_refused_by_name(
    anyone: httpx.Client, control: SandboxControl, account: str, order: dict[str, object], reason: str
) -> None:
    """The error says which field of which order is wrong."""
    answer = anyone.post("/_sandbox/orders", json={"account": account, "orders": [order]})
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert control.report().orders == 0


def test_an_order_keeps_what_it_was_registered_with(
    skyhub: httpx.Client, control: SandboxControl, account: str
) -> None:
    """Invoices and an account's own status code are shown as given."""
    invoice = Invoice(key="3526", number="4021", issue_date="2026-11-20")
    control.register_orders(account, [NewOrder(code="Submarino-1", status_code="faturado", invoices=(invoice,))])
    order = skyhub.get("/orders/Submarino-1").json()
    assert order["invoices"] == [{"key": "3526", "number": "4021", "line": "1", "issue_date": "2026-11-20"}]
    assert (order["status"]["code"], order["status"]["type"]) == ("faturado", "INVOICED")


def test_acceptances_carry_unix_times(
    skyhub: httpx.Client, control: SandboxControl, account: str, time: ManualTime
) -> None:
    """The distance between two acceptances is the time between them."""
    control.register_orders(account, [NewOrder(code="Submarino-1")])
    for _ in range(2):
        confirm(skyhub, "1")
        time.advance(5)
    first, second = control.report().accepted["Submarino-1"]
    assert second - first == pytest.approx(5)


def test_a_refused_control_call_raises(control: SandboxControl) -> None:
    """The client's error carries the sandbox's reason."""
    with pytest.raises(SandboxError, match="no order Submarino-404"):
        control.complete(["Submarino-404"])
