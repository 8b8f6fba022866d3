"""The service as a process sees it: which stores it serves, and which it only shows."""

from collections.abc import Mapping

import fakeredis
import pytest

from config.settings import load_settings
from config.stores import SkyHubAccount, Store, VtexAccount
from tests.contracts.samples import canceled, keep, order, unreadable
from tests.fakes.memory_ledger import MemoryFleet
from worker.bootstrap import Service, UnknownStoreError, build
from worker.domain.order import In, Status

ACCOUNT = SkyHubAccount(user_email="ops@example.com", api_key="key", accountmanager_key="key")
VTEX = VtexAccount(base_url="https://a.example", app_key="key", app_token="token", affiliate_id="BWW")
FLEET = ("acme", "brava", "event", "rejected", "ended", "empty")


def service(fleet: MemoryFleet, *names: str, vtex: VtexAccount | None = None) -> Service:
    """Build a process that serves these stores on what the fleet holds."""
    stores: Mapping[str, Store] = {name: Store(name=name, skyhub=ACCOUNT, vtex=vtex) for name in names}
    return build(load_settings({}), stores, redis=fakeredis.FakeRedis(), fleet=fleet)


@pytest.fixture
def fleet() -> MemoryFleet:
    """Give stores that were all served, some of which hold something."""
    fleet = MemoryFleet()
    fleet.remember(FLEET)
    fleet.ledger("event").append([canceled()])
    fleet.ledger("rejected").reject([unreadable()])
    keep(fleet.ledger("ended"), order("1", Status.SKIPPED, at=In(0)))
    keep(fleet.ledger("stranger"), order("1"))
    return fleet


def test_what_a_store_left_behind_is_shown_after_those_that_are_served(fleet: MemoryFleet) -> None:
    """As long as it holds an order, an event or a rejected one; what was never served is another deployment's."""
    assert service(fleet, "brava", "acme").names() == ["acme", "brava", "ended", "event", "rejected"]
    assert service(fleet, *FLEET).names() == sorted(FLEET)
    assert service(MemoryFleet()).names() == []


def test_a_store_that_cannot_be_looked_into_is_named_all_the_same(fleet: MemoryFleet) -> None:
    """Its node of a cluster is away, and it may hold something."""
    fleet.away = {"ended", "empty", "acme"}
    assert service(fleet, "brava", "acme").names() == ["acme", "brava", "empty", "ended", "event", "rejected"]


def test_a_store_that_was_taken_out_can_be_looked_at_and_not_be_worked_for(fleet: MemoryFleet) -> None:
    """Its orders are there to be seen; nothing that needs its account can be done."""
    without = service(fleet, "acme")
    assert without.seen("ended").load(["1"])[0]["1"].order.status is Status.SKIPPED
    assert without.seen("acme") is without.ledger("acme")
    assert without.affiliate("ended") is None
    for open_store in (without.ledger, without.policy, without.operate, without.store):
        with pytest.raises(UnknownStoreError, match="store 'ended' is not in"):
            open_store("ended")


def test_a_store_that_was_never_served_cannot_be_looked_at(fleet: MemoryFleet) -> None:
    """A typing error, most likely: the message says which are known, and where."""
    with pytest.raises(UnknownStoreError) as error:
        service(fleet, "brava", "acme").seen("stranger")
    assert str(error.value) == "store 'stranger' is not in config/stores.toml (known: acme, brava)"
    with pytest.raises(UnknownStoreError, match=r"\(known: none\)$"):
        service(MemoryFleet()).seen("stranger")


def test_of_very_many_stores_only_the_first_are_named(fleet: MemoryFleet) -> None:
    """A message stays one that a person reads."""
    many = service(fleet, *(f"store-{number:03}" for number in range(250)))
    with pytest.raises(UnknownStoreError) as error:
        many.store("nobody")
    assert "store-000, store-001" in str(error.value)
    assert str(error.value).endswith("…; coleta stores lists all)")
    assert len(str(error.value)) < 300


def test_an_affiliate_is_known_of_stores_with_a_vtex_account(fleet: MemoryFleet) -> None:
    """The others go by the marketplace's code."""
    assert service(fleet, "acme", vtex=VTEX).affiliate("acme") == "BWW"
    assert service(fleet, "acme").affiliate("acme") is None
    assert service(fleet, "acme", vtex=VTEX).policy("acme").affiliate == "BWW"
