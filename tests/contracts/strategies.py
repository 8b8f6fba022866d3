"""Orders and events with every field that they can have, for the property tests."""

from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from worker.domain.events import Announcer, Event, OrderAnnounced, OrderCanceled, OrderInvoiced
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.invoices import Invoice, Source, Version
from worker.domain.order import At, Attention, Claim, Entry, Fulfilment, Hold, ItemList, NotYet, Order, Status

TEXT = st.text(max_size=20)
NAME = st.text(min_size=1, max_size=20)
# Milliseconds until the year 5138; a Lua number carries 2**53.
TIME = st.integers(0, 10**14)
COUNT = st.integers(0, 10**6)
MAYBE_TIME = st.none() | TIME
ITEMS = st.dictionaries(TEXT, st.integers(0, 10**6), max_size=4)
MOMENT = st.builds(At, TIME)
VERSIONS = st.lists(st.builds(Version, MAYBE_TIME, st.sampled_from(Source), TEXT), max_size=3).map(tuple)

INVOICES = st.builds(
    Invoice,
    number=TEXT,
    key=st.none() | TEXT,
    output=st.booleans(),
    items=ITEMS,
    issued_at=MAYBE_TIME,
    dated_at=MAYBE_TIME,
    source=st.sampled_from(Source),
    aliases=st.frozensets(TEXT, max_size=3),
    replaced=VERSIONS,
)

ORDER_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "order_id": NAME,
    "skyhub_code": TEXT,
    "remote_code": TEXT,
    "guessed_codes": st.lists(TEXT, max_size=2).map(tuple),
    "code_frozen": st.booleans(),
    "status": st.sampled_from(Status),
    "reason": TEXT,
    "at": MOMENT,
    "created_at": TIME,
    "requested_at": MAYBE_TIME,
    "canceled_at": MAYBE_TIME,
    "cancel_reason": TEXT,
    "dismissed_at": MAYBE_TIME,
    "released": st.booleans(),
    "uncertain": st.booleans(),
    "ordered": ITEMS,
    "newest_list": st.none() | st.builds(ItemList, TIME, ITEMS),
    "invoices": st.lists(INVOICES, max_size=3).map(tuple),
    "carriers": st.dictionaries(
        st.sampled_from(Authority), st.builds(CarrierClaim, st.sampled_from(Carrier), TIME), max_size=3
    ),
    "learn_at": st.none() | MOMENT,
    "learn_tries": COUNT,
    "reread_at": st.none() | MOMENT,
    "reread_tries": COUNT,
    "news_at": MAYBE_TIME,
    "vtex_id": TEXT,
    "oms_status": st.none() | TEXT,
    "fulfilment": st.none() | st.builds(Fulfilment, TEXT, TIME),
    "packed": st.booleans(),
    "hold": st.none() | st.builds(Hold, TIME, COUNT, COUNT),
    "claim": st.none() | st.builds(Claim, TEXT, COUNT),
    "round": st.integers(1, 9),
    "round_at": TIME,
    "vouched_at": TIME,
    "attempts": COUNT,
    "failures": COUNT,
    "batch_limit": st.none() | COUNT,
    "refusal": TEXT,
    "not_yet": st.none() | st.builds(NotYet, TIME, TIME, COUNT, COUNT, MAYBE_TIME),
    "flags": st.frozensets(st.sampled_from(Attention)),
    "last_error": TEXT,
    "history": st.lists(st.builds(Entry, TIME, TEXT, TEXT), max_size=4).map(tuple),
}


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Draw an order; its newest list often is what was ordered."""
    given = {name: draw(strategy) for name, strategy in ORDER_FIELDS.items()}
    if given["newest_list"] is not None and draw(st.booleans()):
        given["newest_list"] = ItemList(given["newest_list"].dated_at, given["ordered"])
    return Order(**given)


EVENT_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "order_id": TEXT,
    "occurred_at": TIME,
    "invoice": INVOICES,
    "items": st.none() | ITEMS.filter(bool),  # An empty list and none both mean "not said"; none is what is kept.
    "skyhub_code": TEXT,
    "remote_code": TEXT,
    "carrier": st.sampled_from(Carrier),
}
CANCELS = st.builds(OrderCanceled, order_id=TEXT, occurred_at=TIME, reason=TEXT, dated=st.booleans())
ANNOUNCEMENTS = st.builds(
    OrderAnnounced, order_id=TEXT, occurred_at=TIME, by=st.sampled_from(Announcer), state=TEXT, vtex_id=TEXT
)


def events() -> st.SearchStrategy[Event]:
    """Draw an event of any kind."""
    return st.builds(OrderInvoiced, **EVENT_FIELDS) | CANCELS | ANNOUNCEMENTS


def names(kind: type[Any]) -> set[str]:
    """Return the names of a dataclass's fields."""
    return {field.name for field in fields(kind)}
