"""The four calls as the contract describes them."""

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.skyhub_calls import COLLECTABLES, CONFIRM, listed
from worker.sandbox.control import SandboxControl
from worker.sandbox.skyhub.orders import Item, NewOrder, OrderChange

LIST = f"{COLLECTABLES}?requested=false"
AMERICANAS = "Lojas Americanas-285264647201"


@pytest.mark.parametrize("header", ["X-User-Email", "X-Api-Key", "X-Accountmanager-Key"])
@pytest.mark.parametrize("value", [None, "wrong"])
def test_a_call_without_its_three_keys_is_refused(skyhub: httpx.Client, header: str, value: str | None) -> None:
    """Each missing or wrong key is a 401 with an error body."""
    del skyhub.headers[header]
    answer = skyhub.get(LIST, headers={header: value} if value else {})
    assert answer.status_code == 401
    assert isinstance(answer.json()["error"], str)


def test_new_keys_replace_the_old_ones(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """An account that is registered again keeps its orders and refuses its old keys."""
    control.register_orders(account, [NewOrder(code=AMERICANAS)])
    control.register_account(account, "rotated", "manager")
    assert skyhub.get(LIST).status_code == 401
    skyhub.headers["X-Api-Key"] = "rotated"
    assert listed(skyhub) == ["285264647201"]


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json, */*"])
def test_a_star_in_accept_is_answered_with_a_pdf(skyhub: httpx.Client, accept: str) -> None:
    """An Accept that allows anything gets a PDF instead of JSON."""
    answer = skyhub.get(LIST, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")


def test_another_accept_is_refused(skyhub: httpx.Client) -> None:
    """An Accept for something else is a 406."""
    assert skyhub.get(LIST, headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json; charset=latin-1"])
def test_a_post_that_is_not_json_in_utf8_is_refused(skyhub: httpx.Client, content_type: str) -> None:
    """A POST with another Content-Type, or none, is a 415."""
    answer = skyhub.post(CONFIRM, content=b'{"order_codes":["1"]}', headers={"Content-Type": content_type})
    assert answer.status_code == 415


@pytest.mark.parametrize("query", ["", "?requested=yes", "?requested=false&offset=0", "?requested=false&offset=x"])
def test_the_list_needs_requested_and_a_page_number(skyhub: httpx.Client, query: str) -> None:
    """`requested` is mandatory and `offset` starts at 1."""
    answer = skyhub.get(f"{COLLECTABLES}{query}")
    assert answer.status_code == 422
    assert "error" in answer.json()


def test_the_list_comes_in_pages_of_twenty(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """Pages are counted from 1, hold 20 remote codes each, and end with an empty one."""
    control.register_orders(account, [NewOrder(code=f"Submarino-{n}") for n in range(45)])
    pages = [listed(skyhub, page=page) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [20, 20, 5, 0]
    assert [code for page in pages for code in page] == [str(n) for n in range(45)]


def test_a_row_has_remote_code_customer_and_value(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """A row of the list spells the remote code, which need not be what follows the channel."""
    new = NewOrder(code="Shoptime-15-01", remote_code="15", customer="Maria", value=99.5)
    control.register_orders(account, [new])
    assert skyhub.get(LIST).json() == {"orders": [{"code": "15", "customer": "Maria", "value": 99.5}]}


def test_only_direct_orders_are_listed(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """Correios, own logistics and B2W's own warehouse are never listed."""
    control.register_orders(
        account,
        [
            NewOrder(code="Submarino-1", carrier="correios"),
            NewOrder(code="Submarino-2", carrier="own"),
            NewOrder(code="Submarino-3", carrier="fulfillment"),
            NewOrder(code="Submarino-4", carrier="direct"),
        ],
    )
    assert listed(skyhub) == ["4"]


def test_an_order_is_listed_once_its_time_has_come(
    skyhub: httpx.Client, control: SandboxControl, account: str, time: ManualTime
) -> None:
    """`collectable_after_seconds` counts from registration; without it the control call decides."""
    soon = NewOrder(code="Submarino-1", collectable_after_seconds=30)
    never = NewOrder(code="Submarino-2", collectable_after_seconds=None)
    control.register_orders(account, [soon, never])
    time.advance(29)
    assert listed(skyhub) == []
    time.advance(1)
    assert listed(skyhub) == ["1"]
    control.make_collectable(["2"])
    assert listed(skyhub) == ["1", "2"]


def test_an_account_sees_only_its_own_orders(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """The same code at two sellers is two orders."""
    control.register_account("other@example.org", "k", "m")
    control.register_orders("other@example.org", [NewOrder(code=AMERICANAS), NewOrder(code="Submarino-9")])
    control.register_orders(account, [NewOrder(code=AMERICANAS)])
    assert listed(skyhub) == ["285264647201"]
    assert skyhub.get("/orders/Submarino-9").status_code == 404


def test_an_order_is_found_by_its_percent_encoded_full_code(
    skyhub: httpx.Client, control: SandboxControl, account: str
) -> None:
    """The single order is the bare object, and only the full code finds it."""
    items = (Item(id="7", product_id="345117", qty=2),)
    control.register_orders(account, [NewOrder(code=AMERICANAS, items=items)])
    order = skyhub.get("/orders/Lojas%20Americanas-285264647201").json()
    assert order["code"] == AMERICANAS
    assert order["channel"] == "Lojas Americanas"
    assert order["status"] == {"code": "order_invoiced", "label": "Invoiced", "type": "INVOICED"}
    assert order["import_info"]["remote_code"] == "285264647201"
    assert [(item["id"], item["product_id"], item["qty"]) for item in order["items"]] == [("7", "345117", 2)]
    assert order["approved_date"] == ""
    assert skyhub.get("/orders/Lojas+Americanas-285264647201").status_code == 404
    assert skyhub.get("/orders/285264647201").status_code == 404


@pytest.mark.parametrize(
    ("carrier", "calculation_type"),
    [("direct", "b2wentregadirect"), ("correios", "b2wentregacorreios"), ("fulfillment", "b2wentregadirect")],
)
def test_the_calculation_type_names_the_carrier(
    skyhub: httpx.Client, control: SandboxControl, account: str, carrier: str, calculation_type: str
) -> None:
    """`shipping_carrier` contradicts it; `shipping_method` matters only for B2W's own warehouse."""
    control.register_orders(account, [NewOrder(code="Submarino-1", carrier=carrier)])  # type: ignore[arg-type]
    order = skyhub.get("/orders/Submarino-1").json()
    assert order["calculation_type"] == calculation_type
    assert (order["shipping_method"] == "B2W Fulfillment") == (carrier == "fulfillment")
    assert ("DIRECT" in order["shipping_carrier"]) == (carrier == "correios")


def test_own_logistics_is_a_null_or_empty_calculation_type(
    skyhub: httpx.Client, control: SandboxControl, account: str
) -> None:
    """Both spellings occur."""
    control.register_orders(account, [NewOrder(code=f"Submarino-{n}", carrier="own") for n in range(2)])
    kinds = [skyhub.get(f"/orders/Submarino-{n}").json()["calculation_type"] for n in range(2)]
    assert kinds == [None, ""]


def test_invoiced_orders_come_a_hundred_a_page(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """`GET /orders` filters by status code and gives the total of what it filtered."""
    control.register_orders(account, [NewOrder(code=f"Submarino-{n}") for n in range(150)])
    control.register_orders(account, [NewOrder(code="Submarino-new", status="NEW")])
    control.change(["Submarino-0"], OrderChange(status="CANCELED"))
    query = {"filters[statuses][]": "order_invoiced", "per_page": "100"}
    first = skyhub.get("/orders", params={**query, "page": "1"}).json()
    second = skyhub.get("/orders", params={**query, "page": "2"}).json()
    assert (first["total"], len(first["orders"]), len(second["orders"])) == (149, 100, 49)
    assert {order["status"]["type"] for order in first["orders"] + second["orders"]} == {"INVOICED"}
    everything = skyhub.get("/orders", params={"per_page": "500"}).json()
    assert (everything["total"], len(everything["orders"])) == (151, 100)
