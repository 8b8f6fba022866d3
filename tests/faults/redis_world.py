"""The service for the faults of Redis: a store whose OMS knows its orders, and one without; load through two doors."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from tests.fakes.proxy import CuttingProxy
from tests.faults.consistent import inconsistencies
from tests.faults.redis_memory import Memory, copied, memory
from tests.faults.waves import STORES, WITH_OMS, WITHOUT_OMS, Wave
from tests.fixtures.deployment import SHORT, account
from tests.fixtures.redis_servers import free_port
from tests.fixtures.running_parts import Part, RedisPart
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.adapters.redis_ledger.keys import Keys
from worker.domain.order import Attention, Status
from worker.sandbox.deployment import SimulatedStore
from worker.sandbox.faults import Fault

SETTINGS = {
    **SHORT,
    "CONFIRM_BATCH": "5",
    "RECONCILE_SECONDS": "1",
}
_WORKERS = ("worker-1", "worker-2")
_LATENCY_MS = 150
# An answer that takes this long is still in time: meanwhile SkyHub has the request, and nobody knows.
_SLOW_SECONDS = 0.6
# SkyHub's lists lag by this part of the settling delay.
_LAG = 0.8
# Four processes start at once here, and a fault may take some of them down together.
_PATIENCE_SECONDS = 90.0


class RedisWorld(RunningService):
    """Two workers, beat and web; with a proxy, clients find the state's server through it."""

    def __init__(
        self,
        folder: Path,
        *,
        engine: str = "redis",
        broker_apart: bool = False,
        proxy: CuttingProxy | None = None,
        settling_seconds: float = 1.0,
    ) -> None:
        address = {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"} if proxy is not None else {}
        settings = {**SETTINGS, "SETTLING_SECONDS": str(settling_seconds), **address}
        stores = [SimulatedStore(name=store, doors=True, vtex=store == WITH_OMS) for store in STORES]
        super().__init__(
            folder, stores, settings, engine=engine, latency_ms=_LATENCY_MS, broker_apart=broker_apart, doors=True
        )
        self.engine = engine
        self.proxy = proxy
        self.lag_seconds = _LAG * settling_seconds

    def open(self) -> None:
        """Start every process."""
        super().open()
        if self.proxy is not None:
            self.proxy.lead_to(self.redis.port)
        # Whatever is sent is accepted and counted, so that each promise can be seen to break.
        self.sandbox.settings(lists_lag_seconds=self.lag_seconds, strict=False)
        starts: list[Callable[[], Part]] = [self.start_web, self.start_beat]
        starts += [partial(self.start_worker, name) for name in _WORKERS]
        with ThreadPoolExecutor(len(starts)) as pool:
            list(pool.map(lambda start: start(), starts))

    def until(
        self, check: Callable[[], object], what: str, seconds: float = _PATIENCE_SECONDS, *, supervised: bool = False
    ) -> None:
        """Poll with more patience than others need."""
        super().until(check, what, seconds, supervised=supervised)

    @contextmanager
    def direct(self) -> Iterator["Redis"]:
        """Give a client of the state's server itself, which asks once."""
        with Redis(port=self.redis.port, decode_responses=True, retry=Retry(NoBackoff(), 0)) as client:
            yield client

    def replica(self, name: str) -> RedisPart:
        """Start a second server that follows the state's."""
        follower = self._add(RedisPart(name, self.folder, self.engine))
        with Redis(port=follower.port, decode_responses=True) as client:
            client.replicaof("127.0.0.1", str(self.redis.port))
            self.until(lambda: client.info("replication")["master_link_status"] == "up", "the replica follows")
        return follower

    def part_from_primary(self, follower: RedisPart) -> None:
        """Cut the replica's link: it goes on with what it has, and hears nothing more."""
        with Redis(port=follower.port, decode_responses=True) as client:
            client.replicaof("127.0.0.1", str(free_port()))
            self.until(lambda: client.info("replication")["master_link_status"] == "down", "the link is cut")

    def promote(self, follower: RedisPart) -> Memory:
        """Let clients find the replica under the address of the primary, which is dead; returns what it knows."""
        with Redis(port=follower.port, decode_responses=True) as client:
            known = memory(client, STORES)
            client.replicaof("no", "one")
        self.parts.remove(self.redis)
        self.redis = follower
        if self.proxy is not None:
            self.proxy.lead_to(follower.port)
        return known

    def kept(self) -> Memory:
        """Return what is on the disk of the state's server, as far as it is written."""
        with copied(self.redis, self.engine) as client:
            return memory(client, STORES)

    # ---- where they stand

    def requesting(self) -> int:
        """Return how many orders are being requested now."""
        with self.direct() as client:
            return sum(int(client.zcard(Keys(store).orders(Status.REQUESTING))) for store in STORES)

    def in_the_middle(self, wave: Wave, least: int) -> int:
        """Wait until some of the wave are requested and others are being requested now; returns how many these are."""
        self.until(lambda: sum(self.accepted(wave.direct)) >= least, "some are requested", supervised=True)
        for store in STORES:
            slowly = Fault(call="confirm", account=account(store), when="after", hang_seconds=_SLOW_SECONDS)
            self.sandbox.fault(slowly)
        seen = 0

        def look() -> bool:
            nonlocal seen
            seen = self.requesting()
            return seen > 0

        self.until(look, "some are being requested", supervised=True)
        return seen

    def missing(self, wave: Wave) -> tuple[list[Sale], list[Sale]]:
        """Return the Direct orders that nobody requested: those that are shown as such, and the others."""
        accepted = self.sandbox.report().accepted
        left = [sale for sale in wave.direct if sale.code not in accepted]
        shown = [sale for sale in left if sale.store == WITHOUT_OMS and self._is_shown(sale)]
        return shown, [sale for sale in left if sale not in shown]

    def _is_shown(self, sale: Sale) -> bool:
        _, owners = self.ledger(sale.store).load((), [sale.remote_code])
        known, _ = self.ledger(sale.store).load(owners.values())
        return any(Attention.COLLECTABLE_BUT_UNKNOWN in each.order.flags for each in known.values())

    def settle(self, wave: Wave) -> tuple[float, list[Sale]]:
        """Wait until nothing is under way any more; returns when it was so, and the orders that are shown as lost.

        Then all must agree.
        """
        shown: list[Sale] = []

        def look() -> bool:
            shown[:], others = self.missing(wave) if self._is_quiet() else ([], wave.direct)
            return not others

        self.until(look, "all is settled", supervised=True)
        settled = time.monotonic()
        self.agree()
        return settled, shown

    def look_again(self) -> None:
        """Wait until reconcile has looked once more at all that SkyHub lists: nothing new may come of it."""
        looked = self._reconciled()
        self.until(
            lambda: all(now > before for now, before in zip(self._reconciled(), looked, strict=True)),
            "another look at SkyHub's list",
            supervised=True,
        )

    def _is_quiet(self) -> bool:
        try:
            looks = self.service.fleet.overview(STORES)
        except RedisError:
            return False
        busy = (Status.DUE, Status.REQUESTING)
        return not any(each.backlog.inbox or any(each.counts[status] for status in busy) for each in looks)

    def _reconciled(self) -> list[int]:
        try:
            return [each.reconciled.at if each.reconciled else 0 for each in self.service.fleet.overview(STORES)]
        except RedisError:
            return [0] * len(STORES)

    def agree(self) -> None:
        """Fail if documents, indexes and keys do not agree."""
        with self.direct() as client:
            wrong = [line for store in STORES for line in inconsistencies(client, store)]
        assert wrong == [], wrong
