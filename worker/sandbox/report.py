"""The verdicts: what was requested early, twice, by the wrong carrier, against expectation, or not at all."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace

from worker.sandbox.calls import CallName
from worker.sandbox.deliveries import Books
from worker.sandbox.forms import form
from worker.sandbox.skyhub.orders import GONE, Order


@form
class Report:
    """What the sandbox saw; orders are named by their full code."""

    orders: int
    accepted: dict[str, tuple[float, ...]]
    """Unix times of the accepted confirmations of each order that has any."""
    early: tuple[str, ...]
    """Accepted while an item was not invoiced."""
    second: tuple[str, ...]
    """Accepted more often than allowed (once, if nothing else was said)."""
    wrong_carrier: tuple[str, ...]
    """Accepted though Direct does not carry it."""
    unexpected: tuple[str, ...]
    """Accepted though no pickup was expected."""
    lost: tuple[str, ...]
    """Complete and to be picked up, but neither accepted, nor requested in the panel, nor canceled or shipped."""
    calls: dict[str, dict[str, int]]
    """How many calls each endpoint answered with each status; "reset" is a connection reset without an answer."""
    deliveries: dict[str, dict[str, int]] = field(default_factory=dict)
    """By door, how many messages were accepted, dropped, lost or are `waiting` for one of these, and how many attempts
    were `sent` and how many of them were to be `retried`."""
    door_answers: dict[str, dict[str, int]] = field(default_factory=dict)
    """What each door's attempts were answered: a status, "timeout", "unreachable" or "misread"."""
    feed_waiting: int = 0
    """Events in the feeds that nobody has committed."""
    tokens_issued: int = 0
    """Tokens that Pick and Pack issued."""

    @property
    def under_way(self) -> int:
        """How many messages are neither accepted nor dropped nor lost yet, over all doors."""
        return sum(outcomes.get("waiting", 0) for outcomes in self.deliveries.values())

    @property
    def violations(self) -> dict[str, tuple[str, ...]]:
        """The verdicts that are not empty."""
        verdicts = {
            "early": self.early,
            "second": self.second,
            "wrong_carrier": self.wrong_carrier,
            "unexpected": self.unexpected,
            "lost": self.lost,
        }
        return {name: codes for name, codes in verdicts.items() if codes}


Calls = Counter[tuple[str, CallName, str]]
"""How often an account ("" if it was not recognised) got a status from a call."""


def make_report(orders: Iterable[Order], calls: Mapping[tuple[str, CallName, str], int], unix_zero: float) -> Report:
    """Judge the orders; `unix_zero` is the Unix time of the monotonic clock's zero."""
    known = list(orders)

    def those(guilty: Callable[[Order], bool]) -> tuple[str, ...]:
        return tuple(order.code for order in known if guilty(order))

    return Report(
        orders=len(known),
        accepted={order.code: tuple(unix_zero + a.at for a in order.accepted) for order in known if order.accepted},
        early=those(lambda order: any(not a.complete for a in order.accepted)),
        second=those(lambda order: len(order.accepted) > order.allowed),
        wrong_carrier=those(lambda order: any(a.carrier != "direct" for a in order.accepted)),
        unexpected=those(lambda order: any(a.expect == "none" for a in order.accepted)),
        lost=those(_is_lost),
        calls=_grouped(calls.items()),
    )


def with_deliveries(report: Report, books: Books, account: str | None) -> Report:
    """Return the report with what was sent for one account, or for all."""
    return replace(
        report,
        deliveries=_grouped((key, n) for key, n in books.outcomes.items() if account in (None, key[0]) and n),
        door_answers=_grouped((key, n) for key, n in books.answers.items() if account in (None, key[0])),
    )


def _is_lost(order: Order) -> bool:
    wanted = order.expect == "pickup" and order.complete and order.status not in GONE
    return wanted and not order.accepted and not order.in_panel


def _grouped(counts: Iterable[tuple[tuple[str, str, str], int]]) -> dict[str, dict[str, int]]:
    """Sum over accounts: by call or door, then by outcome."""
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (_account, name, outcome), count in counts:
        groups[name][outcome] += count
    return {name: dict(outcomes) for name, outcomes in groups.items()}
