"""The catalogue of the metrics at `/metrics`, and the names under which Redis counts.

Names, types and labels are an interface: dashboards and alerts are built on them. Everything is read from Redis when it
is asked for, so that it is right over many workers, web processes and restarts. What belongs to a save is counted by
the script that saves. What happens outside of one is gathered in its process and written down every few seconds and at
its end: a killed process loses its last seconds of these, and nothing is counted twice.

No label holds a secret or anything of a customer.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Kind(StrEnum):
    """The types of Prometheus that are used here."""

    GAUGE = "gauge"
    COUNTER = "counter"
    SUMMARY = "summary"  # a sum and a count, without quantiles
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. Counted ones name the field of Redis that counts: `field`, or `field:<label>:…` for what has labels.

    `sum_field` is that of a summary's or histogram's sum, `divisor` turns what is summed there into the metric's unit.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    field: str = ""
    sum_field: str = ""
    divisor: int = 1


# ---- what labels may say


class Door(StrEnum):
    """How events come in."""

    NATIVE = "native"
    CONNECTOR = "connector"
    HOOK = "hook"
    PICK_AND_PACK = "pick_and_pack"
    CELERY = "celery"
    SEND = "send"


class AtDoor(StrEnum):
    """What a door said: of an event, or of a request whose events were not looked at."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFUSED = "refused"
    UNSAVED = "unsaved"


class Endpoint(StrEnum):
    """What is asked at SkyHub."""

    OPEN = "collectables_open"
    REQUESTED = "collectables_requested"
    CONFIRM = "confirm"
    ORDER = "order"
    ORDERS = "orders"


class Ended(StrEnum):
    """How a run of a drain ended."""

    DONE = "done"
    RESTED = "rested"
    FAILED = "failed"


RUNS = ("inbox", "pickups", "learn", "reread", "feed", "reconcile", "sweep")
"""The drains of `worker.ports`, and the sweep."""

BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0, 259_200.0, 864_000.0)
"""Upper bounds in seconds: from a request at once to the ten days after which an order fails; above them, "+Inf"."""


def bucket_of(seconds: float) -> str:
    """Return the bucket that counts a length of time, by its upper bound as Prometheus writes it."""
    return bounds()[bisect_left(BUCKETS, seconds)]


def bounds() -> tuple[str, ...]:
    """Return every bucket's upper bound as Prometheus writes it."""
    return (*map(str, BUCKETS), "+Inf")


# ---- the service

UP = Metric("coleta_up", Kind.GAUGE, "1 if the state's Redis server answered; 0: no other figure but coleta_info")
INFO = Metric("coleta_info", Kind.GAUGE, "1; the version is that of the web process that answers", ("version",))
SWEEP_AGE = Metric(
    "coleta_last_sweep_age_seconds",
    Kind.GAUGE,
    "Seconds since a sweep came to its end, by the clock of Redis; +Inf if none ever did",
)
SWEEP_AGE_LIMIT = Metric(
    "coleta_last_sweep_age_limit_seconds",
    Kind.GAUGE,
    "Without a sweep for longer something is wrong: 120, or six of COLETA_SWEEP_SECONDS if that is more",
)
AWAY = Metric(
    "coleta_store_away",
    Kind.GAUGE,
    "1 while the node of the cluster is away that has the store; its figures, and sums over stores, are left out then",
    ("store",),
)
INBOX_LIMIT = Metric("coleta_inbox_limit_events", Kind.GAUGE, "Events that a store's inbox holds at most")

# ---- stores and orders

ORDERS = Metric("coleta_orders", Kind.GAUGE, "Orders in each status", ("store", "status"))
ENTERED = Metric(
    "coleta_orders_entered_total", Kind.COUNTER, "Orders that came into a status", ("store", "status"), "entered"
)
ATTENTION = Metric(
    "coleta_attention_orders",
    Kind.GAUGE,
    "Orders that an operator should look at, by the reason; one order may have several",
    ("store", "reason"),
    "attention",
)
OLDEST_DUE = Metric(
    "coleta_oldest_due_seconds",
    Kind.GAUGE,
    "For how long the order that was due first should have been requested already; 0: none waits",
    ("store",),
)
PAUSED = Metric(
    "coleta_store_paused", Kind.GAUGE, "1 while SkyHub calls of the store are stopped, by whom", ("store", "by")
)
LEAD_TIME = Metric(
    "coleta_invoice_to_accepted_seconds",
    Kind.HISTOGRAM,
    "From when the last invoice was heard until SkyHub accepted the request; the label step at SkyHub counts in",
    field="accepted",
    sum_field="accepted_ms",
    divisor=1000,
)

