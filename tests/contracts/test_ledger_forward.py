"""A server whose clock is set forward: every confirmation is held from then on, as after a change of server."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import NoScriptError

from tests.contracts.samples import order
from tests.contracts.test_ledger_restart import DURABLE
from tests.contracts.worlds import STORE, RedisWorld
from tests.fakes.proxy import CuttingProxy
from tests.fixtures.redis_servers import NOT_PERSISTENT, Server, required, started
from tests.fixtures.running_parts import until
from tests.fixtures.stepped_clock import SteppedClock
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.adapters.redis_ledger.clocks import Clocks
from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.ledger import RedisLedger
from worker.adapters.redis_ledger.scripts import Scripts
from worker.ports import Change, Drain, Fenced, Halt, Saved, Standing

# More than a claim's lease and the settling delay.
STEP_SECONDS = 200


class Stepping(RedisWorld):
    """A real server, emptied, whose clock is set forward."""

    def __init__(self, server: Server, clock: SteppedClock) -> None:
        super().__init__(server.client)
        self._clock = clock
        self._set(0)
        self.port = server.port

    def step(self) -> None:
        """Set it forward, from where it is."""
        self._set(self._ahead + STEP_SECONDS)

    def _set(self, ahead: int) -> None:
        """Put it so far before the true time; the server may tell the old one once more."""
        self._ahead = ahead
        self._clock.step(ahead)
        self.eventually(lambda: abs(self.raw.time()[0] - time.time() - ahead) < STEP_SECONDS / 2)


class Process:
    """A process that looked at its stores' servers when it started, as a worker does."""

    def __init__(self, client: "Redis", *stores: str) -> None:
        self.fleet = RedisFleet(client, Limits())
        self.fleet.meet(stores)
        self.ledger = self.fleet.ledger(STORE)

    def look(self) -> Standing:
        """Look how the store stands."""
        return self.ledger.standing(Drain.PICKUPS)


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, SteppedClock]]:
    """Start a server under a clock of its own: the embedded one's engine, for Debian's hangs under libfaketime."""
    folder = tmp_path_factory.mktemp("clocked")
    clock = SteppedClock(folder)
    with started(required("valkey"), folder, *NOT_PERSISTENT, variables=clock.variables) as server:
        yield server, clock


@pytest.fixture
def world(clocked: tuple[Server, SteppedClock]) -> Iterator[Stepping]:
    """Give it, empty, with the true time."""
    world = Stepping(*clocked)
    yield world
    world.close()


def test_claims_wait_for_the_doubt_from_the_step_on(world: Stepping) -> None:
    """The run that meets the step has the quarantine at once, and so has whoever came by since and saw nothing."""
    process, beside = Process(world.client(), STORE), world.ledger()
    world.step()
    beside.standing(Drain.PICKUPS)
    others = beside.lease(Drain.LEARN)
    standing, ours = process.ledger.begin(Drain.PICKUPS)
    assert ours is not None
    assert 0 <= standing.changed_at - standing.now < 5_000
    assert not standing.doubted
    claims = [Change(order=order("a"), version=0)]
    for lease in (others, ours):
        assert beside.save(claims, lease, claiming=True) == [Fenced(Halt.SERVER_CHANGED)]
    process.ledger.doubted(standing.changed_at)
    assert process.look().doubted
    assert isinstance(beside.save(claims, ours, claiming=True)[0], Saved)


def test_whoever_finds_the_same_step_later_holds_nothing_again(world: Stepping) -> None:
    """Other processes, and the same one at its next look; the next step is another one."""
    processes = [Process(world.client(), STORE) for _ in range(3)]
    world.step()
    first, *others = [process.look().changed_at for process in (*processes, processes[0])]
    assert others == [first] * 3
    world.step()
    assert processes[2].look().changed_at > first + STEP_SECONDS * 500


def test_a_store_whose_first_run_comes_after_the_step_is_held_too(world: Stepping) -> None:
    """Each store that the process met at its start; one that it was told of since is compared with nothing."""
    process = Process(world.client(), STORE, "brava")
    world.step()
    for store, held in ((STORE, True), ("brava", True), ("later", False)):
        standing = process.fleet.ledger(store).standing(Drain.PICKUPS)
        assert (standing.changed_at > 0, standing.doubted) == (held, not held)


def test_a_server_that_is_full_is_met_all_the_same(world: Stepping) -> None:
    """It notes no new store; those that it knows are compared later, and nothing keeps a worker from its start."""
    Process(world.client(), "brava")
    world.raw.config_set("maxmemory", 1)
    try:
        process = Process(world.client(), STORE, "brava")
    finally:
        world.raw.config_set("maxmemory", 0)
    world.step()
    assert process.fleet.ledger("brava").standing(Drain.PICKUPS).changed_at > 0


def test_a_quarantine_in_the_future_covers_nothing(world: Stepping) -> None:
    """It was begun before the clock was set back: a step forward begins another one."""
    process = Process(world.client(), STORE)
    ahead = str(world.ledger().now() + 3_600_000)
    world.raw.hset(Keys(STORE)("server"), mapping={"changed_at": ahead, "doubted": ahead})
    assert process.look().doubted
    world.step()
    standing = process.look()
    assert 0 < standing.changed_at < int(ahead)
    assert not standing.doubted


def test_a_step_that_could_not_be_noted_is_found_again(world: Stepping) -> None:
    """Redis broke off in between: that run is over, and the next one holds its confirmations."""
    client = world.client()
    scripts = Scripts(client)
    ledger = RedisLedger(client, scripts, STORE, Limits(), Clocks(Limits().forward_ms))
    ledger.standing(Drain.PICKUPS)
    world.step()
    known, scripts.digests["forward"] = scripts.digests["forward"], "0" * 40
    with pytest.raises(NoScriptError):
        ledger.begin(Drain.PICKUPS)
    scripts.digests["forward"] = known
    assert not ledger.standing(Drain.PICKUPS).doubted


def test_a_step_is_noted_once(world: Stepping) -> None:
    """The repeated call finds its own quarantine, and reports it."""
    with CuttingProxy(world.port) as proxy, world.client(port=proxy.port) as client:
        process = Process(client, STORE)
        world.step()
        proxy.cut(Scripts(client).digests["forward"].encode())
        standing = process.look()
        assert proxy.cuts == 1
    assert 0 < standing.changed_at == world.ledger().standing(Drain.PICKUPS).changed_at
    assert not standing.doubted


def test_a_step_soon_after_a_restart_is_noticed_by_who_missed_the_restart(tmp_path: Path) -> None:
    """A machine whose clock is put right after its start: nobody who worked before may take the wait for over."""
    clock, binary = SteppedClock(tmp_path), required("valkey")
    with ExitStack() as stack:
        proxy = stack.enter_context(CuttingProxy())
        with started(binary, tmp_path, *DURABLE) as server:
            proxy.lead_to(server.port)
            clients = [stack.enter_context(server.client(port=proxy.port)) for _ in range(3)]
            first, second, third = [Process(client, STORE) for client in clients]
        with started(binary, tmp_path, *DURABLE, variables=clock.variables) as server:
            proxy.lead_to(server.port)
            noticed = first.look().changed_at
            assert 0 < noticed == second.look().changed_at
            clock.step(STEP_SECONDS)
            until(lambda: third.ledger.now() >= noticed + STEP_SECONDS * 1000, "the server's clock is ahead")
            assert third.look().changed_at >= noticed + STEP_SECONDS * 1000
