"""The metrics of a running service: two workers and two web processes, one of each killed and started again."""

import json
import time
from collections.abc import Iterator, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.redis_servers import free_port
from tests.fixtures.running_parts import NO_TLS, Part
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status
from worker.sandbox.faults import Fault

# Time enough to hit a call that hangs.
SETTINGS = {**SHORT, "CALL_TIMEOUT_SECONDS": "2", "LEASE_SECONDS": "3", "CLAIM_SECONDS": "3", "CONFIRM_BATCH": "5"}
Series = Mapping[tuple[str, frozenset[str]], float]


def _read(url: str) -> Series:
    """Return every series by its name and the values of its labels; this machine needs no token."""
    text = httpx.get(f"{url}/metrics", verify=NO_TLS, trust_env=False, timeout=10).text
    families = list(text_string_to_metric_families(text))
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def _counters(series: Series) -> Series:
    endings = ("_total", "_count", "_sum", "_bucket")
    return {key: value for key, value in series.items() if key[0].endswith(endings)}


class Metered(RunningService):
    """The service, and what its web processes tell; no counter of any of them may ever go back."""

    first: Part
    second: Part

    def start_all(self) -> None:
        """Start what a deployment has."""
        self.first = self.start_web()
        self.other_port = free_port()
        variables = {**self.variables, "COLETA_WEB_PORT": str(self.other_port)}
        self.second = self._start("web-2", ["-m", "worker.entrypoints.web"], variables)
        self.until(lambda: "web.started" in self.second.text, "the second web answers")
        self.start_beat()
        self.known: dict[tuple[str, frozenset[str]], float] = {}

    def metric(self, name: str, *labels: str) -> float:
        """Return a series' value as both web processes tell it, soon."""
        return self.both().get((f"coleta_{name}", frozenset(labels)), 0)

    def both(self) -> Series:
        """Return what one web process tells; the other one has told the same before, or less."""
        older, newer = _read(f"http://127.0.0.1:{self.other_port}"), _read(self.web)
        for told in (older, newer):
            assert told["coleta_up", frozenset()] == 1
        counters = _counters(newer)
        back = {key: (value, counters.get(key)) for key, value in self.known.items() if counters.get(key, -1) < value}
        assert back == {}, "counters went back"
        self.known = dict(counters)
        return newer

    def answers(self) -> bool:
        """Whether the first web process answers."""
        try:
            return httpx.get(f"{self.web}/healthz", verify=NO_TLS, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def shows(self, value: float, name: str, *labels: str) -> None:
        """Wait until a series has this value."""
        what = f"coleta_{name} {labels} is {value}"
        self.until(lambda: self.metric(name, *labels) == value, what)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metered]:
    """Everything but workers."""
    with running(Metered(tmp_path_factory.mktemp("metered"), ("acme", "brava"), SETTINGS, doors=True)) as service:
        service.start_all()
        yield service


def _the_figures_are_right_over_processes_that_die(service: Metered) -> None:
    """Orders, confirmations, calls and doors are counted once each, whoever did it and whoever died since."""
    workers = [service.start_worker("worker-1"), service.start_worker("worker-2")]
    sold = service.sold("acme", 12)
    service.invoice(sold)
    service.requested_once(sold)

    service.shows(12, "orders", "acme", "requested")
    service.shows(12, "orders_entered_total", "acme", "requested")
    service.shows(12, "invoice_to_accepted_seconds_count")
    service.shows(12, "confirmation_batch_orders_sum")
    confirmed = sum(service.sandbox.report(account("acme")).calls["confirm"].values())
    service.shows(confirmed, "skyhub_calls_total", "acme", "confirm", "2xx")
    events = service.metric("events_total", "acme", "recorded")
    assert events >= 12
    assert service.metric("recording_batch_events_sum") == events

    # What dies in the middle of a confirmation is taken over from; the figures go on where they were.
    lost = service.sold("brava", 3)
    service.sandbox.fault(Fault(call="confirm", account=account("brava"), when="after", hang_seconds=60.0))
    service.invoice(lost)
    service.until(lambda: service.faults() == 0, "a confirmation hangs")
    for part in (*workers, service.first):
        part.kill()
    service.revive()
    service.until(service.answers, "web is back")
    service.requested_once(lost)
    service.shows(3, "orders", "brava", "requested")
    service.shows(12, "orders", "acme", "requested")
    service.shows(1, "lease_takeovers_total", "pickups")
    assert service.metric("confirmation_batch_orders_sum") == 15


