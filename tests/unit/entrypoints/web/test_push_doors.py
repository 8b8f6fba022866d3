"""The doors of VTEX's connector: invoice and cancel."""

import json
from datetime import datetime
from urllib.parse import quote

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from tests.fixtures.customer_data import FIELDS, spoken_of
from tests.fixtures.door_calls import CANCEL, INVOICE, DoorCall, named
from tests.unit.entrypoints.web.world import NOW, World, bearer
from worker.domain.events import Announcer, OrderAnnounced, OrderCanceled, OrderInvoiced
from worker.entrypoints.native_events import Origin, origin_of

BOTH = pytest.mark.parametrize("door", [INVOICE, CANCEL], ids=named)
ORIGINS = {INVOICE: Origin.INVOICE_PUSH, CANCEL: Origin.CANCEL_PUSH}


def test_a_pushed_invoice_is_in_the_inbox_when_the_answer_comes() -> None:
    """Of the order that the path names, at the time it came."""
    world = World()

    world.post(INVOICE.path("acme", "Lojas_Americanas-1"), content=INVOICE.body(""))

    (event,) = world.fleet.inbox("acme")
    assert isinstance(event, OrderInvoiced)
    assert (event.order_id, event.invoice.number, event.invoice.items) == (
        "Lojas_Americanas-1",
        "NFe-00001",
        {"345117": 1},
    )
    assert event.occurred_at == NOW
    assert world.hinted == [{"acme"}]


def test_a_pushed_cancel_is_in_the_inbox_when_the_answer_comes() -> None:
    """With a body or without."""
    world = World()

    for body in (CANCEL.body(""), b""):
        assert world.post(CANCEL.path("acme", "Submarino-1"), content=body).status_code == 200
    assert [(type(event), event.order_id) for event in world.fleet.inbox("acme")] == [
        (OrderCanceled, "Submarino-1")
    ] * 2


@BOTH
def test_the_answer_is_the_receipt_that_vtex_expects(door: DoorCall) -> None:
    """Date, order and a receipt that is another one each time."""
    first, second = (World().knock(door).json() for _ in range(2))

    assert first.keys() == {"date", "orderId", "receipt"}
    assert datetime.fromisoformat(first["date"]).timestamp() * 1000 == NOW
    assert first["orderId"] == "BWW-1"
    assert len(bytes.fromhex(first["receipt"])) == 16
    assert first["receipt"] != second["receipt"]


@BOTH
@pytest.mark.parametrize(
    "order_id", ["Lojas Americanas-1", "a/b", "a/invoice", "a%b", "ä-1", "a?b#c", "x" * 200, "é" * 200]
)
def test_an_order_id_is_decoded(door: DoorCall, order_id: str) -> None:
    """Spaces, slashes and letters of every kind; the answer repeats it."""
    world = World()

    answer = world.post(door.path("acme", quote(order_id, safe="")), content=door.body(""))

    assert (answer.status_code, answer.json()["orderId"]) == (200, order_id)
    assert [event.order_id for event in world.fleet.inbox("acme")] == [order_id]


@BOTH
@pytest.mark.parametrize("raw", ["x" * 201, "%20", "a%00b", "%FF%FE", "%E2%80%AE", "%EF%BF%BD"])
def test_what_cannot_be_an_order_id_is_422_and_kept(door: DoorCall, raw: str) -> None:
    """Too long, blank, or no text. There is no order to be read again."""
    world = World()

    answer = world.post(door.path("acme", raw), content=door.body(""))

    assert answer.status_code == 422
    assert "order id" in answer.json()["detail"]
    ((body, reason),) = world.fleet.rejected("acme")
    assert json.loads(body).keys() == door.content("").keys()
    assert origin_of(reason) is ORIGINS[door]
    assert reason.isprintable()
    assert world.fleet.writes == []


@BOTH
@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"NaN", b'{"a":' * 500 + b"1" + b"}" * 500])
def test_what_cannot_be_read_is_422_with_the_reason_and_kept(door: DoorCall, body: bytes) -> None:
    """So that an operator sees it, with the order that only the path names."""
    world = World()

    answer = world.knock(door, body)

    assert answer.status_code == 422
    ((kept, reason),) = world.fleet.rejected("acme")
    assert kept == ('{"a": "…"}' if body.startswith(b'{"a"') else body.decode(errors="replace"))
    assert reason == f"order BWW-1, by {ORIGINS[door]}: {answer.json()['detail']}"
    assert origin_of(reason) is ORIGINS[door]


@BOTH
@pytest.mark.parametrize("body", [b"{", b'["x"]', b'{"reason": ["x"], "items": 7}'])
def test_the_order_of_a_push_that_cannot_be_read_is_announced(door: DoorCall, body: bytes) -> None:
    """So that no invoice is lost for its body: the OMS is asked what happened."""
    world = World()

    assert world.post(door.path("acme", "%20Lojas_Americanas-1"), content=body).status_code == 422

    assert world.fleet.inbox("acme") == [
        OrderAnnounced(order_id="Lojas_Americanas-1", occurred_at=NOW, by=Announcer.PUSH, state="", vtex_id="")
    ]
    assert world.hinted == [{"acme"}]


@BOTH
def test_nothing_is_kept_of_a_push_whose_order_could_not_be_announced(door: DoorCall) -> None:
    """It is sent again, and then both are saved."""
    world = World()

    def fail(_: object) -> None:
        raise RedisConnectionError

    world.fleet.trouble = fail

    assert world.knock(door, b"{").status_code == 503
    assert world.fleet.rejected("acme") == []


@BOTH
def test_nothing_of_a_customer_is_kept_or_logged(door: DoorCall) -> None:
    """VTEX embeds the whole invoice, with who bought it."""
    for content in ({**FIELDS, "reason": [], "invoiceNumber": []}, [FIELDS], json.dumps(FIELDS)):
        world = World()
        with capture_logs() as logs:
            answer = world.knock(door, json.dumps(content).encode())

        assert answer.status_code == 422
        kept = world.fleet.rejected("acme")
        assert "embeddedInvoice" in str(kept)
        assert spoken_of(kept) + spoken_of(logs) + spoken_of(answer.text) + spoken_of(world.fleet.inbox("acme")) == []


def test_an_invoice_without_a_number_is_422() -> None:
    """The reason names the field."""
    answer = World().knock(INVOICE, json.dumps({"items": []}).encode())

    assert answer.status_code == 422
    assert "invoiceNumber" in answer.json()["detail"]


@BOTH
@pytest.mark.parametrize("said", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_the_content_type_does_not_matter(door: DoorCall, said: str) -> None:
    """VTEX's is not documented."""
    assert World().knock(door, headers=bearer(**{"Content-Type": said})).status_code == 200
