from pathlib import Path

import pytest

from tests.contracts.samples import order
from tests.contracts.worlds import STORE
from tests.fixtures.redis_servers import ENGINES, required, started
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.ports import Change, Drain, Fenced, Halt, Saved

DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_restarted_server_is_another_one(engine: str, tmp_path: Path) -> None:
    """What was saved before a restart is there, its run id is another, and no claim passes before the doubt."""
    binary = required(engine)
    with started(binary, tmp_path, *DURABLE) as server, server.client() as client:
        before = RedisFleet(client, Limits()).ledger(STORE)
        before.standing(Drain.PICKUPS)
        assert before.save([Change(order=order("a"), version=0)]) == [Saved(1)]
    with started(binary, tmp_path, *DURABLE) as server, server.client() as client:
        after = RedisFleet(client, Limits()).ledger(STORE)
        lease = after.lease(Drain.PICKUPS)
        claims = [Change(order=order("a"), version=1)]
        assert after.save(claims, lease, claiming=True) == [Fenced(Halt.SERVER_CHANGED)]
        standing = after.standing(Drain.PICKUPS)
        assert (standing.changed_at, standing.doubted) == (standing.now, False)
        after.doubted(standing.changed_at)
        assert after.save(claims, lease, claiming=True) == [Saved(2)]