def _what_happens_outside_of_a_save_is_counted(service: Metered) -> None:
    """Doors by web, by the workers and by a command, drains by the workers, and a sweep's end."""
    event = {"event": "OrderCanceled", "store": "acme", "occurred_at": "2026-11-20T12:00:00Z", "order_id": "BWW-7"}
    for message in (event, {"store": "nobody"}):
        service.app.send_task("coleta.order_invoiced", args=[message], queue="inbox")
    (service.folder / "events.ndjson").write_text(f"{json.dumps(event)}\nno event\n")
    assert service.coleta("send", "events.ndjson").returncode == 1
    headers = {"Authorization": f"Bearer {service.token()}"}
    for number, token in enumerate((headers, headers, {})):
        posted = {"order_id": f"BWW-{number}", "occurred_at": "2026-11-20T12:00:00Z"}
        url = f"{service.web}/v1/acme/order-canceled"
        httpx.post(url, json=posted, headers=token, verify=NO_TLS, trust_env=False)
    service.shows(2, "door_events_total", "acme", "native", "accepted")
    service.shows(1, "door_events_total", "acme", "native", "refused")
    service.shows(1, "door_events_total", "acme", "celery", "accepted")
    service.shows(1, "door_events_total", "_", "celery", "rejected")
    service.shows(1, "door_events_total", "acme", "send", "accepted")
    service.shows(1, "door_events_total", "_", "send", "rejected")
    before = service.metric("drains_total", "sweep", "done")
    service.until(lambda: service.metric("drains_total", "sweep", "done") > before, "sweeps are counted")
    assert service.metric("drain_seconds_total", "sweep") > 0
    assert service.metric("drains_total", "pickups", "done") > 0
    assert service.metric("last_sweep_age_seconds") < 60


def _throttling_a_refusal_and_a_pause_are_told(service: Metered) -> None:
    """See a 429 under its status and by itself, and a store that SkyHub refuses paused by the service."""
    before = service.metric("skyhub_throttled_total", "brava")
    service.sandbox.fault(Fault(call="collectables", account=account("brava"), status=429))
    sold = service.sold("brava")
    service.invoice(sold)
    service.requested_once(sold)
    service.shows(before + 1, "skyhub_throttled_total", "brava")

    service.sandbox.fault(Fault(call="collectables", account=account("brava"), status=401, times=None))
    more = service.sold("brava")
    service.invoice(more)
    service.shows(1, "store_paused", "brava", "service")
    service.sandbox.clear_faults()
    service.await_status(more, Status.REQUESTED)
    service.shows(0, "store_paused", "brava", "service")


def _a_process_that_is_stopped_writes_down_what_it_counted(service: Metered) -> None:
    """At once, not with the next turn of its thread."""
    before = service.metric("door_events_total", "acme", "native", "refused")
    httpx.post(f"http://127.0.0.1:{service.other_port}/v1/acme/order-canceled", verify=NO_TLS, trust_env=False)
    began = time.monotonic()
    assert service.second.stop() == 0
    assert time.monotonic() - began < 5
    key = ("coleta_door_events_total", frozenset(("acme", "native", "refused")))
    service.until(lambda: _read(service.web).get(key, 0) == before + 1, "the last count is there")


def test_the_metrics_of_a_running_service(service: Metered) -> None:
    """One story, whose figures add up: what each part shows stands beside it."""
    _the_figures_are_right_over_processes_that_die(service)
    _what_happens_outside_of_a_save_is_counted(service)
    _throttling_a_refusal_and_a_pause_are_told(service)
    _a_process_that_is_stopped_writes_down_what_it_counted(service)
