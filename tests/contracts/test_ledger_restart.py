from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contracts.samples import order
from tests.contracts.worlds import STORE
from tests.fixtures.redis_servers import ENGINES, required, started
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.ports import Change, Drain, Fenced, Halt, Ledger, Lost, Saved

DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


@contextmanager
def opened(engine: str, folder: Path) -> Iterator[Ledger]:
    """Start a server, the first one or the next, on what this folder keeps, and open a store on it."""
    with started(required(engine), folder, *DURABLE) as server, server.client() as client:
        yield RedisFleet(client, Limits()).ledger(STORE)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_restarted_server_is_another_one(engine: str, tmp_path: Path) -> None:
    """What was saved before a restart is there, its run id is another, and no claim passes before the doubt."""
    with opened(engine, tmp_path) as before:
        before.standing(Drain.PICKUPS)
        assert before.save([Change(order=order("a"), version=0)]) == [Saved(1)]
    with opened(engine, tmp_path) as after:
        lease = after.lease(Drain.PICKUPS)
        claims = [Change(order=order("a"), version=1)]
        assert after.save(claims, lease, claiming=True) == [Fenced(Halt.SERVER_CHANGED)]
        standing = after.standing(Drain.PICKUPS)
        assert (standing.changed_at, standing.doubted) == (standing.now, False)
        after.doubted(standing.changed_at)
        assert isinstance(after.save(claims, lease, claiming=True)[0], Saved)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_version_that_a_failover_forgot_does_not_come_up_again(engine: str, tmp_path: Path) -> None:
    """Who saved last on a server whose write was forgotten has lost to whoever writes on the next one."""
    with opened(engine, tmp_path) as before:
        assert before.save([Change(order=order("a"), version=0)]) == [Saved(1)]
        forgotten = 2  # the next save there would have had this version; the next server never hears of it
    with opened(engine, tmp_path) as after:
        [written] = after.save([Change(order=order("a"), version=1)])
        assert isinstance(written, Saved)
        assert after.save([Change(order=order("a"), version=forgotten)]) == [Lost()]
        assert after.save([Change(order=order("a"), version=written.version)]) == [Saved(written.version + 1)]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_order_that_a_failover_forgot_begins_with_a_version_that_nobody_holds(engine: str, tmp_path: Path) -> None:
    """Who saved it on the server that is gone, and takes it for what the next one was told anew, has lost."""
    with opened(engine, tmp_path) as before:
        before.standing(Drain.PICKUPS)
    with opened(engine, tmp_path) as after:
        for name in ("a", "b"):  # the second one after the change was noticed
            [written] = after.save([Change(order=order(name), version=0)])
            assert isinstance(written, Saved)
            forgotten = 1  # as it was saved first on the server before, which never wrote it down
            assert after.save([Change(order=order(name), version=forgotten)]) == [Lost()]
            assert after.save([Change(order=order(name), version=written.version)]) == [Saved(written.version + 1)]
            after.standing(Drain.PICKUPS)
