"""Which order takes what is told: the one of its ledger id, or one that goes by the same remote code, or none."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from worker.domain.codes import (
    BareCode,
    Foreign,
    LedgerId,
    OrderRef,
    identify,
    identify_announced,
    remote_codes,
    skyhub_code,
)
from worker.domain.events import Announcer, Dropped, Event, OrderAnnounced, OrderInvoiced
from worker.domain.facts import SkyHubOrder
from worker.domain.policy import Policy

_UNKNOWN_CODE = (
    "order_id {name!r} is no order id of this store and the remote code of no order known here; "
    "send the VTEX order id, the marketplace order id or order.skyhub_code"
)


@dataclass(frozen=True, slots=True)
class Address:
    """How an event names its order, and the remote codes by which that may be known under another id."""

    ref: OrderRef
    codes: tuple[str, ...]

    @property
    def order_id(self) -> str:
        """The id to look for, "" where there is none; a foreign one may be of an affiliate of the store's past."""
        return "" if isinstance(self.ref, BareCode) else self.ref.value


@dataclass(frozen=True, slots=True)
class Untaken:
    """No order takes the event: why not, and the sentence for a person where it is to be kept."""

    why: Dropped
    reason: str = ""


def address(event: Event, policy: Policy) -> Address:
    """Return how an event names its order."""
    ref = _reference(event, policy.affiliate)
    stated = (event.remote_code,) if isinstance(event, OrderInvoiced) and event.remote_code else ()
    match ref:
        case BareCode(value=code):
            return Address(ref, (*stated, code))
        case LedgerId(value=order_id):
            return Address(ref, stated or remote_codes(order_id, policy.affiliate)[:1])
        case Foreign():
            return Address(ref, ())


def target(to: Address, known: Collection[str], owners: Mapping[str, str], policy: Policy) -> str | Untaken:
    """Return the id of the order that takes the event, known or to be opened, or why none does.

    `known` are the ids of orders that exist, `owners` the ids of those that go by a remote code.
    """
    ref = to.ref
    if not isinstance(ref, BareCode) and ref.value in known:
        return ref.value
    if isinstance(ref, Foreign):
        return Untaken(Dropped.FOREIGN)
    owner = next((owners[code] for code in to.codes if code in owners), None)
    if owner is not None:
        return owner
    if isinstance(ref, LedgerId) or policy.affiliate is None:
        return ref.value
    return Untaken(Dropped.REJECTED, _UNKNOWN_CODE.format(name=ref.value))


def renamed(event: Event, order_id: str, policy: Policy) -> Event:
    """Return the event under its order's ledger id; one that is a remote code alone hears the code that is not."""
    if event.order_id == order_id:
        return event
    ref = identify(event.order_id, policy.affiliate)
    bare = isinstance(identify(order_id, policy.affiliate), BareCode)
    if bare and isinstance(ref, LedgerId) and isinstance(event, OrderInvoiced) and not event.skyhub_code:
        event = replace(event, skyhub_code=skyhub_code(ref.value, policy.affiliate))
    return replace(event, order_id=order_id)


def code_in_list(found: SkyHubOrder, policy: Policy) -> str:
    """Return the remote code by which SkyHub's lists name this order, "" where nothing tells it."""
    ref = identify(found.code, policy.affiliate)
    if found.remote_code or not isinstance(ref, LedgerId):
        return found.remote_code
    return remote_codes(ref.value, policy.affiliate)[0]


def id_in_list(code: str, found: SkyHubOrder | None, policy: Policy) -> str:
    """Return the ledger id of an order that SkyHub lists under `code`: by its name there, if it was found, or bare."""
    ref = identify(found.code if found is not None else code, policy.affiliate)
    return ref.value if isinstance(ref, LedgerId) else code


def _reference(event: Event, affiliate: str | None) -> OrderRef:
    if isinstance(event, OrderAnnounced) and event.by not in (Announcer.CALLER, Announcer.PUSH):
        return identify_announced(event.order_id, affiliate)
    ref = identify(event.order_id, affiliate)
    if isinstance(ref, BareCode) and isinstance(event, OrderInvoiced) and event.skyhub_code:
        return identify(event.skyhub_code, affiliate)
    return ref
