"""What Redis holds, as Prometheus reads it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from worker.domain.order import Status
from worker.entrypoints.web.exposition import Limits, exposition
from worker.metrics import BUCKETS, CATALOGUE, RUNS, Ended, Kind
from worker.ports import AUTOMATIC, OPERATOR, STORES_FILE, Figures, Pause, Reading

LIMIT = Limits(inbox=1_000_000, sweep_age_ms=120_000)


def _figures(store: str = "acme", **given: Any) -> Figures:  # noqa: ANN401 - the figures' fields
    return Figures(**{"store": store, "orders": dict.fromkeys(Status, 0), **given})


def _reading(*stores: Figures, shared: Mapping[str, int] | None = None, swept_at: int | None = 90_000) -> Reading:
    return Reading(now=100_000, swept_at=swept_at, stores=stores, shared=_figures("_", counters=shared or {}))


def _samples(reading: Reading | None) -> dict[str, dict[tuple[str, ...], float]]:
    """Return each series' values by the values of its labels, in the order of the catalogue."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(exposition(reading, LIMIT).decode()):
        for sample in family.samples:
            (metric,) = (each for each in CATALOGUE if each.name in (family.name, f"{family.name}_total"))
            labels = [label for label in (*metric.labels, "le") if label in sample.labels]
            found.setdefault(sample.name, {})[tuple(sample.labels[label] for label in labels)] = sample.value
    return found


def test_every_metric_is_exposed_with_its_type_and_help() -> None:
    """Also before anything has happened: a dashboard finds all of them."""
    text = exposition(_reading(_figures()), LIMIT).decode()
    told = {family.name: family for family in text_string_to_metric_families(text)}
    for metric in CATALOGUE:
        family = told.pop(metric.name.removesuffix("_total") if metric.kind is Kind.COUNTER else metric.name)
        assert (family.type, family.documentation) == (metric.kind, metric.help)
        for sample in family.samples:
            assert set(sample.labels) in ({*metric.labels}, {"le"})
    assert told == {}


def test_without_redis_only_that_is_told() -> None:
    """And by whom."""
    found = _samples(None)
    assert set(found) == {"coleta_up", "coleta_info"}
    assert found["coleta_up"] == {(): 0}
    assert _samples(_reading())["coleta_up"] == {(): 1}


def test_what_a_store_holds_is_told() -> None:
    """Each status of it, and what waits."""
    orders = {**dict.fromkeys(Status, 0), Status.DUE: 3}
    found = _samples(_reading(_figures(orders=orders, inbox=7, rejected=2, oldest_due=40_000), _figures("brava")))
    assert found["coleta_orders"]["acme", "due"] == 3
    assert {labels for labels in found["coleta_orders"] if labels[0] == "brava"} == {("brava", each) for each in Status}
    assert found["coleta_inbox_events"] == {("acme",): 7, ("brava",): 0}
    assert found["coleta_rejected_events"] == {("acme",): 2, ("brava",): 0, ("_",): 0}
    assert found["coleta_oldest_due_seconds"] == {("acme",): 60, ("brava",): 0}
    assert found["coleta_inbox_limit_events"] == {(): LIMIT.inbox}


def test_an_order_that_is_not_due_yet_is_not_late() -> None:
    """Its time lies ahead."""
    assert _samples(_reading(_figures(oldest_due=200_000)))["coleta_oldest_due_seconds"] == {("acme",): 0}


@pytest.mark.parametrize(
    ("by", "told"), [(AUTOMATIC, "service"), (OPERATOR, "operator"), (STORES_FILE, "stores_file"), ("Ann", "Ann")]
)
def test_a_pause_is_told_with_who_made_it(by: str, told: str) -> None:
    """While it lasts."""
    paused, resumed = _figures(pause=Pause(active=True, by=by)), _figures("brava", pause=Pause(by=by))
    assert _samples(_reading(paused, resumed))["coleta_store_paused"] == {("acme", told): 1}


def test_the_age_of_the_last_sweep_is_told() -> None:
    """Without one it is older than any limit."""
    assert _samples(_reading())["coleta_last_sweep_age_seconds"] == {(): 10}
    assert _samples(_reading())["coleta_last_sweep_age_limit_seconds"] == {(): 120}
    assert _samples(_reading(swept_at=None))["coleta_last_sweep_age_seconds"] == {(): float("inf")}


