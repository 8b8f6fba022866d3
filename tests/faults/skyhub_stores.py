"""A store with a wrong key among many others, and lists that lag as long as they are allowed to."""

import time
from statistics import median

from tests.faults.outcome import Broken, Row, Run, judged
from tests.faults.skyhub_shown import met_while_requesting
from tests.fixtures.deployment import MANAGER_KEY, SHORT, account, api_key
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Status
from worker.ports import Pause
from worker.sandbox.faults import Fault

PART = "SkyHub's faults"
_ORDERS = 25
_MOST_SECONDS = 300.0
# By how much more the others may take beside a store with a wrong key; chance alone makes a factor of two.
_MOST_RATIO = 4.0
_LAG_SECONDS = 30.0
_LEFT_TO_DEFAULTS = ("SETTLING_SECONDS", "CALL_TIMEOUT_SECONDS", "LEASE_SECONDS", "CLAIM_SECONDS")

Wave = dict[str, list[Sale]]


def wrong_key(run: Run) -> list[Row]:
    """Let SkyHub refuse one store's key: it pauses, burns no attempt, and the others are as quick as before."""
    stores = [f"s{number}" for number in range(5 if run.short else 20)]
    bad, others = stores[0], stores[1:]
    # Twenty stores' worth of hints each half a second would be most of the work.
    with running(RunningService(run.folder, stores, {**SHORT, "SWEEP_SECONDS": "2"})) as service:
        service.start_worker()
        service.start_beat()
        warm, _ = _wave(service, stores, stores)  # connections, and the first reconcile
        first, before = _wave(service, stores, stores)
        service.sandbox.register_account(account(bad), "another-key", MANAGER_KEY)
        second, beside = _wave(service, stores, others)
        service.until(lambda: _pause(service, bad).active, "the store is paused", _MOST_SECONDS)
        reason = _pause(service, bad).reason
        orders = [order for sale in second[bad] if (order := service.order(sale)) is not None]
        attempts = [order.attempts for order in orders]
        requesting = sum(map(met_while_requesting, orders))
        refused = service.sandbox.report().calls["collectables"].get("401", 0)
        service.sandbox.register_account(account(bad), api_key(bad), MANAGER_KEY)
        since = time.monotonic()
        service.await_status(second[bad], Status.REQUESTED, _MOST_SECONDS)
        recovery = time.monotonic() - since
        sold = [sale for wave in (warm, first, second) for each in wave.values() for sale in each]
        broken = judged(service.sandbox.report(), sold)
    ratio = beside / before
    wrong = any(attempts) or len(attempts) != _ORDERS or "401" not in reason or ratio > _MOST_RATIO
    return [
        Row(
            part=PART,
            failure=f"one store of {len(stores)} has a wrong key",
            how="its key is changed at SkyHub, then every store has orders to request; later it is put right",
            orders=len(sold),
            landed=refused,
            requesting=requesting,
            broken=broken + Broken(lost=1) if wrong else broken,
            recovery=recovery,
            note=f"it is paused ({reason}), its orders have {sum(attempts)} attempts; the other stores took"
            f" {ratio:.1f} times as long (median) as just before, when every key was right",
        )
    ]


def _wave(service: RunningService, stores: list[str], timed: list[str]) -> tuple[Wave, float]:
    """Hand new orders of every store in; return them, and the median of the seconds that the timed stores took."""
    wave = {store: service.sold(store, _ORDERS) for store in stores}
    service.invoice([sale for each in wave.values() for sale in each])
    begun, took = time.monotonic(), dict[str, float]()

    def look() -> bool:
        for store in timed:
            if store not in took and service.statuses(wave[store]) == {Status.REQUESTED}:
                took[store] = time.monotonic() - begun
        return len(took) == len(timed)

    service.until(look, "the stores' orders are requested", _MOST_SECONDS)
    return wave, median(took.values())


def _pause(service: RunningService, store: str) -> Pause:
    return service.service.fleet.overview([store])[0].backlog.pause


def long_lag(run: Run) -> list[Row]:
    """Let the lists show a request half a minute late, with the settings of production for all that this is about."""
    settings = SHORT if run.short else {name: value for name, value in SHORT.items() if name not in _LEFT_TO_DEFAULTS}
    lag = 0.8 if run.short else _LAG_SECONDS
    plans: dict[str, Fault | None] = {
        "heard": None,
        "reset": Fault(call="confirm", account=account("reset"), when="after", reset=True),
        "failed": Fault(call="confirm", account=account("failed"), when="after", status=504),
        "refused": Fault(call="confirm", account=account("refused"), when="after", status=422, body="{}"),
        "half": Fault(call="confirm", account=account("half"), takes=2, reset=True),
    }
    with running(RunningService(run.folder, list(plans), settings)) as service:
        service.sandbox.settings(lists_lag_seconds=lag)
        for fault in filter(None, plans.values()):
            service.sandbox.fault(fault)
        service.start_worker()
        service.start_beat()
        wave = {store: service.sold(store, 3) for store in plans}
        sold = [sale for each in wave.values() for sale in each]
        service.invoice(sold)
        service.until(lambda: service.faults() == 0, "every answer was lost", _MOST_SECONDS)
        since = time.monotonic()
        for each in wave.values():
            service.await_status(each, Status.REQUESTED, _MOST_SECONDS)
        recovery = time.monotonic() - since
        landed = sum(service.sandbox.struck().values())
        orders = [order for sale in sold if (order := service.order(sale)) is not None]
        broken = judged(service.sandbox.report(), sold)
    return [
        Row(
            part=PART,
            failure=f"lists that lag by {lag:g} s",
            how="a confirmation takes effect, or half of it, and its answer is lost or a failure; the lists go on"
            " showing the old state",
            orders=len(sold),
            landed=landed,
            requesting=sum(met_while_requesting(order) for order in orders),
            broken=broken,
            recovery=recovery,
            note="with the default settling delay and leases" if not run.short else "",
        )
    ]
