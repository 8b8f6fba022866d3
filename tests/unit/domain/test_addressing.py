"""Which order takes an event: by its id, by a code that an order goes by, or none."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import CODE, NOW, ORDER_ID, POLICY, invoiced
from worker.domain.addressing import Untaken, address, code_in_list, id_in_list, renamed, target
from worker.domain.codes import BareCode, Foreign, LedgerId
from worker.domain.events import Announcer, Dropped, Event, OrderAnnounced, OrderInvoiced
from worker.domain.facts import Carrier, SkyHubOrder, SkyHubStatus
from worker.domain.policy import Policy

SITE = "Lojas Americanas"
FOREIGN = "XDE-1253881550433-01"
ODD = "v502556llux-01"  # of no form that B2W's orders have


def told(order_id: str = ORDER_ID, *, skyhub_code: str = "", remote_code: str = "") -> OrderInvoiced:
    """Tell an invoice of an order by these names."""
    event = invoiced(order_id=order_id)
    return replace(event, skyhub_code=skyhub_code, remote_code=remote_code)


def announced(order_id: str, by: Announcer) -> OrderAnnounced:
    """Announce an order."""
    return OrderAnnounced(order_id=order_id, occurred_at=NOW, by=by)


def listed(code: str, remote_code: str = "") -> SkyHubOrder:
    """Find an order in SkyHub's list."""
    return SkyHubOrder(code, remote_code, SkyHubStatus.INVOICED, Carrier.DIRECT)


@pytest.mark.parametrize(
    ("event", "ref", "codes"),
    [
        (told(), LedgerId(ORDER_ID), (CODE,)),
        (told(remote_code="77"), LedgerId(ORDER_ID), ("77",)),
        (told(f"{ORDER_ID}-01"), LedgerId(f"{ORDER_ID}-01"), (f"{CODE}-01",)),
        (told(CODE), BareCode(CODE), (CODE,)),
        (told(CODE, remote_code="77"), BareCode(CODE), ("77", CODE)),
        (told(CODE, skyhub_code=f"{SITE}-{CODE}"), LedgerId(ORDER_ID), (CODE,)),
        (told(FOREIGN, remote_code="77"), Foreign(FOREIGN), ()),
        (announced(CODE, Announcer.CALLER), BareCode(CODE), (CODE,)),
        (announced(CODE, Announcer.PUSH), BareCode(CODE), (CODE,)),
        (announced(ORDER_ID, Announcer.HOOK), LedgerId(ORDER_ID), (CODE,)),
        (announced(ODD, Announcer.HOOK), Foreign(ODD), ()),
    ],
)
def test_an_event_names_its_order(event: Event, ref: object, codes: tuple[str, ...]) -> None:
    """By an id with its likeliest code, or a code alone; what VTEX announces of other channels is theirs."""
    to = address(event, POLICY)
    assert (to.ref, to.codes) == (ref, codes)
    assert to.order_id == ("" if isinstance(to.ref, BareCode) else to.ref.value)


def test_an_order_that_is_known_takes_its_events() -> None:
    """By its id first, also one that looks foreign; by its code, in the order in which that was told, otherwise."""
    assert target(address(told(), POLICY), {ORDER_ID}, {CODE: "other"}, POLICY) == ORDER_ID
    assert target(address(told(FOREIGN), POLICY), {FOREIGN}, {}, POLICY) == FOREIGN
    assert target(address(told(), POLICY), {}, {CODE: "other"}, POLICY) == "other"
    owners = {"77": "first", CODE: "second"}
    assert target(address(told(CODE, remote_code="77"), POLICY), {}, owners, POLICY) == "first"


def test_an_order_that_is_not_known_is_opened_by_what_names_it_for_sure() -> None:
    """A code alone does where no affiliate could complete it; else a person is told what to send."""
    assert target(address(told(), POLICY), {}, {}, POLICY) == ORDER_ID
    assert target(address(told(CODE), Policy()), {}, {}, Policy()) == CODE
    assert target(address(told(FOREIGN), POLICY), {}, {}, POLICY) == Untaken(Dropped.FOREIGN)
    untaken = target(address(told(CODE), POLICY), {}, {}, POLICY)
    assert isinstance(untaken, Untaken)
    assert untaken.why is Dropped.REJECTED
    assert untaken.reason == (
        f"order_id {CODE!r} is no order id of this store and the remote code of no order known here; "
        "send the VTEX order id, the marketplace order id or order.skyhub_code"
    )


def test_an_event_goes_under_its_orders_id() -> None:
    """An order that is known by its code alone hears how SkyHub spells it, if the event's own name tells that."""
    assert renamed(told(CODE), ORDER_ID, POLICY) == told()
    assert renamed(told(), CODE, POLICY) == told(CODE, skyhub_code=f"{SITE}-{CODE}")
    assert renamed(told(skyhub_code="said"), CODE, POLICY) == told(CODE, skyhub_code="said")
    assert renamed(told(CODE), CODE, POLICY) == told(CODE)
    assert renamed(told(ODD, remote_code=CODE), CODE, POLICY) == told(CODE, remote_code=CODE)


def test_skyhubs_list_names_orders_that_its_other_list_shows_by_code() -> None:
    """The remote code as it stands there, else the likeliest; an order that it does not name goes by its code alone."""
    assert code_in_list(listed(f"{SITE}-{CODE}-01", "77"), POLICY) == "77"
    assert code_in_list(listed(f"{SITE}-{CODE}-01"), POLICY) == f"{CODE}-01"
    assert code_in_list(listed(CODE), POLICY) == ""
    assert code_in_list(listed(ODD), POLICY) == ""
    assert id_in_list(CODE, listed(f"{SITE}-{CODE}"), POLICY) == ORDER_ID
    assert id_in_list(CODE, listed("1"), POLICY) == CODE
    assert id_in_list(CODE, None, POLICY) == CODE
