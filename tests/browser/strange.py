"""What a hostile sender, or SkyHub on a bad day, may put into every field that comes from outside."""

from collections.abc import Sequence
from dataclasses import replace

from tests.browser.tales import HOUR, MINUTE, Tale
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.order import Attention, Fulfilment, Order
from worker.ports import Unreadable

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
QUOTE = "'-alert(3)-'"
TEMPLATE = "{{7*191}}{% print 7*191 %}${7*191}"
HOSTILE = f"{SCRIPT}{IMAGE}{QUOTE}{TEMPLATE}"
COMPUTED = str(7 * 191)
"""Stands on a page only if somebody computed what was sent."""

ENDLESS = "Loja-" + "9" * 190
WORDS = "Ação “não localizada” 📦, Prüfung ✓"


def strange_orders(now: int) -> list[Order]:
    """Return a failed order and a waiting one, and one whose code has no place to break."""
    failed = _told(f"Loja-1{HOSTILE}", now).invoiced(HOUR, "2", {f"b{HOSTILE}": 1})
    refused = failed.refused(30 * MINUTE, f"{HOSTILE} {WORDS}").order
    waiting = _told(f"Loja-2{HOSTILE}", now).order
    canceled = _told(f"Loja-3{HOSTILE}", now).canceled(MINUTE, HOSTILE).order
    endless = Tale(ENDLESS, now, {"9" * 100: 1, "8": 1}).invoiced(HOUR, "7" * 90, {"8": 1}, "6" * 200).order
    return [
        refused,
        replace(
            waiting,
            skyhub_code=HOSTILE,
            remote_code=HOSTILE,
            vtex_id=HOSTILE,
            last_error=HOSTILE,
            fulfilment=Fulfilment(HOSTILE, now),
            flags=frozenset({Attention.WAITING_LONG}),
            carriers={
                Authority.EVENT: CarrierClaim(Carrier.CORREIOS, now),
                Authority.OPERATOR: CarrierClaim(Carrier.DIRECT, now),
            },
        ).noted(now, "operator.set_carrier", f"direct: {HOSTILE} ({HOSTILE}, pages)"),
        canceled,
        endless,
    ]


def strange_rejected() -> Sequence[Unreadable]:
    """Return events that nobody could record, the reason as hostile as the body."""
    body = f'{{"store": "{HOSTILE}", "order_id": "{HOSTILE}"}}'
    return [Unreadable(body, f"carrier: it is '{HOSTILE}'"), Unreadable("\x00\x01 " + "x" * 2_000, WORDS)]


def strange_unknown() -> Sequence[Unreadable]:
    """Return an event of a store that nobody knows."""
    return [Unreadable(f'{{"store": "{HOSTILE}"}}', f'"store": "{HOSTILE}" is not in the stores file')]


def _told(order_id: str, now: int) -> Tale:
    tale = Tale(order_id, now, {f"a{HOSTILE}": 1, f"b{HOSTILE}": 1})
    return tale.invoiced(2 * HOUR, f"n{HOSTILE}", {f"a{HOSTILE}": 1}, f"k{HOSTILE}")
