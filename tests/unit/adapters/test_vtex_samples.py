"""Every documented shape, in bodies of our own, comes out of its reader as what it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.samples import vtex_samples
from tests.unit.adapters.answers import answer
from tests.unit.adapters.oms_orders import SETTINGS, order
from worker.adapters.pick_and_pack import (
    PickAndPackSettings,
    is_expired,
    read_status,
    read_token,
)
from worker.adapters.pick_and_pack_webhook import read_webhook
from worker.adapters.reading import moment
from worker.adapters.vtex_connector import read_cancel, read_hook, read_invoice_push
from worker.adapters.vtex_oms.answers import read_feed, read_order
from worker.adapters.vtex_oms.calls import build_commit
from worker.domain.events import Announcer, OrderAnnounced, OrderCanceled
from worker.domain.facts import OmsOrder
from worker.domain.invoices import Invoice, Source
from worker.ports import FeedEntry, PermanentError, TransientError, UnreadableBodyError

ORDER_ID = "BWW-Lojas_Americanas-912000000011"
MARKETPLACE_ID = "Lojas_Americanas-912000000011"
RECEIVED = 1_795_176_000_000  # 2026-11-20T12:00:00Z
MINUTE = 60_000
PACKING = PickAndPackSettings("https://auth.example", "https://pnp.example", "made-up-key", timeout=20.0)


def test_a_whole_order() -> None:
    """Lines by SKU, what changes added and took out, packages by position, a return apart."""
    assert read_order(answer(vtex_samples.raw("order_full")), SETTINGS, ORDER_ID, 0) == OmsOrder(
        order_id=ORDER_ID,
        status="handling",
        items={"7001": 2, "7002": 2, "7003": 3, "7009": 1},
        removed={"7003": 2},
        invoices=(
            Invoice(
                number="NF 5001/1",
                key="35261100000000000100550010000050011000050010",
                items={"7001": 2},
                issued_at=RECEIVED + 10 * MINUTE + 20_532,
                source=Source.SNAPSHOT,
            ),
            Invoice(
                number="5002",
                key="35261100000000000100550010000050021000050020",
                items={"7002": 1},
                issued_at=RECEIVED + 10 * MINUTE + 20_500,
                source=Source.SNAPSHOT,
            ),
            Invoice(
                number="6001",
                output=False,
                items={"7001": 1},
                issued_at=RECEIVED + 24 * 60 * MINUTE,
                source=Source.SNAPSHOT,
            ),
        ),
    )


def test_a_change() -> None:
    """What is asked of the OMS stands in its order in the same form."""
    lines = [{"id": "7003", "quantity": 3}]
    read = order(items=lines, changesAttachment={"changesData": [vtex_samples.body("change")]})
    assert (read.items, read.removed) == ({"7003": 3, "7009": 2}, {"7003": 1})


def _pushed(name: str) -> Invoice:
    event = read_invoice_push(vtex_samples.raw(name), MARKETPLACE_ID, RECEIVED)
    assert (event.order_id, event.occurred_at, event.items) == (MARKETPLACE_ID, RECEIVED, None)
    return event.invoice


def test_a_push_with_and_without_tracking() -> None:
    """One invoice."""
    issued = RECEIVED - 170 * MINUTE + 20_000
    expected = Invoice(number="NF 5001/1", items={"7001": 2, "7002": 1}, issued_at=issued)
    assert _pushed("invoice_push") == _pushed("invoice_push_with_tracking") == expected


def test_a_push_with_the_whole_invoice_in_it() -> None:
    """As sellers send it to the OMS: a key, a fiscal document of many lines, a value as text."""
    invoice = _pushed("invoice_full")
    key = vtex_samples.body("invoice_full")["invoiceKey"]
    assert (invoice.number, invoice.key, invoice.items) == ("CSI-5003", key, {"7003": 3})


@pytest.mark.parametrize("name", ["invoice_push_answer", "invoice_answer"])
def test_a_receipt(name: str) -> None:
    """What the push is answered with, here and by the OMS: a readable date and two more fields."""
    receipt = vtex_samples.body(name)
    assert set(receipt) == {"date", "orderId", "receipt"}
    assert moment(receipt["date"]) is not None


def test_a_cancel() -> None:
    """Its reason is kept."""
    expected = OrderCanceled(order_id=MARKETPLACE_ID, occurred_at=RECEIVED, reason="Quebrou no estoque", dated=False)
    assert read_cancel(vtex_samples.raw("cancel"), MARKETPLACE_ID, RECEIVED) == expected


def _announced(by: Announcer, order_id: str, state: str, at: int) -> OrderAnnounced:
    return OrderAnnounced(order_id=order_id, occurred_at=at, by=by, state=state, vtex_id=order_id)


def test_a_hook_in_the_guides_form() -> None:
    """Dated by its last change."""
    expected = _announced(Announcer.HOOK, ORDER_ID, "invoiced", RECEIVED + 10 * MINUTE + 21_765)
    assert read_hook(vtex_samples.raw("hook_five_fields"), RECEIVED) == expected


def test_a_hook_in_the_openapi_form() -> None:
    """Dated by its current change."""
    at = RECEIVED + 10 * MINUTE + 45_123
    expected = _announced(Announcer.HOOK, "BWW-Submarino-912000000012", "payment-approved", at)
    assert read_hook(vtex_samples.raw("hook_seven_fields"), RECEIVED) == expected


def test_a_ping() -> None:
    """Nothing is announced."""
    assert read_hook(vtex_samples.raw("hook_ping"), RECEIVED) is None


@pytest.mark.parametrize("name", ["hook_config_orders", "hook_config_workflow"])
def test_a_hooks_configuration(name: str) -> None:
    """It is no notification."""
    with pytest.raises(UnreadableBodyError, match="OrderId: field required"):
        read_hook(vtex_samples.raw(name), RECEIVED)


def test_a_feed() -> None:
    """With a null state, a null order and a null date."""
    handle = vtex_samples.body("feed")[0]["handle"]
    assert read_feed(answer(vtex_samples.raw("feed")), SETTINGS, 0) == (
        FeedEntry(handle, ORDER_ID, "invoiced", RECEIVED + 10 * MINUTE + 45_765),
        FeedEntry("h-2", "v880012casa-01", "", RECEIVED + 10 * MINUTE + 21_123),
        FeedEntry("h-3", "", "canceled", RECEIVED + 10 * MINUTE + 45_765),
    )


def test_a_feed_of_one_event() -> None:
    """As the guide for ERPs has it."""
    (entry,) = read_feed(answer(vtex_samples.raw("feed_one_event")), SETTINGS, 0)
    assert (entry.handle, entry.order_id) == ("aXBlIGFtYXJlbG8 ...", ORDER_ID)


def test_a_commit() -> None:
    """The documented body is the one that is sent."""
    handles = vtex_samples.body("feed_commit")["handles"]
    assert json.loads(build_commit(SETTINGS, handles).body) == {"handles": handles}


def test_a_feeds_configuration() -> None:
    """It is no feed."""
    with pytest.raises(TransientError, match="not a list of the feed's events"):
        read_feed(answer(vtex_samples.raw("feed_config")), SETTINGS, 0)


def test_an_oms_error_401() -> None:
    """With VTEX's own words."""
    with pytest.raises(PermanentError, match=r"401 \(1: Acesso não autorizado\)"):
        read_order(answer(vtex_samples.raw("oms_error_401"), 401), SETTINGS, ORDER_ID, 0)


