"""Every documented shape, in bodies of our own, comes out of its reader as what it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.door_calls import INVOICE
from tests.samples import vtex_samples
from tests.unit.adapters.answers import answer
from tests.unit.adapters.oms_orders import SETTINGS, order
from tests.unit.entrypoints.web.world import World
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


def test_the_documented_order_is_read_to_its_last_part() -> None:
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


def test_the_documented_change_is_read_where_it_stands_in_an_order() -> None:
    """As it is asked of the OMS: what it added, and what it took out."""
    lines = [{"id": "7003", "quantity": 3}]
    read = order(items=lines, changesAttachment={"changesData": [vtex_samples.body("change")]})
    assert (read.items, read.removed) == ({"7003": 3, "7009": 2}, {"7003": 1})


def _pushed(name: str) -> Invoice:
    event = read_invoice_push(vtex_samples.raw(name), MARKETPLACE_ID, RECEIVED)
    assert (event.order_id, event.occurred_at, event.items) == (MARKETPLACE_ID, RECEIVED, None)
    return event.invoice


def test_the_documented_push_is_one_invoice_with_or_without_tracking() -> None:
    """It cannot count twice."""
    issued = RECEIVED - 170 * MINUTE + 20_000
    expected = Invoice(number="NF 5001/1", items={"7001": 2, "7002": 1}, issued_at=issued)
    assert _pushed("invoice_push") == _pushed("invoice_push_with_tracking") == expected


def test_the_whole_invoice_that_sellers_send_to_the_oms_is_read_as_a_push() -> None:
    """With a key, a fiscal document of many lines, a value as text."""
    invoice = _pushed("invoice_full")
    key = vtex_samples.body("invoice_full")["invoiceKey"]
    assert (invoice.number, invoice.key, invoice.items) == ("CSI-5003", key, {"7003": 3})


@pytest.mark.parametrize("name", ["invoice_push_answer", "invoice_answer"])
def test_our_answer_to_a_push_has_the_documented_keys(name: str) -> None:
    """As the OMS answers sellers, so do we answer VTEX; both dates can be read."""
    documented, ours = vtex_samples.body(name), World().knock(INVOICE).json()
    assert ours.keys() == documented.keys()
    assert moment(documented["date"]) is not None
    assert moment(ours["date"]) is not None


def test_the_documented_cancel_keeps_its_reason() -> None:
    """It states no time of its own."""
    expected = OrderCanceled(order_id=MARKETPLACE_ID, occurred_at=RECEIVED, reason="Quebrou no estoque", dated=False)
    assert read_cancel(vtex_samples.raw("cancel"), MARKETPLACE_ID, RECEIVED) == expected


def _announced(by: Announcer, order_id: str, state: str, at: int) -> OrderAnnounced:
    return OrderAnnounced(order_id=order_id, occurred_at=at, by=by, state=state, vtex_id=order_id)


def test_a_hook_in_the_guides_form_is_dated_by_its_last_change() -> None:
    """It has no other date."""
    expected = _announced(Announcer.HOOK, ORDER_ID, "invoiced", RECEIVED + 10 * MINUTE + 21_765)
    assert read_hook(vtex_samples.raw("hook_five_fields"), RECEIVED) == expected


def test_a_hook_in_the_openapi_form_is_dated_by_its_current_change() -> None:
    """Where there is one, it outranks the last change."""
    at = RECEIVED + 10 * MINUTE + 45_123
    expected = _announced(Announcer.HOOK, "BWW-Submarino-912000000012", "payment-approved", at)
    assert read_hook(vtex_samples.raw("hook_seven_fields"), RECEIVED) == expected


def test_the_documented_ping_announces_nothing() -> None:
    """And is no failure."""
    assert read_hook(vtex_samples.raw("hook_ping"), RECEIVED) is None


@pytest.mark.parametrize("name", ["hook_config_orders", "hook_config_workflow"])
def test_a_hooks_configuration_is_no_notification(name: str) -> None:
    """What is missing is named."""
    with pytest.raises(UnreadableBodyError, match="OrderId: field required"):
        read_hook(vtex_samples.raw(name), RECEIVED)


def test_the_documented_feed_is_read_event_by_event() -> None:
    """Also where the state, the order or a date is null."""
    handle = vtex_samples.body("feed")[0]["handle"]
    assert read_feed(answer(vtex_samples.raw("feed")), SETTINGS, 0) == (
        FeedEntry(handle, ORDER_ID, "invoiced", RECEIVED + 10 * MINUTE + 45_765),
        FeedEntry("h-2", "v880012casa-01", "", RECEIVED + 10 * MINUTE + 21_123),
        FeedEntry("h-3", "", "canceled", RECEIVED + 10 * MINUTE + 45_765),
    )


def test_the_feed_of_the_guide_for_erps_is_read() -> None:
    """Its only event, with the handle as it is."""
    (entry,) = read_feed(answer(vtex_samples.raw("feed_one_event")), SETTINGS, 0)
    assert (entry.handle, entry.order_id) == ("aXBlIGFtYXJlbG8 ...", ORDER_ID)


def test_a_commit_sends_the_documented_body() -> None:
    """Every character of a handle kept."""
    handles = vtex_samples.body("feed_commit")["handles"]
    assert json.loads(build_commit(SETTINGS, handles).body) == {"handles": handles}


def test_a_feeds_configuration_is_no_feed() -> None:
    """It does not pass for an empty one."""
    with pytest.raises(TransientError, match="not a list of the feed's events"):
        read_feed(answer(vtex_samples.raw("feed_config")), SETTINGS, 0)


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("oms_error_401", 401, r"401 \(1: Acesso não autorizado\)"),
        ("oms_error_409", 409, r"409 \(OMS003: Order should be in handling\)"),
    ],
)
def test_an_error_of_the_oms_is_told_in_vtexs_own_words(name: str, status: int, said: str) -> None:
    """A person can look them up."""
    with pytest.raises(PermanentError, match=said):
        read_order(answer(vtex_samples.raw(name), status), SETTINGS, ORDER_ID, 0)


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
def test_every_documented_form_of_a_status_is_read(name: str, status: str) -> None:
    """With all of the parts that may be absent, some of them, or none."""
    assert _status(vtex_samples.raw(name)) == status


@pytest.mark.parametrize(("name", "status"), [("pick_and_pack_error_400", 400), ("pick_and_pack_error_404", 404)])
def test_an_order_that_pick_and_pack_does_not_know_has_no_status(name: str, status: int) -> None:
    """Both documented answers say so; neither is a failure."""
    assert _status(vtex_samples.raw(name), status) is None


def test_of_pick_and_packs_403s_one_asks_for_a_token_and_one_for_a_person() -> None:
    """By its code, not by its words."""
    samples: dict[str, Any] = vtex_samples.body("pick_and_pack_403")
    expired, forbidden = samples["ExpiredToken"]["value"], samples["Forbidden"]["value"]
    assert is_expired(answer(expired, 403))
    assert not is_expired(answer(forbidden, 403))
    with pytest.raises(PermanentError, match="SHR0007B: You do not have access"):
        _status(forbidden, 403)


def test_pick_and_packs_401_asks_for_a_new_token() -> None:
    """Whatever its body says."""
    assert is_expired(answer(vtex_samples.raw("pick_and_pack_error_401"), 401))


def test_pick_and_packs_500_is_tried_again() -> None:
    """Its own words are told."""
    with pytest.raises(TransientError, match=r"500 \(1003: Internal error\)"):
        _status(vtex_samples.raw("pick_and_pack_error_500"), 500)


def test_the_documented_token_is_taken_as_it_is() -> None:
    """Without the message beside it."""
    assert read_token(answer(vtex_samples.raw("pick_and_pack_token")), PACKING, 0) == "made.up.token"


def test_the_documented_webhook_announces_the_new_status() -> None:
    """Dated by its arrival."""
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
