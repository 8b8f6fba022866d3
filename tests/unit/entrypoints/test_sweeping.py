"""A sweep tells that it came to its end, and where a hint was lost."""

from dataclasses import replace
from typing import Any

import fakeredis
import pytest

from config.settings import load_settings
from config.stores import SkyHubAccount, Store
from tests.contracts.samples import canceled, keep, order
from worker.bootstrap import Service, build
from worker.domain.order import At, Status
from worker.entrypoints.sweeping import sweep_watched
from worker.ports import Drain, Fleet

ACCOUNT = SkyHubAccount(user_email="ops@example.com", api_key="key", accountmanager_key="key")
STORES = {"acme": Store(name="acme", skyhub=ACCOUNT)}


@pytest.fixture
def service() -> Service:
    """Give a service on a Redis of its own."""
    return build(load_settings({}), STORES, redis=fakeredis.FakeRedis(decode_responses=True))


def _sweep(service: Service) -> list[Drain]:
    """Sweep and write down what was counted; returns the drains that were hinted at."""
    hinted: list[Drain] = []

    def send(_store: str, drain: Drain, _delay: int) -> bool:
        hinted.append(drain)
        return True

    sweep_watched(service, send)
    service.tally.flush()
    return hinted


def _recovered(service: Service) -> dict[str, int]:
    (acme,) = service.meters.read(["acme"]).stores
    return {name: times for name, times in acme.counters.items() if name.startswith("recovered:")}


def test_a_sweep_that_found_nothing_has_come_to_its_end(service: Service) -> None:
    """And lost no hint; reconcile runs by the clock, and no hint of it can be lost."""
    assert _sweep(service) == [Drain.RECONCILE]
    assert service.meters.read([]).swept_at is not None
    assert _recovered(service) == {}


def test_a_sweep_that_did_nothing_is_none(service: Service) -> None:
    """Somebody else has just swept, or has begun to, and nobody knows yet what becomes of it."""
    service.fleet.may_sweep(5_000)
    assert _sweep(service) == []
    assert service.meters.read([]).swept_at is None


def test_a_sweep_that_broke_is_none(service: Service) -> None:
    """However many begin."""

    class Broken:
        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is asked
            if name == "backlogs":
                raise ConnectionError
            return getattr(service.fleet, name)

    broken: Any = Broken()
    fleet: Fleet = broken
    with pytest.raises(ConnectionError):
        sweep_watched(replace(service, fleet=fleet), lambda *_: True)
    assert service.meters.read([]).swept_at is None


def test_old_work_that_nobody_was_told_of_is_a_lost_hint(service: Service) -> None:
    """Counted where it was found."""
    keep(service.ledger("acme"), order("a", Status.DUE, at=At(5)))
    assert Drain.PICKUPS in _sweep(service)
    assert _recovered(service) == {"recovered:pickups": 1}


def test_work_that_has_just_come_is_no_lost_hint(service: Service) -> None:
    """What became due by time was never hinted at; what came in was hinted at just now."""
    service.ledger("acme").append([canceled()])
    assert Drain.INBOX in _sweep(service)
    assert _recovered(service) == {}


def test_old_work_of_a_store_in_line_is_no_lost_hint(service: Service) -> None:
    """Its hint came, and its turn comes without another."""
    keep(service.ledger("acme"), order("a", Status.DUE, at=At(5)))
    sweep_watched(service, lambda *_: False)
    service.tally.flush()
    assert _recovered(service) == {}
