"""Which facts an order lacks, and whom to ask for them: the wish is part of the document, so no message can lose it.

The law (design, "Facts"): items and invoices come from the OMS where the store has one that knows the order, else items
come from SkyHub; the carrier and the codes come from SkyHub alone. An announcement is a wish to read the OMS again.
"""

from worker.domain.codes import BareCode, LedgerId, identify
from worker.domain.copying import revised
from worker.domain.events import Announcer, Event, OrderAnnounced
from worker.domain.facts import Carrier, SkyHubOrder
from worker.domain.knowledge import with_fulfilment, with_skyhub, with_skyhub_items
from worker.domain.order import At, In, Order, Status
from worker.domain.policy import Policy

# An order that ended without a pickup is not followed any more; a cancel after the request still is news.
_FOLLOWED = frozenset({Status.WAITING, Status.DUE, Status.REQUESTING, Status.REQUESTED, Status.FAILED})
# Pick and Pack does not invoice: these announce what happened in the OMS (contracts/pick-and-pack.md).
_TELLS_OF_OMS = frozenset({"INVOICED", "CANCELED"})


def opens(event: Event) -> bool:
    """Whether an event of an order that nobody heard of before is worth a document: boxes of others are not."""
    return not isinstance(event, OrderAnnounced) or _calls_for_reading(event)


def announced(order: Order, event: OrderAnnounced, policy: Policy, now: int) -> Order:
    """Note an announcement; the same object if it says nothing new, or nobody could be asked."""
    if event.vtex_id and not vtex_id(order, policy):
        order = revised(order, vtex_id=event.vtex_id)
    if event.by is Announcer.PICK_AND_PACK:
        order = _asked_for_packing(with_fulfilment(order, event.state, now))
    if not _calls_for_reading(event) or order.status not in _FOLLOWED or not oms_id(order, policy):
        return order
    if order.news_at is None:
        order = order.noted(now, "order.announced", f"{event.by}: {event.state}" if event.state else event.by)
    return reread_now(order, now)


def reread_now(order: Order, now: int) -> Order:
    """Wish that the OMS is read at once: there are news that no reading before `now` covers."""
    return revised(order, news_at=now, reread_at=In(0), reread_tries=0)


def oms_id(order: Order, policy: Policy) -> str:
    """Return the id by which the store's OMS can be asked for the order, "" where it cannot."""
    return vtex_id(order, policy) if policy.oms else ""


def vtex_id(order: Order, policy: Policy) -> str:
    """Return the order's id in VTEX, "" where it is not known: a store without an affiliate learns it from VTEX."""
    if policy.affiliate and order.order_id.startswith(f"{policy.affiliate}-"):
        return order.order_id
    return order.vtex_id or _named_by_skyhub(order, policy.affiliate)


def asks_oms(order: Order, policy: Policy) -> bool:
    """Whether the order's items are the OMS's to tell: SkyHub may name them otherwise than VTEX's invoices do."""
    return bool(oms_id(order, policy)) and order.oms_status != ""


def is_skyhubs_to_tell(order: Order, policy: Policy) -> bool:
    """Whether SkyHub is asked for an order that somebody wants learned: only it knows carriers, or there is no OMS."""
    return order.status is Status.SKIPPED or not oms_id(order, policy)


def learn_now(order: Order) -> Order:
    """Wish that SkyHub is asked at once; the same object if it is to be asked anyway."""
    return order if order.learn_at is not None else revised(order, learn_at=In(0))


def learn_sooner(order: Order) -> Order:
    """Wish that SkyHub is asked at once if it is to be asked later; the same object if not."""
    return revised(order, learn_at=In(0)) if isinstance(order.learn_at, At) else order


def learns_from_list(order: Order) -> bool:
    """Whether an order takes what SkyHub's list of invoiced orders says of it in passing: it lacks something."""
    return order.learn_at is not None or order.carrier is Carrier.UNKNOWN


def told_by_skyhub(order: Order, found: SkyHubOrder, policy: Policy, now: int) -> Order:
    """Take what SkyHub says of an order; its code first, which may tell by which id the OMS knows the items."""
    order = with_skyhub(order, found, now)
    return order if asks_oms(order, policy) else with_skyhub_items(order, found, now)


def wants_reread(order: Order, policy: Policy) -> bool:
    """Whether the OMS could tell what keeps this order, or something was announced that is not read yet."""
    if not oms_id(order, policy):
        return False
    if order.news_at is not None:
        return True
    return _incomplete(order) and (not order.ordered or any(i.output and not i.items for i in order.invoices))


def lacks_facts(order: Order, policy: Policy) -> bool:
    """Whether SkyHub could tell what keeps this order: its carrier, or its items where no OMS can."""
    if order.status is not Status.WAITING:
        return False
    if order.complete or order.released:
        return order.carrier is Carrier.UNKNOWN
    return not order.ordered and not asks_oms(order, policy)


def wishing(order: Order, policy: Policy) -> Order:
    """Wish what lacks, and no longer what was told meanwhile; a skipped order's wish at SkyHub is `listed`'s."""
    if order.status is not Status.SKIPPED and lacks_facts(order, policy) is (order.learn_at is None):
        order = revised(order, learn_at=In(0) if order.learn_at is None else None, learn_tries=0)
    if wants_reread(order, policy) is (order.reread_at is None):
        order = revised(order, reread_at=In(0) if order.reread_at is None else None, reread_tries=0)
    return order


def _named_by_skyhub(order: Order, affiliate: str | None) -> str:
    """Return the VTEX id of an order that was opened under its remote code alone, once SkyHub's code is known."""
    if not affiliate or not isinstance(identify(order.order_id, affiliate), BareCode):
        return ""
    ref = identify(order.skyhub_code, affiliate)
    return ref.value if isinstance(ref, LedgerId) else ""


def _incomplete(order: Order) -> bool:
    return order.status is Status.WAITING and not (order.complete or order.released)


def _calls_for_reading(event: OrderAnnounced) -> bool:
    return event.by is not Announcer.PICK_AND_PACK or event.state in _TELLS_OF_OMS


def _asked_for_packing(order: Order) -> Order:
    """Let Pick and Pack be asked at once about a held order, also where it says the same again: it may be back now."""
    if order.status is not Status.DUE or order.hold is None:
        return order
    return revised(order, at=In(0))
