"""The wish to read the OMS again: by which id, when it is fulfilled, and when it is renewed."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    MINUTE,
    NOW,
    OMS,
    ORDER_ID,
    POLICY,
    an_invoice,
    announcement,
    at_skyhub,
    due,
    invoiced,
    package,
    recorded,
    saved,
    snapshot,
    waiting,
    was_requested,
)
from worker.domain.facts import Authority, Carrier, CarrierClaim, SkyHubLine
from worker.domain.learning import learn, reread, unasked, unread
from worker.domain.order import At, Attention, In, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import evaluated, record
from worker.domain.wishes import lacks_facts, oms_id, vtex_id, wants_reread

LATER = NOW + 5
NO_ITEMS = invoiced(an_invoice(items={}, output=False), ordered={})
BARE = "285264647201"


def test_the_ledgers_id_is_vtex_own_where_the_store_has_an_affiliate() -> None:
    """It carries the affiliate."""
    assert (vtex_id(waiting(), OMS), oms_id(waiting(), OMS), oms_id(waiting(), POLICY)) == (ORDER_ID, ORDER_ID, "")


def test_a_store_without_an_affiliate_learns_the_id_from_whoever_announces() -> None:
    """The first one stays; before it nobody can be asked, and SkyHub gives the items."""
    policy = Policy(oms=True)
    order = saved(record(None, replace(NO_ITEMS, order_id="Lojas_Americanas-285264647201"), policy, NOW))
    assert (oms_id(order, policy), order.reread_at, order.learn_at) == ("", None, At(NOW))
    order = record(order, announcement(order_id="Lojas_Americanas-285264647201"), policy, LATER)
    assert (oms_id(order, policy), order.reread_at, order.learn_at) == (ORDER_ID, In(0), None)
    other = replace(announcement(), vtex_id="XYZ-Lojas_Americanas-285264647201")
    assert vtex_id(record(order, other, policy, LATER), policy) == ORDER_ID


def test_an_order_of_the_affiliate_before_is_read_by_the_id_that_was_announced() -> None:
    """The stores file names another affiliate now; the order's own id is still the OMS's."""
    policy = replace(OMS, affiliate="NEW")
    assert oms_id(waiting(), policy) == ""
    order = record(waiting(), announcement(), policy, LATER)
    assert (oms_id(order, policy), order.reread_at) == (ORDER_ID, In(0))


def test_an_order_opened_under_its_remote_code_is_read_once_skyhub_has_spelled_it() -> None:
    """Its items are the OMS's then, not SkyHub's, which may name them otherwise."""
    order = saved(record(None, replace(NO_ITEMS, order_id=BARE), OMS, NOW))
    assert (oms_id(order, OMS), order.learn_at) == ("", At(NOW))
    found = at_skyhub(lines=(SkyHubLine("other", "names", 1),))
    order = learn(order, found, OMS, LATER)
    assert (oms_id(order, OMS), order.ordered, order.learn_at, order.reread_at) == (ORDER_ID, {}, None, In(0))
    assert oms_id(order, replace(OMS, affiliate=None)) == ""
    nonsense = replace(found, code="v502556llux-01")
    assert oms_id(learn(saved(record(None, replace(NO_ITEMS, order_id=BARE), OMS, NOW)), nonsense, OMS, NOW), OMS) == ""


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (recorded(NO_ITEMS, policy=OMS), True),
        (recorded(invoiced(an_invoice("1", {}), ordered={"a": 1}), policy=OMS), True),
        (recorded(invoiced(an_invoice("1", {}, output=False), ordered={"a": 1}), policy=OMS), False),
        (recorded(invoiced(an_invoice("1", {})), invoiced(an_invoice("2", {"a": 1})), policy=OMS), False),
        (recorded(invoiced(ordered={"a": 2}), policy=OMS), False),
        (recorded(invoiced(), policy=OMS), False),
        (recorded(replace(NO_ITEMS, carrier=Carrier.CORREIOS), policy=OMS), False),
        (replace(recorded(NO_ITEMS, policy=OMS), released=True), False),
        (replace(waiting(), news_at=NOW), True),
        (replace(was_requested(), news_at=NOW), True),
    ],
)
def test_the_oms_is_read_for_what_it_could_tell(order: Order, wanted: bool) -> None:  # noqa: FBT001 - a parameter
    """Items of the order or of an invoice that keep it from its pickup, and whatever was announced."""
    assert wants_reread(order, OMS) is wanted
    assert not wants_reread(order, POLICY)
    assert (evaluated(order, OMS, NOW).reread_at is not None) is wanted


def test_an_order_with_an_oms_asks_skyhub_for_items_only_once_the_oms_does_not_know_it() -> None:
    """The two name an item's SKU differently at times: who invoices knows better."""
    order = recorded(NO_ITEMS, policy=OMS)
    assert (lacks_facts(order, OMS), lacks_facts(order, POLICY)) == (False, True)
    order = saved(reread(order, None, LATER, OMS, LATER), LATER)
    assert (order.oms_status, order.learn_at, order.reread_at) == ("", At(LATER), At(LATER + MINUTE))
    assert order.last_error == f"the VTEX OMS does not know the order {ORDER_ID}; check the store's affiliate_id"
    found = at_skyhub(lines=(SkyHubLine("a", "p", 1),))
    told = learn(order, found, OMS, LATER)
    assert (told.ordered, told.learn_at, told.reread_at) == ({"a": 1}, None, None)
    early = learn(recorded(NO_ITEMS, policy=OMS), found, OMS, LATER)
    assert (early.ordered, early.carrier) == ({}, Carrier.DIRECT)


