"""Stores come, go and change in their file while a worker runs: nobody restarts it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from tests.fixtures.deployment import SHORT, account, api_key, stores_file
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import all_events
from worker.bootstrap import UnknownStoreError
from worker.domain.order import Status
from worker.ports import OPERATOR, STORES_FILE, Drain, Pause
from worker.usecases.pause_store import pause_by_operator, resume

# Each test has a store of its own beside the one that is always there.
ALWAYS = "always"
STORES = (ALWAYS, "newcomer", "besidebroken", "leaver", "held", "rekeyed", "vanishing")
SOON_SECONDS = 10.0


@pytest.fixture(scope="module")
def unattended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One worker and beat; the test itself knows every store from the start."""
    with running(RunningService(tmp_path_factory.mktemp("stores"), STORES, SHORT)) as service:
        assert len(service.service.stores) == len(STORES)
        service.serve(ALWAYS)
        service.start_worker()
        beat = service.start_beat()
        # It reads the file at its start, and a broken one would end it.
        service.until(lambda: "Sending due task" in beat.text, "beat beats")
        yield service


@pytest.fixture
def service(unattended: RunningService) -> Iterator[RunningService]:
    """Give the service with one store; the same worker still runs in the end."""
    unattended.serve(ALWAYS)
    worker = unattended.parts[-2]
    pid = worker.process.pid
    yield unattended
    assert (worker.runs, worker.process.pid) == (True, pid)


def paused(service: RunningService, store: str) -> Pause:
    """Return a store's pause."""
    return service.ledger(store).standing(Drain.PICKUPS).pause


def served(service: RunningService, store: str) -> None:
    """Serve a store beside the one that is always there, and wait until it was swept."""
    service.serve(ALWAYS, store)
    fleet = service.service.fleet
    service.until(lambda: store in fleet.remember([]) and not paused(service, store).active, f"{store} is served")


def work_goes_on(service: RunningService) -> None:
    """Have the store that is always there request a pickup, which takes several sweeps."""
    sold = service.sold(ALWAYS)
    service.invoice(sold)
    service.requested_once(sold, SOON_SECONDS)


def calls(service: RunningService, store: str) -> int:
    """Return how many calls SkyHub had from a store."""
    return sum(sum(answers.values()) for answers in service.sandbox.report(account(store)).calls.values())


def test_a_store_that_is_added_is_served_within_seconds(service: RunningService) -> None:
    """Events that came before it was known are in its inbox, and hints about it do nothing: none is lost."""
    sold = service.sold("newcomer", 3)
    service.invoice(sold)
    service.until(lambda: service.told("store.unknown", store="newcomer"), "the hint came too early")
    assert service.statuses(sold) == {None}

    service.serve(ALWAYS, "newcomer")
    service.requested_once(sold, SOON_SECONDS)
    assert len(service.told("stores.changed", added=["newcomer"])) == 1


def test_a_broken_file_is_told_and_the_old_stores_go_on(service: RunningService) -> None:
    """Once, with what is wrong and how to mend it; mended, what is new in it is served."""
    before = len(service.told("stores.refused"))
    text = stores_file([ALWAYS, "besidebroken"], service.sandbox_url)
    service.file.write_text(text[: text.index("besidebroken") + 4])
    service.until(lambda: len(service.told("stores.refused")) > before, "the file is refused")
    work_goes_on(service)
    work_goes_on(service)
    (refused,) = service.told("stores.refused")[before:]
    assert str(service.file) in refused["reason"]
    assert "mend the file" in refused["mend"]

    service.file.write_text(text)
    sold = service.sold("besidebroken")
    service.invoice(sold)
    service.requested_once(sold, SOON_SECONDS)


def test_a_file_that_vanishes_for_a_while_takes_no_store_away(service: RunningService) -> None:
    """A deployment that replaces it in two steps pauses nobody."""
    served(service, "vanishing")
    before = len(service.told("stores.refused"))
    kept = service.file.rename(service.file.with_suffix(".kept"))
    service.until(lambda: len(service.told("stores.refused")) > before, "the missing file is told")
    sold = service.sold("vanishing", 2)
    service.invoice(sold)
    service.requested_once(sold, SOON_SECONDS)
    assert not paused(service, "vanishing").active
    kept.rename(service.file)
    work_goes_on(service)


