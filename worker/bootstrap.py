"""Builds the service from its settings; every part can be replaced by the caller."""

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from redis import Redis

from config.settings import Settings
from config.stores import Store
from worker import wiring
from worker.adapters.http import HttpClient
from worker.adapters.redis_clients import connect
from worker.adapters.redis_ledger import GatheringTally
from worker.adapters.redis_ledger.lease import boottime
from worker.adapters.redis_safety import Findings, examine
from worker.domain.policy import Policy
from worker.domain.retry import DAY
from worker.ports import Drain, Fleet, Ledger, Meters, Oms, PickAndPack, SkyHub, Unreadable
from worker.usecases.confirm_batch import ConfirmBatch
from worker.usecases.learn_order import LearnOrders
from worker.usecases.operate import Operate
from worker.usecases.poll_feed import PollFeed
from worker.usecases.reconcile import Reconcile
from worker.usecases.record_invoices import Recorded, drain_inbox
from worker.usecases.request_pickups import RequestPickups, Tuning
from worker.usecases.reread_orders import RereadOrders
from worker.usecases.sweep import Timed, sweep
from worker.wiring import milliseconds

# Characters of the list of stores in an error.
_MOST_SHOWN = 200


class UnknownStoreError(LookupError):
    """No store of this name is configured; the message says which are."""


