"""The adapters as the settings and the stores want them: the parts of which `bootstrap` builds the service."""

from collections.abc import Callable

from redis import Redis

from config.settings import Settings
from config.stores import PickAndPackAccount, SkyHubAccount, Store
from worker.adapters.http import Caller, HttpClient
from worker.adapters.limits import RateLimit, RedisRateLimit
from worker.adapters.pick_and_pack import PickAndPackApi, PickAndPackSettings
from worker.adapters.redis_ledger import Limits, RedisFleet, RedisMeters
from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys, SkyHubSettings
from worker.adapters.skyhub.counting import CountedCaller, CountedLimit
from worker.adapters.vtex_oms import VtexOms, VtexSettings
from worker.domain.retry import DAY, Schedule
from worker.ports import Fleet, Meters, PickAndPack, SkyHub, Tally


def fleet(settings: Settings, client: Redis) -> Fleet:
    """Return the state of every store."""
    return RedisFleet(client, _limits(settings))


def meters(client: Redis) -> Meters:
    """Return the counts in Redis."""
    return RedisMeters(client)


def milliseconds(seconds: float) -> int:
    """Return whole milliseconds."""
    return round(seconds * 1000)


def _limits(settings: Settings) -> Limits:
    return Limits(
        lease_ms=milliseconds(settings.lease_seconds),
        inbox_lease_ms=milliseconds(settings.inbox_lease_seconds),
        hint_ms=milliseconds(settings.sweep_seconds),
        # So that lists may lag by half of the settling delay, whatever one step of the clock did.
        forward_ms=milliseconds(settings.settling_seconds / 2),
        inbox_limit=settings.inbox_limit,
        retention_ms=round(settings.retention_days * DAY),
        key_ms=round(settings.key_days * DAY),
    )


def schedule(settings: Settings) -> Schedule:
    """Return when what failed or is not ready yet is tried again."""
    return Schedule(
        not_yet=milliseconds(settings.not_yet_seconds),
        not_yet_max=milliseconds(settings.not_yet_max_seconds),
        not_yet_limit=round(settings.not_yet_limit_days * DAY),
        backoff=milliseconds(settings.backoff_seconds),
        backoff_max=milliseconds(settings.backoff_max_seconds),
        probe=milliseconds(settings.probe_seconds),
        probe_max=milliseconds(settings.probe_max_seconds),
        packed=milliseconds(settings.packed_seconds),
        packed_max=milliseconds(settings.packed_max_seconds),
    )


def skyhub_settings(settings: Settings, account: SkyHubAccount) -> SkyHubSettings:
    """Return a store's account at SkyHub, with the pace that the deployment allows itself."""
    return SkyHubSettings(
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
    )


def skyhubs(settings: Settings, client: Redis, http: HttpClient, tally: Tally) -> Callable[[Store], SkyHub]:
    """Return what gives a store's SkyHub; its pace is kept in Redis, shared by all processes, its calls are counted."""
    limit = RedisRateLimit(client)
    return lambda store: skyhub_api(
        settings, store, CountedCaller(http, tally, store.name), CountedLimit(limit, tally, store.name)
    )


def skyhub_api(settings: Settings, store: Store, http: Caller, limit: RateLimit) -> SkyHubApi:
    """Return a store's SkyHub at the pace of this limit."""
    keys = Keys(store.name)
    rates = SkyHubRateKeys(keys("rate:shipments"), keys("rate:orders"), keys("rate:order"))
    return SkyHubApi(skyhub_settings(settings, store.skyhub), http, limit, rates)


def omses(settings: Settings, http: HttpClient) -> Callable[[Store], VtexOms | None]:
    """Return what gives a store's OMS."""

    def oms(store: Store) -> VtexOms | None:
        account = store.vtex
        if account is None:
            return None
        known = VtexSettings(
            base_url=account.base_url,
            app_key=account.app_key,
            app_token=account.app_token,
            timeout=settings.call_timeout_seconds,
        )
        return VtexOms(known, http)

    return oms


def packings(settings: Settings, http: HttpClient) -> Callable[[Store], PickAndPack | None]:
    """Return what gives a store's Pick and Pack: the same one each time, since it keeps a token."""
    known: dict[PickAndPackAccount, PickAndPack] = {}

    def packing(store: Store) -> PickAndPack | None:
        account = store.pick_and_pack
        if account is None:
            return None
        if account not in known:
            known[account] = PickAndPackApi(
                PickAndPackSettings(
                    auth_url=account.auth_url,
                    base_url=account.base_url,
                    api_key=account.api_key,
                    timeout=settings.call_timeout_seconds,
                ),
                http,
            )
        return known[account]

    return packing