def test_counters_are_told_by_store_and_label() -> None:
    """Those of no known store under _."""
    counters = {
        "entered:due": 4,
        "attention:unknown_sku": 2,
        "door:hook:accepted": 5,
        "call:confirm:429": 2,
        "call:order:429": 1,
        "call:order:2xx": 9,
        "events": 8,
        "foreign": 1,
        "rejected_bytes": 77,
        "paced": 2,
        "paced_ms": 1_500,
    }
    found = _samples(_reading(_figures(counters=counters), shared={"rejected": 6, "door:native:refused": 3}))
    assert found["coleta_orders_entered_total"] == {("acme", "due"): 4}
    assert found["coleta_attention_orders"] == {("acme", "unknown_sku"): 2}
    assert found["coleta_door_events_total"] == {("acme", "hook", "accepted"): 5, ("_", "native", "refused"): 3}
    assert found["coleta_skyhub_calls_total"]["acme", "order", "2xx"] == 9
    assert found["coleta_skyhub_throttled_total"] == {("acme",): 3}
    assert found["coleta_events_total"]["acme", "recorded"] == 8
    assert found["coleta_events_total"]["acme", "foreign"] == 1
    assert found["coleta_events_total"]["_", "rejected"] == 6
    assert found["coleta_events_total"]["acme", "unheard"] == 0
    assert found["coleta_skyhub_pace_wait_seconds_count"] == {("acme",): 2}
    assert found["coleta_skyhub_pace_wait_seconds_sum"] == {("acme",): 1.5}


def test_what_has_no_store_is_summed_over_all() -> None:
    """Wherever it was counted."""
    one = _figures(
        counters={"takeover:pickups": 1, "recordings": 2, "events": 10, "claims": 1, "entered:requesting": 3}
    )
    two = _figures("brava", counters={"takeover:pickups": 2, "recordings": 1, "events": 2, "drain_ms:inbox": 1_500})
    found = _samples(_reading(one, two, shared={"takeover:inbox": 1, "drain:inbox:done": 4}))
    assert found["coleta_lease_takeovers_total"]["pickups",] == 3
    assert found["coleta_lease_takeovers_total"]["inbox",] == 1
    assert found["coleta_recording_batch_events_count"] == {(): 3}
    assert found["coleta_recording_batch_events_sum"] == {(): 12}
    assert found["coleta_confirmation_batch_orders_sum"] == {(): 3}
    assert found["coleta_drain_seconds_total"]["inbox",] == 1.5
    assert found["coleta_drains_total"] == {
        (run, end): 4 if (run, end) == ("inbox", "done") else 0 for run in RUNS for end in Ended
    }


def test_a_sum_does_not_go_back_when_a_store_holds_nothing_any_more() -> None:
    """Prometheus would take that for a start from zero, and all of it for new; nothing else is told of the store."""
    gone = _figures("gone", counters={"accepted:1.0": 2, "accepted_ms": 700, "entered:due": 2})
    found = _samples(replace(_reading(_figures(counters={"accepted:1.0": 5})), past=[gone]))
    assert found["coleta_invoice_to_accepted_seconds_count"] == {(): 7}
    assert not [labels for told in found.values() for labels in told if "gone" in labels]


def test_the_buckets_are_cumulative() -> None:
    """As a histogram's must be: each holds what the smaller ones hold."""
    one = _figures(counters={"accepted:1.0": 2, "accepted:60.0": 1, "accepted_ms": 31_000})
    two = _figures("brava", counters={"accepted:1.0": 1, "accepted:+Inf": 1, "accepted_ms": 1_000})
    found = _samples(_reading(one, two))
    buckets = {float(bound): times for (bound,), times in found["coleta_invoice_to_accepted_seconds_bucket"].items()}
    assert buckets == {bound: 3 if bound < 60 else 4 for bound in BUCKETS} | {float("inf"): 5}
    assert found["coleta_invoice_to_accepted_seconds_sum"] == {(): 32}
    assert found["coleta_invoice_to_accepted_seconds_count"] == {(): 5}


def test_what_is_away_is_named_and_no_sum_is_told_without_it() -> None:
    """A sum over fewer stores would be a counter that fell, and its return an increase that never was."""
    reading = _reading(_figures(counters={"recordings": 2, "events": 8}), shared={"drain:inbox:failed": 90})
    whole = _samples(reading)
    crippled = _samples(replace(reading, away=["brava"]))
    assert whole["coleta_store_away"] == {("acme",): 0, ("_",): 0}
    assert crippled["coleta_store_away"] == {("acme",): 0, ("_",): 0, ("brava",): 1}
    sums = {"coleta_drains_total", "coleta_drain_seconds_total", "coleta_lease_takeovers_total"}
    assert sums <= whole.keys() - crippled.keys()
    assert {name for name in crippled if "batch" in name or "accepted" in name} == set()
    assert crippled["coleta_events_total"]["acme", "recorded"] == 8
    assert crippled["coleta_last_sweep_age_seconds"] == {(): 10}


def test_while_the_node_of_no_store_is_away_nobody_knows_of_sweeps() -> None:
    """That is no sweep that failed."""
    found = _samples(replace(_reading(_figures(inbox=3), swept_at=None), shared=None))
    assert "coleta_last_sweep_age_seconds" not in found
    assert "coleta_drains_total" not in found
    assert found["coleta_store_away"] == {("acme",): 0, ("_",): 1}
    assert found["coleta_inbox_events"] == {("acme",): 3}
