"""What a real account tells about the contract's open questions, from pages as accounts may give them."""

import pytest

from worker.adapters.skyhub import OrderShape
from worker.entrypoints.doctor.findings import Check
from worker.entrypoints.doctor.skyhub_answers import Answer, Pages, Seen, Throttled, answers


def _codes(first: int, count: int = 20, prefix: str = "") -> tuple[str, ...]:
    return tuple(f"{prefix}{350_755_608_000 + number}" for number in range(first, first + count))


AS_DOCUMENTED = Pages(open=(_codes(0), _codes(20, 3)), taken=(_codes(100), _codes(120)), zero=())


def _shape(
    remote: str = "350755608000", *, code: str = "", status: str = "INVOICED", kind: str = "b2wentregadirect"
) -> OrderShape:
    return OrderShape(code or f"Submarino-{remote}", remote, status, kind)


def _follows(pages: Pages = AS_DOCUMENTED, *shapes: OrderShape) -> dict[Check, str]:
    """Return what an account's answers mean for the service."""
    return {each.check: each.said for each in answers(Seen(pages=pages, shapes=shapes)) if each.check}


def _said(question: str, given: list[Answer]) -> str:
    (answer,) = [each for each in given if question in each.question]
    return answer.said


def test_an_account_as_documented_contradicts_nothing() -> None:
    """Each question has its answer, and none of them asks for anything."""
    given = answers(Seen(pages=AS_DOCUMENTED, shapes=[_shape(), _shape("350755608100", status="INVOICED")]))

    assert [answer.check for answer in given if answer.check] == []
    assert _said("channel's prefix", given) == "yes, all that were read (63)"
    assert _said("hold 20", given) == "a full page holds 20"
    assert _said("first page", given) == "yes: page 0 is empty or refused"
    assert _said("count pages", given) == "yes"
    assert _said("both lists", given) == "none of those that were read do"
    assert _said("Direct's", given) == "yes, all that were found among the orders (1)"
    assert _said("once its pickup is requested", given) == "INVOICED 1"
    assert _said("429", given) == "not seen: none was met (it is never provoked)"


def test_an_account_without_orders_answers_nothing() -> None:
    """Not seen is no yes."""
    given = answers(Seen(pages=Pages(open=((),), taken=((),))))

    assert all(answer.said.startswith("not seen") for answer in given)
    assert [answer.check for answer in given if answer.check] == []


@pytest.mark.parametrize(
    ("pages", "check", "said"),
    [
        (
            Pages(open=(_codes(0, 3, "Lojas Americanas-"), ())),
            Check.SKYHUB_CODES_PREFIXED,
            "no: 3 of 3 have one, for instance 'Lojas Americanas-350755608000'",
        ),
        (Pages(open=(_codes(0, 50), _codes(50, 1))), Check.SKYHUB_PAGE_SIZE, "a full page holds 50"),
        (Pages(open=(_codes(0, 30), ())), Check.SKYHUB_PAGE_SIZE, "a full page holds 30"),
        (
            Pages(open=(_codes(20), _codes(40)), zero=_codes(0)),
            Check.SKYHUB_PAGES_SHIFTED,
            "no: page 0 holds other orders than page 1",
        ),
        (Pages(open=(_codes(1), _codes(2))), Check.SKYHUB_PAGES_SHIFTED, "no: pages 1 and 2 share 19 orders"),
    ],
)
def test_lists_of_another_kind_are_noticed(pages: Pages, check: Check, said: str) -> None:
    """Prefix, page size, where numbers begin, and rows counted instead of pages."""
    assert _follows(pages) == {check: said}


def test_an_order_that_moves_while_pages_are_read_is_no_alarm() -> None:
    """The lists live: one that was requested meanwhile shifts the next page by a row."""
    assert _follows(Pages(open=(_codes(0), _codes(19)), zero=_codes(0))) == {}


@pytest.mark.parametrize(
    ("shape", "check"),
    [
        (_shape(status="ON_HOLD"), Check.SKYHUB_UNKNOWN_STATUS),
        (_shape(kind="b2wentregalog"), Check.SKYHUB_UNKNOWN_CARRIER),
        (OrderShape("Submarino-9", "", "INVOICED", "b2wentregadirect"), Check.SKYHUB_NO_REMOTE_CODE),
        (_shape(kind="b2wentregacorreios"), Check.SKYHUB_NOT_DIRECT),
    ],
)
def test_orders_of_another_kind_are_noticed(shape: OrderShape, check: Check) -> None:
    """Each with an instance."""
    assert check in _follows(AS_DOCUMENTED, shape)


@pytest.mark.parametrize(
    ("remote", "said"),
    [("1517940500554-01", "kept in 1"), ("1517940500554", "dropped in 1")],
)
def test_the_suffix_of_a_code_is_looked_for_in_its_remote_code(remote: str, said: str) -> None:
    """What no public source settles."""
    shape = _shape(remote, code="Lojas Americanas-1517940500554-01")

    assert _said("-01", answers(Seen(pages=AS_DOCUMENTED, shapes=[shape]))) == said


def test_a_429_that_was_met_is_quoted() -> None:
    """Its words, and whether it says how long to wait."""
    given = answers(Seen(pages=Pages(), throttled=[Throttled("SkyHub answered 429: slow (no Retry-After)")]))

    assert _said("429", given) == "SkyHub answered 429: slow (no Retry-After)"
