"""What Pick and Pack's webhook says, in every form that it may have."""

import json
from collections.abc import Mapping

import pytest

from worker.adapters.pick_and_pack_webhook import read_webhook
from worker.domain.events import Announcer, OrderAnnounced
from worker.ports import UnreadableBodyError


def webhook(**fields: object) -> OrderAnnounced:
    """Read a webhook with these fields."""
    body = {"orderId": "A-1", "oldStatus": "PENDING", "newStatus": "PACKING", "hostname": "acme", **fields}
    return read_webhook(json.dumps(body).encode(), 1_000)


def test_a_webhook_announces_the_new_status() -> None:
    """Dated by its arrival, in capitals; more fields may come."""
    expected = OrderAnnounced(
        order_id="A-1", occurred_at=1_000, by=Announcer.PICK_AND_PACK, state="INVOICED", vtex_id="A-1"
    )
    assert webhook(newStatus=" invoiced ", orderId=" A-1 ", oldStatus=None, customer={"name": "Ana"}) == expected
    assert webhook(orderId=253).order_id == "253"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"orderId": None}, "orderId: found None, "),
        ({"orderId": ""}, "orderId: found '', "),
        ({"orderId": "A" * 201}, "orderId: found 'AAA"),
        ({"newStatus": {"is": "Ana"}}, "newStatus: found an object, "),
        ({"newStatus": None, "orderId": []}, "orderId: found a list, .*; newStatus: found None, "),
    ],
)
def test_a_webhook_that_cannot_be_read_says_why(fields: Mapping[str, object], reason: str) -> None:
    """With each field, what was found, and what belongs there."""
    with pytest.raises(UnreadableBodyError, match=reason):
        webhook(**fields)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"A-1"', b"{}", b"\xff", b"[" * 9_999])
def test_what_is_no_webhook_is_refused(body: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(UnreadableBodyError):
        read_webhook(body, 1_000)
