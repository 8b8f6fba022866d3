"""The metrics of the catalogue as Prometheus reads them, made of what Redis holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import accumulate
from typing import assert_never

from prometheus_client import generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)

from worker import metrics
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.events import Dropped
from worker.metrics import Kind, Metric
from worker.ports import AUTOMATIC, OPERATOR, STORES_FILE, Figures, Reading

_Sample = tuple[tuple[str, ...], float]
# What `counters` calls the events that changed an order, and those that changed none.
_EVENTS: Mapping[str, str] = {"events": "recorded", **{str(why): str(why) for why in Dropped}}
_BY = {AUTOMATIC: "service", OPERATOR: "operator", STORES_FILE: "stores_file"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What figures are compared with: events an inbox holds, and how old the last sweep may become."""

    inbox: int
    sweep_age_ms: int


def exposition(reading: Reading | None, limits: Limits) -> bytes:
    """Return the text of `/metrics`; without a reading, what is known while Redis does not answer."""
    return generate_latest(_Page(reading, limits))


class _Page:
    """A collector, as prometheus-client asks for one."""

    def __init__(self, reading: Reading | None, limits: Limits) -> None:
        self._reading = reading
        self._limits = limits

    def collect(self) -> Iterator[Family]:
        """Yield every metric."""
        yield _gauge(metrics.UP, [((), 1 if self._reading is not None else 0)])
        yield _gauge(metrics.INFO, [((version("coleta"),), 1)])
        if self._reading is not None:
            yield from _families(self._reading, self._limits)


def _families(reading: Reading, limits: Limits) -> Iterator[Family]:
    everywhere: Counter[str] = Counter()
    for figures in (*(each for _, each in _named(reading)), *reading.past):
        everywhere.update(figures.counters)
    gauges = _gauges(reading, limits)
    for metric in metrics.CATALOGUE:
        if metric in (metrics.UP, metrics.INFO) or (_is_of_all(metric) and not _is_whole(reading)):
            continue
        if metric in gauges:
            yield _gauge(metric, gauges[metric])
        elif metric.kind is Kind.GAUGE:
            yield _gauge(metric, _of_stores(metric, reading))
        else:
            yield _counted(metric, reading, everywhere)


def _is_of_all(metric: Metric) -> bool:
    """Whether it sums what all stores and no store have counted."""
    return metric.kind is not Kind.GAUGE and "store" not in metric.labels


def _is_whole(reading: Reading) -> bool:
    """Whether nothing is away: a sum without it would be smaller, and count as increase when it is back."""
    return reading.shared is not None and not reading.away


def _gauges(reading: Reading, limits: Limits) -> Mapping[Metric, Iterable[_Sample]]:
    age = float("inf") if reading.swept_at is None else max(0, reading.now - reading.swept_at) / 1000
    stores, all_stores = reading.stores, _named(reading)
    away = [*reading.away, *([NO_STORE] if reading.shared is None else ())]
    return {
        metrics.SWEEP_AGE: [((), age)] if reading.shared is not None else [],
        metrics.AWAY: [*(((store,), 0) for store, _ in all_stores), *(((store,), 1) for store in away)],
        metrics.SWEEP_AGE_LIMIT: [((), limits.sweep_age_ms / 1000)],
        metrics.INBOX_LIMIT: [((), limits.inbox)],
        metrics.ORDERS: [((each.store, status), held) for each in stores for status, held in each.orders.items()],
        metrics.OLDEST_DUE: [((each.store,), _waiting(each, reading.now)) for each in stores],
        metrics.PAUSED: [
            ((each.store, _BY.get(each.pause.by, each.pause.by)), 1) for each in stores if each.pause.active
        ],
        metrics.INBOX: [((each.store,), each.inbox) for each in stores],
        metrics.REJECTED: [((store,), each.rejected) for store, each in all_stores],
    }


def _waiting(figures: Figures, now: int) -> float:
    return 0 if figures.oldest_due is None else max(0, now - figures.oldest_due) / 1000


def _counted(metric: Metric, reading: Reading, everywhere: Mapping[str, int]) -> Family:
    match metric.kind:
        case Kind.COUNTER:
            return _counter(metric, _counts(metric, reading, everywhere))
        case Kind.SUMMARY:
            family = SummaryMetricFamily(metric.name, metric.help, labels=metric.labels)
            for labels, counters in _holders(metric, reading, everywhere):
                total = counters.get(metric.sum_field, 0) / metric.divisor
                family.add_metric(labels, counters.get(metric.field, 0), total)
            return family
        case Kind.HISTOGRAM:
            filled = [everywhere.get(metrics.field_of(metric, bound), 0) for bound in metrics.bounds()]
            buckets = list(zip(metrics.bounds(), accumulate(filled), strict=True))
            total = everywhere.get(metric.sum_field, 0) / metric.divisor
            return HistogramMetricFamily(metric.name, metric.help, buckets=buckets, sum_value=total)
        case Kind.GAUGE:
            raise AssertionError(metric)
        case _:
            assert_never(metric.kind)


def _counts(metric: Metric, reading: Reading, everywhere: Mapping[str, int]) -> Iterable[_Sample]:
    if metric is metrics.EVENTS:
        return [
            ((store, outcome), each.counters.get(field, 0))
            for store, each in _named(reading)
            for field, outcome in _EVENTS.items()
        ]
    if metric is metrics.THROTTLED:
        return [((each.store,), _throttled(each.counters)) for each in reading.stores]
    if "store" in metric.labels:
        return _of_stores(metric, reading)
    found = dict.fromkeys(metrics.from_zero(metric), 0.0)
    found |= {labels: times / metric.divisor for labels, times in _fields(metric, everywhere)}
    return found.items()


def _throttled(counters: Mapping[str, int]) -> int:
    return sum(times for labels, times in _fields(metrics.CALLS, counters) if labels[-1] == "429")


def _of_stores(metric: Metric, reading: Reading) -> Iterable[_Sample]:
    return [
        ((store, *labels), times) for store, each in _named(reading) for labels, times in _fields(metric, each.counters)
    ]


def _fields(metric: Metric, counters: Mapping[str, int]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield what was counted of a metric, with the labels that its field says."""
    beginning = f"{metric.field}:"
    for field, times in counters.items():
        if field.startswith(beginning):
            yield tuple(field.split(":")[1:]), times


def _holders(
    metric: Metric, reading: Reading, everywhere: Mapping[str, int]
) -> Sequence[tuple[tuple[str, ...], Mapping[str, int]]]:
    return [((each.store,), each.counters) for each in reading.stores] if metric.labels else [((), everywhere)]


def _named(reading: Reading) -> list[tuple[str, Figures]]:
    shared = [(NO_STORE, reading.shared)] if reading.shared is not None else []
    return [*((each.store, each) for each in reading.stores), *shared]


def _gauge(metric: Metric, samples: Iterable[_Sample]) -> Family:
    family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family


def _counter(metric: Metric, samples: Iterable[_Sample]) -> Family:
    family = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family