class UnsafeRedisError(Exception):
    """The Redis server would forget orders; the message says what to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything a process of the service works with."""

    settings: Settings
    stores: Mapping[str, Store]
    redis: Redis
    fleet: Fleet
    skyhub: Callable[[Store], SkyHub]
    oms: Callable[[Store], Oms | None]
    packing: Callable[[Store], PickAndPack | None]
    meters: Meters
    tally: GatheringTally
    draw: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: secrets.token_hex(8)
    clock: Callable[[], float] = boottime
    # A policy takes longer to build than to record an event.
    _policies: dict[str, Policy] = field(default_factory=dict, init=False, repr=False, compare=False)

    def store(self, name: str) -> Store:
        """Return a store's configuration; raises `UnknownStoreError`."""
        store = self.stores.get(name)
        if store is None:
            known = ", ".join(sorted(self.stores)) or "none"
            known = known if len(known) <= _MOST_SHOWN else f"{known[:_MOST_SHOWN]}…; coleta stores lists all"
            message = f"store {name!r} is not in {self.settings.stores_file} (known: {known})"
            raise UnknownStoreError(message)
        return store

    def names(self) -> list[str]:
        """Return the stores that are served, then those that were taken out of the file but still hold something.

        Of those whose node of a cluster is away it is not known, so they are among them.
        """
        gone = sorted(self.fleet.served(()) - set(self.stores))
        # Beside those that are served: where only what is gone is away, the others can be told.
        seen = {each.backlog.store: each for each in self.fleet.overview([*gone, *self.stores])} if gone else {}
        kept = [name for name in gone if name not in seen or seen[name].holds_anything]
        return [*sorted(self.stores), *kept]

    def seen(self, name: str) -> Ledger:
        """Open a store to look at it, also one that was taken out of the file; raises `UnknownStoreError`."""
        if name not in self.stores and name in self.fleet.remember(()):
            return self.fleet.ledger(name)
        return self.ledger(name)

    def affiliate(self, name: str) -> str | None:
        """Return the VTEX affiliate id of a store, None where it has none or is not served any more."""
        store = self.stores.get(name)
        return store.vtex.affiliate_id if store is not None and store.vtex is not None else None

    def ledger(self, name: str) -> Ledger:
        """Return the ledger of a configured store; raises `UnknownStoreError`."""
        return self.fleet.ledger(self.store(name).name)

    def policy(self, name: str) -> Policy:
        """Return what the store and the deployment decided."""
        known = self._policies.get(name)
        if known is None:
            known = self._policies[name] = self._policy(self.store(name))
        return known

    def _policy(self, store: Store) -> Policy:
        settings = self.settings
        return Policy(
            contracted=store.coleta,
            affiliate=self.affiliate(store.name),
            oms=store.vtex is not None,
            require_packed=store.pick_and_pack is not None and store.pick_and_pack.require_packed,
            settling_ms=milliseconds(settings.settling_seconds),
            doubt_ms=milliseconds(settings.doubt_seconds),
            claim_ms=milliseconds(settings.claim_seconds),
            absent_ms=milliseconds(settings.absent_seconds),
            packed_hold_ms=milliseconds(settings.packed_hold_seconds),
            waiting_long_ms=round(settings.waiting_long_days * DAY),
            schedule=wiring.schedule(settings),
        )

    def reject(self, store: str, kept: Sequence[Unreadable]) -> None:
        """Keep as rejected what is no event, with its store if that is served; raises redis-py's errors."""
        if store in self.stores:
            self.ledger(store).reject(kept)
        else:
            self.fleet.reject_unknown(kept)

    def drain_inbox(self, name: str, *, stop: Callable[[], bool]) -> Recorded:
        """Fold a store's inbox into its orders."""
        settings = self.settings
        return drain_inbox(
            self.ledger(name),
            self.policy(name),
            batch=settings.inbox_batch,
            renew_seconds=settings.inbox_lease_seconds / 2,
            stop=stop,
        )

    def sweep(self, send: Callable[[str, Drain, int], None]) -> bool:
        """Hint at whatever waits, and at what runs by the clock; `send` takes a store, a drain and milliseconds.

        Returns whether it swept: False if somebody just did.
        """
        settings = self.settings
        feeds = [name for name, store in self.stores.items() if store.vtex is not None and store.vtex.feed]
        return sweep(
            self.fleet,
            list(self.stores),
            send,
            sweep_ms=milliseconds(settings.sweep_seconds),
            retention_ms=round(settings.retention_days * DAY),
            timed={
                Drain.FEED: Timed(feeds, milliseconds(settings.feed_seconds)),
                Drain.RECONCILE: Timed(list(self.stores), milliseconds(settings.reconcile_seconds)),
            },
        )

    def request_pickups(self, name: str, *, stop: Callable[[], bool], late: Callable[[], bool]) -> RequestPickups:
        """Return the drain of a store's due orders."""
        settings, ledger, skyhub = self.settings, self.ledger(name), self.skyhub(self.store(name))
        return RequestPickups(
            ledger=ledger,
            skyhub=skyhub,
            policy=self.policy(name),
            tuning=Tuning(batch=settings.confirm_batch, requested_pages=settings.requested_pages),
            confirming=ConfirmBatch(
                ledger=ledger,
                skyhub=skyhub,
                call_seconds=settings.call_timeout_seconds,
                token=self.token,
                draw=self.draw,
                clock=self.clock,
            ),
            draw=self.draw,
            stop=stop,
            late=late,
            packing=self.packing(self.store(name)),
        )

    def learn_orders(self, name: str, *, stop: Callable[[], bool], late: Callable[[], bool]) -> LearnOrders:
        """Return the drain of a store's wishes to learn."""
        return LearnOrders(
            ledger=self.ledger(name),
            skyhub=self.skyhub(self.store(name)),
            policy=self.policy(name),
            draw=self.draw,
            stop=stop,
            late=late,
        )

    def reread_orders(self, name: str, *, late: Callable[[], bool]) -> RereadOrders:
        """Return the drain of a store's wishes to read its OMS."""
        return RereadOrders(
            ledger=self.ledger(name),
            oms=self.oms(self.store(name)),
            policy=self.policy(name),
            draw=self.draw,
            late=late,
        )

    def poll_feed(self, name: str, *, late: Callable[[], bool]) -> PollFeed | None:
        """Return the drain of a store's feed, None where it has none."""
        store = self.store(name)
        oms = self.oms(store) if store.vtex is not None and store.vtex.feed else None
        if oms is None:
            return None
        return PollFeed(ledger=self.ledger(name), oms=oms, policy=self.policy(name), draw=self.draw, late=late)

    def reconcile(self, name: str, *, stop: Callable[[], bool]) -> Reconcile:
        """Return the look at all that SkyHub lists of a store."""
        return Reconcile(
            ledger=self.ledger(name),
            skyhub=self.skyhub(self.store(name)),
            policy=self.policy(name),
            draw=self.draw,
            stop=stop,
        )

    def operate(self, name: str, *, dry_run: bool = False) -> Operate:
        """Return what an operator may do to a store's orders."""
        return Operate(
            ledger=self.ledger(name),
            skyhub=self.skyhub(self.store(name)),
            policy=self.policy(name),
            dry_run=dry_run,
        )

    def examine_redis(self) -> Findings:
        """Return what the Redis server would forget; raises `UnsafeRedisError` unless that is allowed."""
        findings = examine(self.redis)
        if findings.unsafe and not self.settings.allow_unsafe_redis:
            mend = "set appendonly yes, appendfsync always and maxmemory-policy noeviction, as config/redis.conf does"
            message = "; ".join(findings.unsafe)
            raise UnsafeRedisError(f"{message}. To mend: {mend}; for a trial only: COLETA_ALLOW_UNSAFE_REDIS=1")
        return findings


def build(  # noqa: PLR0913 - every part can be replaced
    settings: Settings,
    stores: Mapping[str, Store],
    *,
    redis: Redis | None = None,
    fleet: Fleet | None = None,
    skyhub: Callable[[Store], SkyHub] | None = None,
    oms: Callable[[Store], Oms | None] | None = None,
    packing: Callable[[Store], PickAndPack | None] | None = None,
    http: HttpClient | None = None,
) -> Service:
    """Build the service; nothing connects before it is used. A process that outlives its service closes `http`."""
    client = redis if redis is not None else connect(settings.redis_url)
    calls = http if http is not None else HttpClient()
    meters = wiring.meters(client)
    tally = GatheringTally(meters)
    return Service(
        settings=settings,
        stores=stores,
        redis=client,
        fleet=fleet if fleet is not None else wiring.fleet(settings, client),
        skyhub=skyhub if skyhub is not None else wiring.skyhubs(settings, client, calls, tally),
        oms=oms if oms is not None else wiring.omses(settings, calls),
        packing=packing if packing is not None else wiring.packings(settings, calls),
        meters=meters,
        tally=tally,
    )