def test_a_store_that_is_taken_out_is_paused_and_goes_on_when_put_back(service: RunningService) -> None:
    """Meanwhile nothing of it is called or recorded, and nothing is lost: its orders are shown, its events are kept."""
    served(service, "leaver")
    waiting = service.sold("leaver", 3, collectable_after=None)
    service.invoice(waiting)
    service.await_status(waiting, Status.DUE)
    service.serve(ALWAYS)
    service.until(lambda: paused(service, "leaver").by == STORES_FILE, "the store is paused", SOON_SECONDS)
    work_goes_on(service)

    before = calls(service, "leaver")
    service.sandbox.make_collectable([sale.code for sale in waiting])
    late = service.sold("leaver", 2)
    service.sandbox.complete([sale.code for sale in late])
    service.hand_in(all_events(late))
    work_goes_on(service)
    work_goes_on(service)
    assert calls(service, "leaver") == before
    assert service.accepted(waiting) == [0] * 3
    assert (service.statuses(waiting), service.statuses(late)) == ({Status.DUE}, {None})
    assert len(service.ledger("leaver").exchange((), (), 100)[1]) == len(all_events(late))
    assert len(service.told("store.paused", store="leaver")) == 1

    service.serve(ALWAYS, "leaver")
    service.requested_once([*waiting, *late], SOON_SECONDS)
    assert len(service.told("store.resumed", store="leaver")) == 1


def test_a_store_that_is_taken_out_is_shown_as_long_as_it_holds_anything(service: RunningService) -> None:
    """After those that are served; it can be looked at, and not be worked for."""
    served(service, "held")
    assert pause_by_operator(service.ledger("held"), "contract ends")
    without = replace(service.service, stores={ALWAYS: service.service.stores[ALWAYS]})
    assert without.names()[0] == ALWAYS
    assert "held" not in without.names()
    sold = service.sold("held")
    service.hand_in(all_events(sold))
    service.await_status(sold, Status.DUE)
    assert "held" in without.names()[1:]
    assert without.seen("held").load([sold[0].order_id])[0][sold[0].order_id].order.status is Status.DUE
    for name in ("held", "nobody"):
        with pytest.raises(UnknownStoreError, match=f"store '{name}' is not in"):
            without.ledger(name)
    with pytest.raises(UnknownStoreError):
        without.seen("nobody")

    service.serve(ALWAYS)
    work_goes_on(service)
    service.serve(ALWAYS, "held")
    service.sandbox.complete([sold[0].code])
    work_goes_on(service)
    assert (paused(service, "held").by, service.accepted(sold)) == (OPERATOR, [0])
    assert resume(service.ledger("held"))
    service.requested_once(sold, SOON_SECONDS)


def test_a_key_that_changes_in_the_env_file_counts_at_once(service: RunningService) -> None:
    """The store paused itself over the old one; its next probe has the new one."""
    env = service.folder / ".env"
    env.write_text("REKEYED_LATER=an-old-key\n")
    text = stores_file([ALWAYS, "rekeyed"], service.sandbox_url)
    service.file.write_text(text.replace("env:REKEYED_SKYHUB_API_KEY", "env:REKEYED_LATER"))
    sold = service.sold("rekeyed", 2)
    service.invoice(sold)
    service.until(lambda: paused(service, "rekeyed").active, "SkyHub refuses the old key", SOON_SECONDS)
    assert service.accepted(sold) == [0, 0]

    env.write_text(f"REKEYED_LATER={api_key('rekeyed')}\n")
    service.requested_once(sold, SOON_SECONDS)
    assert service.told("stores.changed", changed=["rekeyed"])


def test_a_task_about_a_store_that_nobody_serves_does_nothing_and_says_so(service: RunningService) -> None:
    """Whatever task, however the store is given: the worker goes on, and Redis holds nothing new."""
    named = {
        "coleta.drain_inbox": ("ghost",),
        "coleta.request_pickups": ("ghost",),
        "coleta.learn_order": ("ghost", "Lojas_Americanas-1"),
        "coleta.retry_order": ("ghost", "Lojas_Americanas-1", "why"),
    }
    for task, args in named.items():
        service.app.send_task(task, args=args)
        service.app.send_task(task, args=[None, *args[1:]])
        service.app.send_task(task, args=[["ghost"], *args[1:]])

    def said() -> int:
        stores = ("ghost", None, ["ghost"])
        return sum(len(service.told("store.unknown", task=task, store=store)) for task in named for store in stores)

    service.until(lambda: said() == 3 * len(named), "every task says so, once")
    work_goes_on(service)
    with Redis.from_url(service.redis.url, decode_responses=True) as redis:
        assert redis.keys("coleta:{ghost}:*") == []
