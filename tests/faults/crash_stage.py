"""Where processes crash: one Redis, one sandbox, a store a crash, and workers only when all have crashed."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from config.settings import load_settings
from config.stores import Store, load_stores
from tests.faults.crash_jobs import Nursery
from tests.faults.crash_nursery import Ended, Job
from tests.faults.crash_worlds import World
from tests.fixtures.deployment import SHORT, account, environment, secret, secrets, stores_file
from tests.fixtures.running_service import RunningService
from worker.adapters.redis_ledger.keys import Keys
from worker.bootstrap import Service, build
from worker.domain.order import Status
from worker.ports import Drain

SETTINGS = {
    **SHORT,
    # A call may be slow on a busy machine; nothing is to fail but by the crash.
    "CALL_TIMEOUT_SECONDS": "2",
    "LEASE_SECONDS": "4",
    "INBOX_LEASE_SECONDS": "2",
    "CLAIM_SECONDS": "4",
    # Two confirmations a round: one crashes before, between and after them.
    "CONFIRM_BATCH": "2",
    # The sandbox limits no rates here: each store makes a few calls only.
    "SHIPMENTS_RATE": "200",
    "ORDERS_RATE": "200",
    "RECONCILE_SECONDS": "600",
    "FEED_SECONDS": "10",
}
# Until a claim of a process that is dead is over, and the lists are believed.
CLAIM_AND_SETTLING_SECONDS = 5.2
_LOOK_SECONDS = 0.25
# Hundreds of stores heal side by side, on a machine that may be busy.
_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a crash left in its store: orders in `requesting`, and how many keys of each kind."""

    requesting: int
    hints: int
    leases: int


class CrashStage(RunningService):
    """Worlds are added to it; tasks crash in them; then workers heal all of them together."""

    def __init__(self, folder: Path, *, sweep_seconds: float, nurseries: int = 2) -> None:
        super().__init__(folder, (), {**SETTINGS, "SWEEP_SECONDS": str(sweep_seconds)}, engine="redis")
        self.worlds: list[World] = []
        self._known: dict[str, Store] = {}
        self._nurseries: SimpleQueue[Nursery] = SimpleQueue()
        self.width = nurseries

    def open(self) -> None:
        """Start what everything else needs, and the nurseries."""
        super().open()
        # Whatever is asked for is accepted, so that a wrong wish shows; and the lists lag, less than they may.
        self.sandbox.settings(strict=False, rate_limits=False, lists_lag_seconds=0.5, feed_visibility_seconds=1.0)
        environ = {**environment(self.secrets), **self.variables}
        for number in range(self.width):
            nursery = Nursery(self.folder / f"nursery-{number}", environ)
            self._clients.callback(nursery.close)
            self._nurseries.put(nursery)

    def serve(self, *_stores: str) -> None:
        """Name the stores of all worlds in the stores file."""
        self.file.write_text(self._tables(self.worlds))

    @cached_property
    def service(self) -> Service:
        """The parts of a process of the service, with the stores of all worlds."""
        service = build(load_settings(self.variables), self._known)
        self._clients.callback(service.redis.close)
        return service

    # ---- worlds

    def add(self, worlds: Sequence[World]) -> None:
        """Let the sandbox know these worlds, with every invoice that they are to have."""
        for world in worlds:
            self.secrets.update(secrets([world.simulated]))
            world.simulated.open_accounts(self.sandbox, partial(secret, world.store))
            if not world.oms:
                self.sandbox.register_orders(account(world.store), [sale.at_skyhub() for sale in world.all])
                self.sandbox.complete([sale.code for sale in world.sold], account(world.store))
                continue
            self.sandbox.register_sales(world.everywhere(), skyhub=account(world.store), vtex=world.store)
            for order_id, package in world.packages():
                self.sandbox.vtex.invoice(world.store, order_id, package)
        file = self.folder / f"{worlds[0].store}.toml"  # several may be added at once
        file.write_text(self._tables(worlds))
        self._known.update(load_stores(file, self.secrets))
        self.worlds += worlds

    def _tables(self, worlds: Iterable[World]) -> str:
        return stores_file([world.simulated for world in worlds], self.sandbox_url)

    # ---- crashing

    def job(self, worlds: Sequence[World], call: str, arguments: list[Any], named: dict[str, Any], **how: Any) -> Job:  # noqa: ANN401 - the fields of Job
        """Return a job in these worlds, the stores of its process."""
        environ = secrets([world.simulated for world in worlds])
        return Job(call=call, arguments=arguments, named=named, stores=self._tables(worlds), environ=environ, **how)

    def perform(self, job: Job) -> Ended:
        """Do it in the first nursery that is free."""
        nursery = self._nurseries.get()
        try:
            return nursery.run(job)
        finally:
            self._nurseries.put(nursery)

    def left(self, world: World) -> Left:
        """Look at what stands in a world's store now."""
        keys = Keys(world.store)
        with self.service.redis.pipeline(transaction=False) as pipe:
            pipe.zcard(keys.orders(Status.REQUESTING))
            pipe.exists(*(keys(f"hint:{drain}") for drain in Drain))
            pipe.exists(*(keys(f"lease:{drain}") for drain in Drain))
            requesting, hints, leases = pipe.execute()
        return Left(requesting=requesting, hints=hints, leases=leases)

    # ---- recovering

    def lose_messages(self) -> None:
        """Forget every message: what recovers must not need any."""
        self.messages.flushdb()

    def recover(self, workers: int) -> dict[str, float]:
        """Start fresh workers and beat; return after how many seconds each store was settled."""
        self.serve()
        begun = time.monotonic()
        for number in range(workers):
            self._start(
                f"worker-{number}",
                ["-m", "celery", "-A", "worker", "worker", "-n", f"{number}@%h"],
                self.variables,
            )
        self.start_beat()
        settled: dict[str, float] = {}
        looked = 0.0

        def all_settled() -> bool:
            nonlocal looked
            if time.monotonic() - looked > _LOOK_SECONDS:
                looked = time.monotonic()
                left = self._unsettled([world for world in self.worlds if world.store not in settled])
                at = round(looked - begun, 2)
                settled.update({world.store: at for world in self.worlds if world.store not in {*left, *settled}})
            return len(settled) == len(self.worlds)

        try:
            self.until(all_settled, "every order of every store is settled", _PATIENCE_SECONDS)
        except AssertionError as error:
            left = self._unsettled([world for world in self.worlds if world.store not in settled])
            raise AssertionError(f"not settled (requested, skipped, waiting, inbox): {left}\n{error}") from None
        return settled

    def _unsettled(self, worlds: Sequence[World]) -> dict[str, tuple[int, ...]]:
        """Return the stores whose orders do not stand where they belong, or whose inbox is not empty."""
        with self.service.redis.pipeline(transaction=False) as pipe:
            for keys in (Keys(world.store) for world in worlds):
                for status in (Status.REQUESTED, Status.SKIPPED, Status.WAITING):
                    pipe.zcard(keys.orders(status))
                pipe.xlen(keys("inbox"))
            found = iter(pipe.execute())
        counts = {world.store: (next(found), next(found), next(found), next(found)) for world in worlds}
        return {world.store: counts[world.store] for world in worlds if counts[world.store] != world.settled}