def test_an_order_that_lacks_only_its_carrier_asks_skyhub_whatever_the_oms_does() -> None:
    """The OMS cannot tell the carrier."""
    order = recorded(invoiced(carrier=Carrier.UNKNOWN), policy=OMS)
    assert (order.learn_at, order.reread_at) == (At(NOW), None)


def test_an_oms_that_answers_takes_its_own_error_back_and_no_other() -> None:
    """Both that it did not know the order, and that it could not tell."""
    order = reread(recorded(NO_ITEMS, policy=OMS), None, LATER, OMS, LATER)
    for failed in (order, unread(order, "503", OMS)):
        assert failed.last_error.startswith("the VTEX OMS")
        assert reread(failed, snapshot(), LATER, OMS, LATER).last_error == ""
    other = replace(order, last_error="timed out")
    assert reread(other, snapshot(), LATER, OMS, LATER).last_error == "timed out"


def test_a_wish_that_is_not_fulfilled_is_renewed_at_a_slowing_pace() -> None:
    """From a minute to thirty, whether the OMS has no items yet, does not know the order or cannot tell."""
    order = recorded(NO_ITEMS, policy=OMS)
    delays = []
    for answer in (None, snapshot(items={}), "503", None, None, None, None):
        order = unread(order, answer, OMS) if isinstance(answer, str) else reread(order, answer, LATER, OMS, LATER)
        delays.append(order.reread_at)
    assert delays == [In(n * MINUTE) for n in (1, 2, 4, 8, 16, 30, 30)]
    fulfilled = reread(order, snapshot(), LATER, OMS, LATER)
    assert (fulfilled.reread_at, fulfilled.reread_tries) == (None, 0)


def test_an_oms_that_cannot_tell_is_named_with_its_trouble() -> None:
    """So that an operator sees why the order does not move."""
    assert unread(recorded(NO_ITEMS, policy=OMS), "503", OMS).last_error == "the VTEX OMS cannot tell: 503"


