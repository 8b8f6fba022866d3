"""One order's way in the log, in spans and in reports of errors, with a real web and a real worker."""

import json
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.fixtures import clumsy, customer_data
from tests.fixtures.collector import Collector, ToldSpan, collecting
from tests.fixtures.deployment import SHORT
from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.telemetry import Log

# No sweep: what moves, moves by the hints that carry a trace.
_SETTINGS = {**SHORT, "SWEEP_SECONDS": "600", "NOT_YET_SECONDS": "60", "NOT_YET_MAX_SECONDS": "60"}
_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_CALLER = "00f067aa0ba902b7"
_TOKEN_IN_QUERY = "a-token-that-opens-nothing"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Give what Sentry and OpenTelemetry send to."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[RunningService]:
    """Give a service that reports; its store `clumsy` breaks a task, an order of its hook a door."""
    service = RunningService(tmp_path_factory.mktemp("observed"), ("acme", "clumsy"), _SETTINGS, doors=True)
    with running(service):
        service.variables |= {
            "COLETA_SENTRY_DSN": collector.dsn,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        web = service._start("web", ["-m", "tests.fixtures.clumsy", "web"], service.variables)
        service.until(lambda: "web.started" in web.text, "web answers")
        command = ["-m", "tests.fixtures.clumsy", "celery", "-A", "worker", "worker"]
        worker = service._start("worker", command, service.variables)
        service.until(lambda: " ready." in worker.text, "the worker takes messages")
        service.until(lambda: service.told("store.reconciled", store="acme"), "its first sweep is over")
        yield service
        assert [word for word in _never(service) if any(word.encode() in body for body in collector.bodies)] == []


def _never(service: RunningService) -> list[str]:
    """Return what no report may hold."""
    return [*service.secrets.values(), *customer_data.WORDS, clumsy.PASSWORD, clumsy.WORDS, _TOKEN_IN_QUERY]


def _post(service: RunningService, path: str, body: object, store: str = "acme") -> httpx.Response:
    headers = {"Authorization": f"Bearer {service.token(store)}", "traceparent": f"00-{_TRACE}-{_CALLER}-01"}
    return httpx.post(f"{service.web}{path}", json=body, headers=headers, timeout=10, trust_env=False, verify=NO_TLS)


@pytest.fixture(scope="module")
def sale(observed: RunningService) -> Sale:
    """Give an order whose last invoice came by a door, in a caller's trace, and that was requested."""
    (sale,) = sold = observed.sold("acme")
    observed.sandbox.complete([sale.code])
    body = [{**event, **customer_data.FIELDS, "invoice": event["invoice"]} for event in sale.events]
    assert _post(observed, "/v1/acme/order-invoiced", body).status_code == 202
    observed.requested_once(sold)
    observed.until(lambda: observed.told(Log.PICKUPS_CONFIRMED), "the confirmation is logged")
    return sale


def _story(service: RunningService, *arguments: str) -> "subprocess.CompletedProcess[str]":
    log = service.folder / "all.log"
    log.write_text("".join(f"{part.name}-1  | {line}\n" for part in service.parts for line in part.text.splitlines()))
    return service.coleta("order", "acme", *arguments, "--logs", str(log), COLETA_REDIS_URL="")


def test_the_log_tells_one_order_from_the_door_to_the_confirmation(observed: RunningService, sale: Sale) -> None:
    """In the order of time, by any form of its code, without Redis; every line in the caller's trace."""
    told = json.loads(_story(observed, sale.code, "--json").stdout)

    assert [line["event"] for line in told if line["event"] != Log.ROUND_FINISHED] == [
        Log.EVENTS_TAKEN,
        Log.INBOX_DRAINED,
        Log.PICKUPS_CLAIMED,
        Log.PICKUPS_CONFIRMED,
    ]
    assert {line["trace_id"] for line in told} == {_TRACE}
    assert told[1]["due_ids"] == [sale.order_id]


def test_a_person_reads_the_story_as_a_table(observed: RunningService, sale: Sale) -> None:
    """A line an event: when, what, and what it said."""
    done = _story(observed, sale.remote_code)

    assert (done.returncode, done.stderr) == (0, "")
    heading, *rows = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert heading == ["at", "event", "detail"]
    assert [row[1:] for row in rows[:2]] == [
        ["events.taken", "events=2"],
        ["inbox.drained", "due events=2 due=1 more=false task=coleta.drain_inbox"],
    ]


def test_one_orders_way_is_one_trace(observed: RunningService, collector: Collector, sale: Sale) -> None:
    """The caller's: door, recording, requesting, and each call to SkyHub, one under the other."""

    def ours(name: str) -> list[ToldSpan]:
        return [span for span in collector.called(name) if span.trace_id == _TRACE]

    names = ("POST /v1/{store}/order-invoiced", "coleta.drain_inbox", "coleta.request_pickups", "POST 127.0.0.1")
    observed.until(lambda: all(map(ours, names)), "the spans came")
    (door,), (recorded,), (requested,), (confirmed,) = map(ours, names)

    assert [door.parent_id, recorded.parent_id, requested.parent_id, confirmed.parent_id] == [
        _CALLER,
        door.span_id,
        recorded.span_id,
        requested.span_id,
    ]
    assert [door.process, recorded.process, requested.process, confirmed.process] == ["web", *["worker"] * 3]
    assert door.attributes["http.response.status_code"] == 202
    assert confirmed.attributes["http.response.status_code"] == 201
    assert (Log.PICKUPS_CONFIRMED, {"order_ids": [sale.order_id]}) in requested.events


def test_a_task_that_fails_is_reported_once(observed: RunningService, collector: Collector) -> None:
    """Where it happened and in which task and trace; not what stood there, nor the error's text."""
    observed.until(lambda: collector.errors, "a report came")

    (report,) = (each for each in collector.errors if each["tags"]["process"] == "worker")
    assert report["tags"]["store"] == "clumsy"
    assert report["tags"]["task"] in ("coleta.reconcile", "coleta.request_pickups")
    assert len(report["tags"]["trace_id"]) == 32
    errors = report["exception"]["values"]
    assert [error["type"] for error in errors] == ["ConnectionError", "RuntimeError"]
    frames = errors[-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "_break"
    assert not any("vars" in frame for frame in frames)
    assert not report.keys() & {"request", "user", "extra", "breadcrumbs", "modules", "contexts"}


def test_a_door_that_breaks_is_reported(observed: RunningService, collector: Collector) -> None:
    """Without the body, the headers and the query of the request that it stumbled over."""
    body = {"OrderId": clumsy.ORDER, "State": "invoiced", **customer_data.FIELDS}
    answer = _post(observed, f"/vtex/acme/hook?token={_TOKEN_IN_QUERY}", body)

    assert answer.status_code == 500

    def reports() -> list[str]:
        return [each["tags"]["trace_id"] for each in collector.errors if each["tags"].get("event") == Log.DOOR_BROKE]

    observed.until(reports, "the report came")
    assert reports() == [_TRACE]
    observed.until(lambda: any(span.failed for span in collector.called("POST /vtex/{store}/hook")), "its span")
