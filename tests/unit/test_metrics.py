"""The catalogue of metrics: it keeps Prometheus's customs, and docs/metrics.md says what it says."""

import re
from pathlib import Path

import pytest

from worker.metrics import BUCKETS, CATALOGUE, RUNS, Door, Ended, Endpoint, Kind, Metric, bucket_of, field_of, from_zero
from worker.ports import Drain

DOC = Path(__file__).parents[2] / "docs" / "metrics.md"
_CELL = re.compile(r"^\| `(coleta_\w+)` \|.*$", re.MULTILINE)


def row(metric: Metric) -> str:
    """Return a metric's row of the table in the docs."""
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} |"


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_a_metric_is_named_as_prometheus_wants_it(metric: Metric) -> None:
    """Its unit at the end, and `_total` for what only grows; it says what it is, and where it is counted."""
    assert re.fullmatch(r"coleta(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.help
    assert not metric.help.endswith(".")
    assert bool(metric.sum_field) == (metric.kind in (Kind.SUMMARY, Kind.HISTOGRAM))


def test_the_docs_list_every_metric() -> None:
    """In the catalogue's order, each with its type, labels and help."""
    assert [found[0] for found in _CELL.finditer(DOC.read_text())] == [row(metric) for metric in CATALOGUE]


def test_the_docs_list_what_labels_may_say() -> None:
    """Doors, endpoints, drains, and how runs end."""
    text = DOC.read_text()
    values = {*Door, *Endpoint, *Ended, *RUNS}
    assert [value for value in values if f"`{value}`" not in text] == []


def test_every_drain_is_known_before_it_has_run() -> None:
    """From its first run on an increase can be seen."""
    assert set(Drain) | {"sweep"} == set(RUNS)
    for metric in CATALOGUE:
        over_stores = metric.kind is Kind.COUNTER and "store" not in metric.labels
        assert bool(list(from_zero(metric))) == over_stores, metric.name


def test_no_two_metrics_are_counted_in_one_field() -> None:
    """Else one would show what the other one counts."""
    fields = [field_of(metric) for metric in CATALOGUE if metric.field]
    assert len(fields) == len(set(fields))


@pytest.mark.parametrize("seconds", [*BUCKETS, 0.0, 0.5])
def test_a_bucket_holds_what_is_not_longer_than_its_bound(seconds: float) -> None:
    """As Prometheus counts: less or equal."""
    assert bucket_of(seconds) == str(min(bound for bound in BUCKETS if seconds <= bound))
    assert bucket_of(BUCKETS[-1] + 1) == "+Inf"
