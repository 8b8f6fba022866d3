"""Answers to reads of SkyHub: what is readable is read, what is not never passes for an end or an empty page."""

from collections.abc import Callable

import pytest

from tests.fixtures.skyhub_account import skyhub_account
from tests.unit.adapters.answers import answer
from worker.adapters.http import Answer
from worker.adapters.skyhub.answers import read_collectables, read_invoiced, read_order
from worker.adapters.skyhub.calls import SkyHubSettings
from worker.ports import PermanentError, TransientError

SETTINGS = skyhub_account()
Reader = Callable[[Answer, SkyHubSettings, float], object]
READERS: list[Reader] = [read_collectables, read_order, read_invoiced]


def codes(body: object) -> tuple[str, ...]:
    """Read a page of collectables."""
    return read_collectables(answer(body), SETTINGS, 0)


def test_a_page_of_collectables_gives_its_codes() -> None:
    """Codes come as text in the order of the page, numbers included."""
    rows = [{"code": "350755608801", "customer": "Ana", "value": 10.0}, {"code": 266580617301}, {"code": " 7 "}]
    assert codes({"orders": rows}) == ("350755608801", "266580617301", "7")
    assert codes({"orders": [{"code": 350755608801.0}]}) == ("350755608801",)


def test_an_empty_list_is_the_end() -> None:
    """Only a body with an empty `orders` list ends the paging."""
    assert codes({"orders": []}) == ()


@pytest.mark.parametrize(
    "row", [{}, {"code": None}, {"code": ""}, {"code": "  "}, {"code": True}, {"code": 1.5}, {"code": {}}, "1", None]
)
def test_one_unreadable_row_spoils_its_page(row: object) -> None:
    """A cut list must not pass for a complete one."""
    with pytest.raises(TransientError):
        codes({"orders": [{"code": "1"}, row]})


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b'{"orders":[{"code":"1"}',
        b"<html>ok</html>",
        b"\xff",
        b"[" * 100_000,
        {},
        [],
        [{"code": "1"}],
        None,
        "orders",
        {"orders": None},
        {"orders": {}},
        {"orders": ""},
        {"result": "erro", "message": "tente mais tarde"},
    ],
)
def test_a_200_that_cannot_be_read_is_tried_again(reader: Reader, body: object) -> None:
    """No body but the documented one is taken for an empty page or an unknown order."""
    with pytest.raises(TransientError):
        reader(answer(body), SETTINGS, 0)


def test_an_unreadable_body_is_named_without_quoting_it() -> None:
    """Lists and orders hold customers' names; SkyHub's own message may be told."""
    for body in (b'{"customer":"Ana Maria"', {"orders": [{"customer": "Ana Maria"}]}, {"customer": "Ana Maria"}):
        for reader in READERS:
            with pytest.raises(TransientError) as raised:
                reader(answer(body), SETTINGS, 0)
            assert "Ana" not in raised.value.reason
            assert raised.value.__cause__ is None
    with pytest.raises(TransientError, match="tente mais tarde"):
        codes({"result": "erro", "message": "tente mais tarde"})


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("body", [b"", b'{"error":"x"}', b"<html>x</html>", b'{"orders":[]}'])
def test_statuses_of_reads_are_sorted(reader: Reader, body: bytes) -> None:
    """What passes by itself is transient; what a person must mend is permanent, whatever the body."""
    for status in (301, 302, 408, 409, 423, 425, 429, 500, 502, 503, 504, 599):
        with pytest.raises(TransientError, match=str(status)):
            reader(answer(body, status), SETTINGS, 0)
    about_one_order = () if reader is read_order else (400, 410, 422)
    for status in (401, 403, 405, 406, 415, 451, *about_one_order):
        with pytest.raises(PermanentError, match=str(status)):
            reader(answer(body, status), SETTINGS, 0)


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_code_that_skyhub_refuses_is_an_unknown_order(status: int) -> None:
    """It says nothing about the account: one order never pauses its store."""
    assert read_order(answer({"error": "codigo invalido"}, status), SETTINGS, 0) is None


def test_a_404_is_an_unknown_order_but_a_missing_list_is_an_error() -> None:
    """Only a single order may not exist."""
    assert read_order(answer({"error": "Pedido nao encontrado"}, 404), SETTINGS, 0) is None
    for reader in (read_collectables, read_invoiced):
        with pytest.raises(PermanentError, match="base_url"):
            reader(answer(b"", 404), SETTINGS, 0)


@pytest.mark.parametrize("status", [429, 503])
def test_a_transient_answer_brings_its_retry_after(status: int) -> None:
    """The caller waits as long as SkyHub asked."""
    with pytest.raises(TransientError) as raised:
        read_collectables(answer(b"", status, retry_after="15"), SETTINGS, 0)
    assert raised.value.retry_after == 15


def test_an_unreadable_order_does_not_lose_its_page() -> None:
    """The other orders of a bulk page are read, and the total stays SkyHub's."""
    rows = [{"code": "A-1"}, {"code": None}, "x", {"code": "A-2", "status": 5}, {"order": {"code": "A-3"}}]
    page = read_invoiced(answer({"total": "250", "orders": rows}), SETTINGS, 0)
    assert [found.code for found in page.orders] == ["A-1", "A-3"]
    assert page.total == 250


@pytest.mark.parametrize("total", [None, "", "many", -1, True, {}])
def test_a_bulk_page_without_a_total_is_unreadable(total: object) -> None:
    """A guessed total would end the paging too soon."""
    with pytest.raises(TransientError, match="total"):
        read_invoiced(answer({"total": total, "orders": []}), SETTINGS, 0)
