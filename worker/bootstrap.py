"""Builds the service from its settings; every part can be replaced by the caller."""

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from redis import Redis

from config.settings import Settings
from config.stores import Store
from worker.adapters.http import HttpClient
from worker.adapters.limits import RedisRateLimit
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.lease import boottime
from worker.adapters.redis_safety import Findings, examine
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys, SkyHubSettings
from worker.domain.progress import Policy
from worker.domain.retry import DAY, Schedule
from worker.ports import Fleet, Ledger, SkyHub
from worker.usecases.learn_order import LearnOrders
from worker.usecases.operate import Operate
from worker.usecases.request_pickups import RequestPickups, Tuning

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
    draw: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: secrets.token_hex(8)
    clock: Callable[[], float] = boottime

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
        """Return the stores that are served, then those that were taken out of the file but still hold something."""
        gone = sorted(self.fleet.remember(()) - set(self.stores))
        kept = [each.backlog.store for each in self.fleet.overview(gone) if each.holds_anything]
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
        store, settings = self.store(name), self.settings
        return Policy(
            contracted=store.coleta,
            affiliate=self.affiliate(name),
            settling_ms=milliseconds(settings.settling_seconds),
            claim_ms=milliseconds(settings.claim_seconds),
            absent_ms=milliseconds(settings.absent_seconds),
            schedule=_schedule(settings),
        )

    def request_pickups(self, name: str, *, stop: Callable[[], bool], late: Callable[[], bool]) -> RequestPickups:
        """Return the drain of a store's due orders."""
        settings = self.settings
        return RequestPickups(
            ledger=self.ledger(name),
            skyhub=self.skyhub(self.store(name)),
            policy=self.policy(name),
            tuning=Tuning(
                batch=settings.confirm_batch,
                call_seconds=settings.call_timeout_seconds,
                claim_seconds=settings.claim_seconds,
                requested_pages=settings.requested_pages,
            ),
            token=self.token,
            draw=self.draw,
            clock=self.clock,
            stop=stop,
            late=late,
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


def build(
    settings: Settings,
    stores: Mapping[str, Store],
    *,
    redis: Redis | None = None,
    fleet: Fleet | None = None,
    skyhub: Callable[[Store], SkyHub] | None = None,
    http: HttpClient | None = None,
) -> Service:
    """Build the service; nothing connects before it is used. A process that outlives its service closes `http`."""
    client = redis if redis is not None else connect(settings)
    return Service(
        settings=settings,
        stores=stores,
        redis=client,
        fleet=fleet if fleet is not None else RedisFleet(client, _limits(settings)),
        skyhub=skyhub if skyhub is not None else _skyhubs(settings, client, http if http is not None else HttpClient()),
    )


def connect(settings: Settings) -> Redis:
    """Return a client of the state's server. redis-py repeats commands by itself: every script bears it."""
    if settings.redis_url is None:
        message = "no Redis server is named"
        raise ValueError(message)
    return Redis.from_url(
        settings.redis_url,
        decode_responses=True,
        encoding_errors="replace",
        socket_timeout=10,
        socket_connect_timeout=5,
        socket_keepalive=True,
        health_check_interval=30,
    )


def milliseconds(seconds: float) -> int:
    """Return whole milliseconds."""
    return round(seconds * 1000)


def _limits(settings: Settings) -> Limits:
    return Limits(
        lease_ms=milliseconds(settings.lease_seconds),
        inbox_lease_ms=milliseconds(settings.inbox_lease_seconds),
        hint_ms=milliseconds(settings.sweep_seconds),
        inbox_limit=settings.inbox_limit,
        retention_ms=round(settings.retention_days * DAY),
        key_ms=round(settings.key_days * DAY),
    )


def _schedule(settings: Settings) -> Schedule:
    return Schedule(
        not_yet=milliseconds(settings.not_yet_seconds),
        not_yet_max=milliseconds(settings.not_yet_max_seconds),
        not_yet_limit=round(settings.not_yet_limit_days * DAY),
        backoff=milliseconds(settings.backoff_seconds),
        backoff_max=milliseconds(settings.backoff_max_seconds),
        probe=milliseconds(settings.probe_seconds),
        probe_max=milliseconds(settings.probe_max_seconds),
    )


def _skyhubs(settings: Settings, client: Redis, http: HttpClient) -> Callable[[Store], SkyHub]:
    limit = RedisRateLimit(client)

    def skyhub(store: Store) -> SkyHub:
        keys, account = Keys(store.name), store.skyhub
        return SkyHubApi(
            SkyHubSettings(
                base_url=account.base_url,
                user_email=account.user_email,
                api_key=account.api_key,
                accountmanager_key=account.accountmanager_key,
                collectables_path=account.collectables_path,
                confirm_path=account.confirm_path,
                orders_path=account.orders_path,
                order_path=account.order_path,
                codes_field=account.codes_field,
                timeout=settings.call_timeout_seconds,
                shipments_interval=1 / settings.shipments_rate,
                orders_interval=1 / settings.orders_rate,
            ),
            http,
            limit,
            SkyHubRateKeys(keys("rate:shipments"), keys("rate:orders"), keys("rate:order")),
        )

    return skyhub