def test_an_oms_error_409() -> None:
    """With VTEX's own words."""
    with pytest.raises(PermanentError, match=r"409 \(OMS003: Order should be in handling\)"):
        read_order(answer(vtex_samples.raw("oms_error_409"), 409), SETTINGS, ORDER_ID, 0)


def _status(body: object, status: int = 200) -> str | None:
    return read_status(answer(body, status), PACKING, ORDER_ID, "made.up.token", 0)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("pick_and_pack_status_full", "WAITING_FOR_DELIVERY_COMPANY"),
        ("pick_and_pack_status_partly", "PACKING"),
        ("pick_and_pack_status_minimal", "PENDING"),
    ],
)
def test_a_status(name: str, status: str) -> None:
    """With all of the parts that may be absent, some of them, or none."""
    assert _status(vtex_samples.raw(name)) == status


@pytest.mark.parametrize(("name", "status"), [("pick_and_pack_error_400", 400), ("pick_and_pack_error_404", 404)])
def test_an_order_that_pick_and_pack_does_not_know(name: str, status: int) -> None:
    """It is none of its orders."""
    assert _status(vtex_samples.raw(name), status) is None


def test_pick_and_packs_403s() -> None:
    """One asks for a new token, the other for a person."""
    samples: dict[str, Any] = vtex_samples.body("pick_and_pack_403")
    expired, forbidden = samples["ExpiredToken"]["value"], samples["Forbidden"]["value"]
    assert is_expired(answer(expired, 403))
    assert not is_expired(answer(forbidden, 403))
    with pytest.raises(PermanentError, match="SHR0007B: You do not have access"):
        _status(forbidden, 403)


def test_pick_and_packs_401() -> None:
    """It asks for a new token."""
    assert is_expired(answer(vtex_samples.raw("pick_and_pack_error_401"), 401))


def test_pick_and_packs_500() -> None:
    """It is tried again."""
    with pytest.raises(TransientError, match=r"500 \(1003: Internal error\)"):
        _status(vtex_samples.raw("pick_and_pack_error_500"), 500)


def test_a_token() -> None:
    """Taken as it is."""
    assert read_token(answer(vtex_samples.raw("pick_and_pack_token")), PACKING, 0) == "made.up.token"


def test_a_webhook() -> None:
    """The new status is announced."""
    expected = _announced(Announcer.PICK_AND_PACK, ORDER_ID, "READY_FOR_INVOICING", RECEIVED)
    assert read_webhook(vtex_samples.raw("pick_and_pack_webhook"), RECEIVED) == expected


def test_no_sample_is_left_unread() -> None:
    """A new one needs its test, here."""
    tests = Path(__file__).read_text()
    assert [path.stem for path in vtex_samples.FOLDER.iterdir() if f'"{path.stem}"' not in tests] == []


def test_no_customer_comes_out_of_a_sample() -> None:
    """Of the full bodies only what counts is kept."""
    read = repr(read_order(answer(vtex_samples.raw("order_full")), SETTINGS, ORDER_ID, 0)) + repr(
        read_invoice_push(vtex_samples.raw("invoice_full"), MARKETPLACE_ID, RECEIVED)
    )
    for word in ("Benedita", "Inventada", "made-up@", "00000000191", "Rua que", "São Paulo", "+5511"):
        assert word not in read
        assert word in (vtex_samples.raw("order_full") + vtex_samples.raw("invoice_full")).decode()
