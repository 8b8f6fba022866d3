"""The whole examination: what each part needs, in which order, and what is left out where Redis does not answer."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError

from config.scrub import scrub_text
from config.settings import Settings
from config.stores import Store
from worker import wiring
from worker.adapters.http import HttpClient
from worker.adapters.limits import RedisRateLimit
from worker.adapters.redis_clients import connect_briefly
from worker.adapters.redis_cluster import ClusterClient
from worker.adapters.redis_ledger import RedisMeters
from worker.adapters.redis_ledger.each_store import AWAY
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.adapters.redis_ledger.oldest import oldest_events
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.entrypoints.doctor import broker_state, process_state, redis_state
from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.doctor.one_store import Outside, StoreReport, check_store
from worker.entrypoints.doctor.pace import OwnPace
from worker.entrypoints.doctor.preparing import Prepared
from worker.entrypoints.doctor.store_state import StoreLook
from worker.entrypoints.embedded import is_silent, server_named
from worker.entrypoints.sandbox_home import up_runs
from worker.entrypoints.words import counted
from worker.wiring import milliseconds

# Each store has limits of its own, so that many can be asked side by side.
_STORES_AT_ONCE = 16


@dataclass(slots=True)
class Report:
    """All that was found: of the deployment, and of each store."""

    findings: list[Finding]
    stores: list[StoreReport] = field(default_factory=list)

    @property
    def everything(self) -> list[Finding]:
        """All findings, those of stores last."""
        return [*self.findings, *(finding for store in self.stores for finding in store.findings)]


def examine(prepared: Prepared, only: str = "", advance: Callable[[], None] = lambda: None) -> Report:
    """Examine everything, or of the stores only one; `advance` is called after each store."""
    settings = prepared.settings
    report = Report([*prepared.findings])
    wanted = {name: store for name, store in prepared.stores.items() if only in ("", name)}
    http = HttpClient()
    try:
        if settings.redis_url is None:
            report.findings.append(Finding(Check.REDIS_NOT_NAMED, _no_server(settings)))
            report.findings += broker_state.check_broker(settings)
            report.stores = _stores(settings, wanted, {}, None, http, advance)
            return report
        with connect_briefly(settings.redis_url) as client:
            looked = _redis(client, settings, prepared.stores, only, report)
            report.stores = _stores(
                settings, wanted, looked or {}, client if looked is not None else None, http, advance
            )
    finally:
        http.close()
    return report


def _no_server(settings: Settings) -> str:
    own = f"no embedded server runs in {settings.data_dir}"
    if is_silent(settings):
        own = f"the embedded server in {settings.data_dir} does not answer"
    return f"COLETA_REDIS_URL is not set, and {own}"


def _redis(
    client: Redis, settings: Settings, stores: Mapping[str, Store], only: str, report: Report
) -> dict[str, StoreLook] | None:
    """Look at what only Redis can tell, and at the broker; None where it does not answer."""
    where = server_named(settings)
    looked: dict[str, StoreLook] | None = None
    try:
        report.findings += redis_state.check_server(client, where)
        processes = _processes(client, settings, stores)
        looked = _looks(client, settings, stores, only)
    except RedisError as error:
        report.findings.append(redis_state.unreached(error, where))
        processes = []
    report.findings += [*broker_state.check_broker(settings), *processes]
    nobodys = looked.pop(NO_STORE, None) if looked is not None else None
    if nobodys is not None and nobodys.overview.rejected:
        said = f"{counted(nobodys.overview.rejected, 'rejected event')} of no store that was known"
        advice = "`coleta rejected list --no-store` says why; resend or discard them"
        report.findings.append(Finding(Check.STORE_REJECTED, said, own_advice=advice))
    return looked


def _processes(client: Redis, settings: Settings, stores: Mapping[str, Store]) -> list[Finding]:
    try:
        traces, now = RedisProcesses(client).seen()
        swept_at = RedisMeters(client).swept_at()
    except AWAY as error:
        if not isinstance(client, ClusterClient):
            raise
        return [Finding(Check.PROCESS_UNKNOWN, scrub_text(str(error)).rstrip("."))]
    doors = any(store.ingress is not None for store in stores.values())
    sweep_ms = milliseconds(settings.sweep_seconds)
    up = up_runs(settings)
    return process_state.judge(traces, now, swept_at=swept_at, sweep_ms=sweep_ms, doors=doors, up=up)


def _looks(client: Redis, settings: Settings, stores: Mapping[str, Store], only: str) -> dict[str, StoreLook]:
    """Look at the stores that are served, those that were once, and what came for none; not at what is away."""
    fleet = wiring.fleet(settings, client)
    known = [only] if only else [*sorted(fleet.served(list(stores))), NO_STORE]
    try:
        overviews, oldest = fleet.overview(known), oldest_events(client, known)
    except AWAY:
        if not isinstance(client, ClusterClient):
            raise
        return {}
    seen = {each.backlog.store: StoreLook(each, oldest.get(each.backlog.store), bool(stores)) for each in overviews}
    return {name: look for name, look in seen.items() if name in stores or look.overview.holds_anything}


def _stores(
    settings: Settings,
    wanted: Mapping[str, Store],
    looked: Mapping[str, StoreLook],
    client: Redis | None,
    http: HttpClient,
    advance: Callable[[], None],
) -> list[StoreReport]:
    """Examine stores side by side, by name; those that were taken out have only what Redis holds of them."""
    alone = Outside(settings, http, OwnPace(), None)
    outside = alone
    if client is not None:
        outside = Outside(settings, http, RedisRateLimit(client), wiring.fleet(settings, client))

    def examined(name: str) -> StoreReport:
        seen = looked.get(name)
        try:
            report = check_store(outside if seen is not None else alone, name, wanted.get(name), seen)
        finally:
            advance()
        if client is not None and seen is None:
            report.findings.insert(0, Finding(Check.STORE_AWAY, "nothing of it can be read now", name))
        return report

    pool = ThreadPoolExecutor(_STORES_AT_ONCE)
    try:
        return list(pool.map(examined, sorted({*wanted, *looked})))
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C is not to wait for a thousand stores
