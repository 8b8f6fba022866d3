"""An order is found by its code without its store being known."""

from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fakes.memory_ledger import MemoryFleet
from tests.unit.usecases.browsing import an_order
from worker.domain.order import Order
from worker.ports import Change
from worker.usecases.search_stores import search_stores

_STORES = {"acme": "BWW", "brava": "XYZ", "cobra": None}


def _a_fleet(**orders: Order) -> MemoryFleet:
    fleet = MemoryFleet()
    for store, order in orders.items():
        fleet.ledger(store).save([Change(order=order, version=0)])
    return fleet


@pytest.mark.parametrize(
    "name", ["XYZ-Lojas_Americanas-1", " Lojas Americanas-1 ", "Lojas_Americanas-1", "1", "BWW-Submarino-2", "2"]
)
def test_any_form_of_a_code_leads_to_its_order(name: str) -> None:
    """As each store names its orders; by the remote code, too, once it is learned."""
    fleet = _a_fleet(
        acme=replace(an_order("BWW-Submarino-2"), remote_code="2"),
        brava=replace(an_order("XYZ-Lojas_Americanas-1"), remote_code="1"),
    )

    found = search_stores(fleet, _STORES, name).found

    expected = {"acme": "BWW-Submarino-2"} if "2" in name else {"brava": "XYZ-Lojas_Americanas-1"}
    assert {store: order.order_id for store, order in found.items()} == expected


def test_stores_may_have_an_order_of_the_same_code_each() -> None:
    """All are told, in the order of the stores; a part of a code finds none."""
    fleet = _a_fleet(cobra=an_order("Submarino-2"), acme=an_order("BWW-Submarino-2"))

    assert list(search_stores(fleet, _STORES, "Submarino-2").found) == ["acme", "cobra"]
    assert search_stores(fleet, _STORES, "Submarino").found == {}


def test_a_store_that_is_away_is_told() -> None:
    """What the others hold is found all the same."""
    fleet = _a_fleet(acme=an_order("BWW-Submarino-2"))
    fleet.away = {"brava"}

    found = search_stores(fleet, _STORES, "Submarino-2")

    assert (list(found.found), found.away) == (["acme"], ["brava"])
    fleet.away = set(_STORES)
    with pytest.raises(RedisConnectionError):
        search_stores(fleet, _STORES, "Submarino-2")