@pytest.mark.parametrize(("read_at", "again"), [(LATER - 1, True), (LATER, False), (LATER + 1, False)])
def test_news_that_came_since_a_reading_began_are_not_in_it(read_at: int, again: bool) -> None:  # noqa: FBT001
    """Then the OMS is read once more, at once, also where it had been put off."""
    order = saved(unread(record(waiting(), announcement(), OMS, LATER), "503", OMS), LATER)
    order = reread(order, snapshot(items={"a": 2}), read_at, OMS, LATER + 9)
    assert (order.news_at is not None, order.reread_at) == (again, In(0) if again else None)


def test_news_stay_until_they_are_read() -> None:
    """An OMS that does not know the order has been read as well; one that cannot tell has not."""
    order = record(waiting(), announcement(), OMS, LATER)
    down = saved(unread(order, "503", OMS))
    assert (down.news_at, down.reread_at, down.reread_tries) == (LATER, At(NOW + MINUTE), 1)
    assert evaluated(down, OMS, LATER).reread_at == At(NOW + MINUTE)
    gone = reread(down, None, LATER + 1, OMS, LATER + 1)
    assert (gone.news_at, gone.reread_at, gone.learn_at) == (None, None, None)


def test_a_wish_ends_with_what_an_event_tells() -> None:
    """What was lacking is known: nobody is asked, and the next wish starts at its first pace."""
    order = replace(recorded(NO_ITEMS, policy=OMS), reread_tries=4)
    told = record(order, invoiced(), OMS, LATER)
    assert (told.status, told.reread_at, told.reread_tries) == (Status.DUE, None, 0)
    news = record(order, announcement(), OMS, LATER)
    assert record(news, invoiced(), OMS, LATER).reread_at == In(0)


def test_wishes_for_an_oms_that_was_taken_out_end() -> None:
    """SkyHub is asked instead; put back, the OMS is asked again for what still lacks."""
    order = evaluated(recorded(NO_ITEMS, policy=OMS), POLICY, LATER)
    assert (order.reread_at, order.learn_at) == (None, In(0))
    back = evaluated(saved(order), OMS, LATER)
    assert (back.reread_at, back.learn_at) == (In(0), None)


@pytest.mark.parametrize(("policy", "learn_at"), [(POLICY, In(0)), (OMS, None)], ids=["taken out", "not there"])
def test_an_oms_that_is_not_there_to_ask_is_wished_no_more(policy: Policy, learn_at: In | None) -> None:
    """What was announced with it; SkyHub is asked for what still lacks where the store has no OMS any more."""
    order = saved(record(recorded(NO_ITEMS, policy=OMS), announcement(), OMS, LATER))
    left = unasked(order, policy, LATER)
    assert (left.status, left.reread_at, left.news_at, left.learn_at) == (Status.WAITING, None, None, learn_at)
    assert unasked(replace(order, canceled_at=NOW), policy, LATER).status is Status.CANCELED


def test_an_order_that_skyhub_listed_in_vain_is_no_riddle_once_the_oms_knows_it() -> None:
    """What made an operator look at it is gone, whether or not its invoices are complete."""
    order = replace(recorded(NO_ITEMS, policy=OMS), flags=frozenset({Attention.COLLECTABLE_BUT_UNKNOWN}))
    assert reread(order, None, LATER, OMS, LATER).attention == {Attention.COLLECTABLE_BUT_UNKNOWN}
    assert not reread(order, snapshot(items={"a": 2}), LATER, OMS, LATER).attention


def test_a_snapshot_of_a_correios_order_requests_nothing() -> None:
    """Complete as it may be: the carrier is SkyHub's to tell."""
    order = replace(waiting(), carriers={Authority.SKYHUB: CarrierClaim(Carrier.CORREIOS, NOW)})
    found = snapshot(package("1", {"a": 1}), package("2", {"a": 1}), items={"a": 2})
    assert reread(order, found, LATER, OMS, LATER).status is Status.SKIPPED
    assert reread(replace(order, carriers={}), found, LATER, OMS, LATER).status is Status.WAITING
    assert reread(due(), found, LATER, OMS, LATER).status is Status.DUE
