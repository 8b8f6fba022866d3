"""Orders and events as the contract suite uses them."""

from typing import Any

from worker.domain.events import Dropped, OrderCanceled, OrderInvoiced
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.invoices import Invoice, Source, Version
from worker.domain.order import At, Attention, Claim, Entry, Fulfilment, Hold, ItemList, NotYet, Order, Status, When
from worker.ports import Backlog, Change, Drain, Drop, Lease, Ledger, Pause, Saved, Unreadable

FULL_ORDER = Order(
    order_id="BWW-Lojas_Americanas-1:ção",
    skyhub_code="Lojas Americanas-1",
    remote_code="1-01",
    guessed_codes=("1", "2"),
    code_frozen=True,
    status=Status.REQUESTING,
    reason="a reason: “quoted”",
    at=At(1_900_000_000_123),
    created_at=1_700_000_000_001,
    requested_at=1_700_000_000_002,
    canceled_at=1_700_000_000_003,
    cancel_reason="changed their mind",
    dismissed_at=1_699_999_999_000,
    released=True,
    uncertain=True,
    ordered={"a": 1, "b": 2},
    newest_list=ItemList(1_700_000_000_004, {"a": 1}),
    invoices=(
        Invoice(
            number="4021-1",
            key="35",
            output=False,
            items={"a": 1},
            issued_at=5,
            dated_at=6,
            source=Source.SNAPSHOT,
            aliases=frozenset({"number:7"}),
            replaced=(Version(None, Source.PUSHED, "ab"), Version(8, Source.SNAPSHOT, "cd")),
        ),
        Invoice(number="4022-1", items={}),
    ),
    carriers={
        Authority.EVENT: CarrierClaim(Carrier.CORREIOS, 9),
        Authority.SKYHUB: CarrierClaim(Carrier.DIRECT, 10),
    },
    learn_at=At(1_900_000_000_456),
    learn_tries=3,
    reread_at=At(1_900_000_000_789),
    reread_tries=2,
    news_at=1_700_000_000_006,
    vtex_id="BWW-Lojas_Americanas-1",
    oms_status="",
    fulfilment=Fulfilment("PACKING", 1_700_000_000_007),
    packed=True,
    hold=Hold(1_700_000_000_008, 2, 1),
    claim=Claim("token", 25),
    round=2,
    round_at=1_700_000_000_003,
    vouched_at=1_700_000_000_004,
    attempts=4,
    failures=1,
    batch_limit=5,
    refusal="no",
    not_yet=NotYet(11, 12, 13, 14, 15),
    flags=frozenset({Attention.LISTED_AFTER_REQUEST}),
    last_error="timeout",
    history=(Entry(1, "order.opened"), Entry(2, "order.due", "detail")),
)

FULL_EVENT = OrderInvoiced(
    order_id="BWW-Lojas_Americanas-1",
    occurred_at=1_700_000_000_000,
    invoice=Invoice(number="4021-1", key="35", items={"ção": 2}, issued_at=1, dated_at=2),
    items={"ção": 2, "b": 1},
    skyhub_code="Lojas Americanas-1",
    remote_code="1",
    carrier=Carrier.DIRECT,
)


def order(order_id: str = "BWW-Site-1", status: Status = Status.WAITING, **given: Any) -> Order:  # noqa: ANN401 - an order's fields
    """Return an order with what a test is about."""
    return Order(**{"order_id": order_id, "skyhub_code": "Site-1", "created_at": 1, "status": status, **given})


def canceled(order_id: str = "BWW-Site-1") -> OrderCanceled:
    """Return the smallest event."""
    return OrderCanceled(order_id=order_id, occurred_at=1_700_000_000_000, reason="no stock")


def unreadable(body: str = "{", reason: str = "no JSON") -> Unreadable:
    """Return something that is no event."""
    return Unreadable(body, reason)


def rejecting(entry_id: str, body: str = "{", reason: str = "no JSON") -> Drop:
    """Return the drop of an entry that is kept as rejected."""
    return Drop(entry_id, Dropped.REJECTED, Unreadable(body, reason))


def keep(ledger: Ledger, *orders: Order, version: int = 0) -> None:
    """Save orders that nobody else touches."""
    results = ledger.save([Change(order=each, version=version) for each in orders])
    assert results == [Saved(version + 1)] * len(orders)


def taken(ledger: Ledger, drain: Drain = Drain.PICKUPS) -> Lease:
    """Take a drain that is free."""
    lease = ledger.lease(drain)
    assert lease is not None
    return lease


def a_backlog(store: str = "acme", **given: Any) -> Backlog:  # noqa: ANN401 - a backlog's fields
    """Describe a store in which nothing waits but what a test is about."""
    return Backlog(**{"store": store, "inbox": 0, "due": 0, "expired": 0, "learns": 0, "pause": Pause(), **given})


def ms(when: When | None) -> int:
    """Return the time of a stored moment."""
    assert isinstance(when, At)
    return when.ms
