from dataclasses import replace

import pytest

from tests.unit.domain.builders import failed, waiting, was_requested
from worker.domain.order import Attention, Order, Status
from worker.entrypoints.demo.judge import Verdict
from worker.entrypoints.demo.screen import Screen, fitting
from worker.entrypoints.demo.stories import Story

_NOTHING: frozenset[Attention] = frozenset()


def _story(code: str, status: Status = Status.REQUESTED) -> Story:
    return Story(title=f"what happened to {code}", code=code, steps=(), status=status)


def test_a_low_terminal_shows_first_what_is_still_under_way() -> None:
    """Orders that are where they should be make room, the last ones first; the others keep their places."""
    stories = [_story("1"), _story("2"), _story("3"), _story("4", Status.FAILED), _story("5")]
    orders: dict[str, Order] = {"1": was_requested(), "2": waiting(), "3": was_requested(), "4": failed()}

    def shown(most: int) -> str:
        return "".join(story.code for story in fitting(stories, orders, most))

    assert [shown(most) for most in (9, 5, 4, 3, 2, 1)] == ["12345", "12345", "1235", "125", "25", "2"]


def test_the_reason_is_shown_where_the_columns_do_not_tell_it(capsys: pytest.CaptureFixture[str]) -> None:
    """That SkyHub accepted a requested order is said by the last column."""
    skipped = "correios: ships by Correios, never requested"
    Screen(live=False).show_verdicts(
        [
            Verdict(_story("1"), "requested", "accepted by SkyHub", _NOTHING, 1, ()),
            Verdict(_story("2"), "requested", "found among SkyHub's requested orders", _NOTHING, 0, ()),
            Verdict(_story("3"), "skipped", skipped, _NOTHING, 0, ()),
        ]
    )

    said = capsys.readouterr().out
    assert "what happened to 1  " in said
    assert "accepted by SkyHub" not in said
    assert "what happened to 2; found among SkyHub's requested orders" in said
    assert f"what happened to 3; {skipped}" in said


def test_what_needs_an_operator_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """As it comes up, and in the end, with the words of `coleta orders`."""
    story = _story("1", Status.WAITING)
    attention = frozenset({Attention.WAITING_LONG, Attention.UNKNOWN_SKU})
    screen = Screen(live=False)
    with screen.watching([story]) as watch:
        watch({"1": replace(waiting(), flags=attention)}, {})
    screen.show_verdicts([Verdict(story, "waiting", "1 of 2 units invoiced", attention, 0, ())])

    said = capsys.readouterr().out
    assert "1: waiting, 1 of 2 units invoiced, attention: unknown_sku, waiting_long\n" in said
    assert "what happened to 1; 1 of 2 units invoiced; attention: unknown_sku, waiting_long" in said