# ---- events

INBOX = Metric("coleta_inbox_events", Kind.GAUGE, "Events that wait to be recorded", ("store",))
REJECTED = Metric(
    "coleta_rejected_events",
    Kind.GAUGE,
    "Events that are kept because they could not be recorded; store _ has those that name no known store",
    ("store",),
)
EVENTS = Metric(
    "coleta_events_total",
    Kind.COUNTER,
    "What became of events: recorded, or rejected, foreign, repeated, unheard",
    ("store", "outcome"),
)
AT_DOORS = Metric(
    "coleta_door_events_total",
    Kind.COUNTER,
    "Events by door: accepted or rejected; refused and unsaved (503) count requests. Store _: it is not known",
    ("store", "door", "outcome"),
    "door",
)
RECORDING_BATCH = Metric(
    "coleta_recording_batch_events",
    Kind.SUMMARY,
    "Events that one save took in",
    field="recordings",
    sum_field="events",
)

# ---- SkyHub

CALLS = Metric(
    "coleta_skyhub_calls_total",
    Kind.COUNTER,
    "Calls to SkyHub; outcome: 2xx, 3xx, 5xx, a status of 4xx, timeout, broken, not_connected, held (nothing was sent)",
    ("store", "endpoint", "outcome"),
    "call",
)
THROTTLED = Metric("coleta_skyhub_throttled_total", Kind.COUNTER, "Calls that SkyHub answered with 429", ("store",))
PACE = Metric(
    "coleta_skyhub_pace_wait_seconds",
    Kind.SUMMARY,
    "Waits of 10 ms or more for the service's own pace, which keeps below SkyHub's limits",
    ("store",),
    field="paced",
    sum_field="paced_ms",
    divisor=1000,
)
CONFIRM_BATCH = Metric(
    "coleta_confirmation_batch_orders",
    Kind.SUMMARY,
    "Orders that were claimed for one confirmation",
    field="claims",
    sum_field="entered:requesting",
)

# ---- the engine

DRAINS = Metric(
    "coleta_drains_total",
    Kind.COUNTER,
    "Runs of drains; rested: its counterparty was in trouble; failed: an error of this service or of Redis",
    ("drain", "outcome"),
    "drain",
)
DRAIN_SECONDS = Metric(
    "coleta_drain_seconds_total", Kind.COUNTER, "Time that runs of drains took", ("drain",), "drain_ms", divisor=1000
)
TAKEOVERS = Metric(
    "coleta_lease_takeovers_total",
    Kind.COUNTER,
    "Drains that were taken over from one that died, or slept longer than its lease",
    ("drain",),
    "takeover",
)
RECOVERED = Metric(
    "coleta_hints_recovered_total",
    Kind.COUNTER,
    "Work that had waited longer than a sweep interval, unannounced and undone, when a sweep found it: a hint was lost,"
    " or its store stood in line at another worker",
    ("drain",),
    "recovered",
)

CATALOGUE: tuple[Metric, ...] = (
    UP,
    INFO,
    SWEEP_AGE,
    SWEEP_AGE_LIMIT,
    AWAY,
    INBOX_LIMIT,
    ORDERS,
    ENTERED,
    ATTENTION,
    OLDEST_DUE,
    PAUSED,
    LEAD_TIME,
    INBOX,
    REJECTED,
    EVENTS,
    AT_DOORS,
    RECORDING_BATCH,
    CALLS,
    THROTTLED,
    PACE,
    CONFIRM_BATCH,
    DRAINS,
    DRAIN_SECONDS,
    TAKEOVERS,
    RECOVERED,
)
"""Every metric, in the order in which they are shown."""


def from_zero(metric: Metric) -> Iterator[tuple[str, ...]]:
    """Yield the labels under which a counter over all stores is shown before it has counted anything.

    A series that begins with its first event has no increase that Prometheus could see.
    """
    known: dict[str, tuple[str, ...]] = {"drain": RUNS, "outcome": tuple(Ended)}
    if metric.kind is Kind.COUNTER and "store" not in metric.labels:
        yield from product(*(known[label] for label in metric.labels))


def field_of(metric: Metric, *labels: str) -> str:
    """Return the field of Redis that counts a metric under these labels, which do not name the store."""
    return ":".join((metric.field, *labels))
