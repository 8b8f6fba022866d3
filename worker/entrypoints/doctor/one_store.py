"""One store: how it stands in Redis, and whether its counterparties accept its accounts."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from redis.exceptions import RedisError

from config.settings import Settings
from config.stores import Store
from worker import wiring
from worker.adapters.http import HttpClient
from worker.adapters.limits import RateLimit
from worker.domain.order import Status
from worker.entrypoints.doctor import store_state
from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.doctor.skyhub_answers import Answer, Throttled
from worker.entrypoints.doctor.skyhub_reads import SkyHubFound, check_skyhub
from worker.entrypoints.doctor.store_state import StoreLook
from worker.entrypoints.doctor.vtex_reads import check_feed, check_oms, check_pick_and_pack
from worker.entrypoints.views import iso
from worker.entrypoints.words import of_store
from worker.ports import Fleet, Overview

_KNOWN = (Status.REQUESTED, Status.DUE, Status.WAITING, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Outside:
    """What is needed to ask a store's counterparties; without a `fleet` Redis does not answer."""

    settings: Settings
    http: HttpClient
    limit: RateLimit
    fleet: Fleet | None


@dataclass(slots=True)
class StoreReport:
    """What was found of a store."""

    store: str
    findings: list[Finding]
    answers: list[Answer] = field(default_factory=list)


def check_store(outside: Outside, name: str, store: Store | None, seen: StoreLook | None) -> StoreReport:
    """Examine a store; `store` is None if it was taken out of the file, `seen` if Redis does not answer."""
    findings = store_state.judge(seen, store, outside.settings) if seen is not None else []
    if store is None:
        return StoreReport(name, findings)
    at_skyhub = _skyhub(outside, store, seen.overview if seen is not None else None)
    findings += [*at_skyhub.findings, *_elsewhere(outside, store, seen)]
    named = [replace(finding, found=of_store(name, finding.found)) for finding in findings]
    return StoreReport(name, named, at_skyhub.answers)


def _skyhub(outside: Outside, store: Store, overview: Overview | None) -> SkyHubFound:
    if overview is not None and overview.backlog.pause.by_person:
        by = overview.backlog.pause.by
        return SkyHubFound([Finding(Check.SKYHUB_NOT_ASKED, f"its SkyHub calls are paused by {by}", store.name)])
    skyhub = wiring.skyhub_api(outside.settings, store, outside.http, outside.limit)
    return check_skyhub(store.name, skyhub, list(_met(overview)))


def _met(overview: Overview | None) -> Iterator[Throttled]:
    """Return what the service's own drains were told by a 429, as far as they remember."""
    for drain, rest in (overview.backlog.backoffs if overview is not None else {}).items():
        if " 429" in rest.reason and rest.reason.startswith("SkyHub"):
            yield Throttled(f"{rest.reason} (met by {drain}, asked again at {iso(rest.until)})")


def _elsewhere(outside: Outside, store: Store, seen: StoreLook | None) -> Iterator[Finding]:
    vtex = wiring.omses(outside.settings, outside.http)(store)
    packing = wiring.packings(outside.settings, outside.http)(store)
    known = _known_order(outside.fleet, store) if vtex is not None or packing is not None else None
    if vtex is not None:
        oms = check_oms(store.name, vtex, known)
        yield oms
        if store.vtex is not None and store.vtex.feed and oms.check in (Check.VTEX_OK, Check.VTEX_UNKNOWN_ORDER):
            yield from check_feed(store.name, vtex, seen.overview.reconciled if seen is not None else None)
    if packing is not None:
        yield check_pick_and_pack(store.name, packing, known)


def _known_order(fleet: Fleet | None, store: Store) -> str | None:
    """Return an order that the ledger holds, by its VTEX id; None where there is none, or it cannot be told."""
    if fleet is None or store.vtex is None or store.vtex.affiliate_id is None:
        return None
    ledger = fleet.ledger(store.name)
    try:
        return next((found[0] for status in _KNOWN if (found := ledger.order_ids(status, 0, 1))), None)
    except RedisError:
        return None
