"""Hook, push and feed lost: what SkyHub lists is found by reconcile alone, and nothing is requested early."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.fixtures.deployment import account
from tests.fixtures.running_doors import DOORS, RunningDoors
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Attention, Order, Status
from worker.sandbox.sales import NewSale


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoors]:
    """All doors of VTEX lead to one store, which is reconciled every second."""
    doors = RunningDoors(tmp_path_factory.mktemp("lost"), settings=DOORS, feeds=("acme",))
    with running(doors):
        doors.start()
        doors.connect("connector", "hook")
        yield doors


def _lose_all_doors(world: RunningDoors) -> None:
    for door in ("hook", "connector"):
        world.sandbox.door(door, lost=True)
    world.sandbox.settings(feed_lost=True)


def test_with_every_door_lost_in_mid_run_all_complete_direct_orders_are_requested(world: RunningDoors) -> None:
    """Those that were begun, those that nobody told of, Correios and incomplete ones among them."""
    begun = world.sell(10)
    for sale in begun:
        world.bill(sale, "A")
    world.becomes(begun, Status.WAITING)
    _lose_all_doors(world)
    unheard = world.sell(15)
    correios = world.sell(5, carrier="correios")
    incomplete = world.sell(5)
    for sale in begun:
        world.bill(sale, "B")
    for sale in (*unheard, *correios):
        world.bill(sale, "A", "B")
    for sale in incomplete:
        world.bill(sale, "A")
    world.becomes([*begun, *unheard], Status.REQUESTED, seconds=60)
    assert set(world.confirmed([*begun, *unheard])) == {1}
    world.becomes(incomplete, Status.WAITING)
    assert set(world.confirmed([*correios, *incomplete])) == {0}
    assert world.sandbox.report().violations == {}


def test_an_order_missed_by_every_door_is_requested_after_its_third_package(world: RunningDoors) -> None:
    """SkyHub lists it from the first invoice on: each reconcile reads what is there, the third completes it."""
    _lose_all_doors(world)
    (sale,) = sold = world.sell(skus="ABC")
    for index, sku in enumerate("ABC", 1):
        assert world.confirmed(sold) == [0]
        world.bill(sale, sku)
        world.until(lambda: _invoices(world, sale) == index, f"{index} packages are known")  # noqa: B023 - asked now
    world.becomes(sold, Status.REQUESTED)
    assert world.confirmed(sold) == [1]


def test_an_operator_reconciles_by_hand_and_sees_what_was_found(world: RunningDoors) -> None:
    """The command says how many orders SkyHub lists; `stores` shows what the last one found."""
    world.sell(3)
    said: list[dict[str, Any]] = []

    def reconciled() -> bool:
        ran = world.coleta("reconcile", "acme", "--json")  # refused while a worker is at it
        said[:] = json.loads(ran.stdout)
        return ran.returncode == 0

    world.until(reconciled, "the command reconciles")
    assert (said[0]["store"], said[0]["problem"]) == ("acme", None)
    assert said[0]["listed"] >= 3
    (store,) = json.loads(world.coleta("stores", "--json").stdout)
    assert store["reconciled"]["listed"] >= 3
    assert "listed" in world.coleta("reconcile").stdout


def _invoices(world: RunningDoors, sale: NewSale) -> int:
    order = world.known(sale)
    return len(order.invoices) if order is not None else 0


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Two stores without an OMS."""
    with running(RunningService(tmp_path_factory.mktemp("alone"), ("acme", "brava"), DOORS)) as service:
        service.start_worker()
        service.start_beat()
        yield service


def test_without_an_oms_what_skyhub_lists_and_nobody_told_of_is_shown(alone: RunningService) -> None:
    """It waits, flagged; the invoice that comes at last completes it, and takes the flag off."""
    unheard = alone.sold("acme", 2)
    begun = alone.sold("acme")
    alone.hand_in([begun[0].events[0]])
    everything = [*unheard, *begun]
    alone.until(lambda: _flags(alone, [sale.order_id for sale in everything]) == [_UNKNOWN] * 3, "all are flagged")
    assert set(alone.accepted(everything)) == {0}
    shown = alone.coleta("orders", "--attention", "collectable_but_unknown", "--json")
    assert {row["status"] for row in json.loads(shown.stdout)} == {"waiting"}
    alone.invoice(everything)
    alone.requested_once(everything)
    assert _flags(alone, [sale.order_id for sale in everything]) == [set()] * 3


_UNKNOWN = {Attention.COLLECTABLE_BUT_UNKNOWN}


def _flags(service: RunningService, order_ids: Sequence[str]) -> list[set[Attention]]:
    stored, _ = service.ledger("acme").load(order_ids)
    orders: list[Order | None] = [stored[name].order if name in stored else None for name in order_ids]
    return [set(order.attention) if order is not None else set() for order in orders]


def test_a_reconcile_that_skyhub_refuses_pauses_the_store_and_says_so(alone: RunningService) -> None:
    """A wrong key is an operator's to mend."""
    alone.sandbox.register_account(account("brava"), "another-key", "another-manager")
    alone.until(lambda: "paused" in alone.coleta("reconcile", "brava").stdout, "the store is paused")
    assert alone.coleta("reconcile", "brava").returncode == 1
