"""How the doctor's findings are told to a person."""

import pytest

from worker.entrypoints.cli.doctor import _show
from worker.entrypoints.doctor.examine import Report
from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.doctor.one_store import StoreReport
from worker.entrypoints.doctor.skyhub_answers import Answer


def test_what_is_mended_alike_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Six secrets that are missing are six lines, and one that says what to do; the next finding has its own."""
    refused = [Finding(Check.STORES_REFUSED, f"the variable {name!r} is not set") for name in "AB"]
    _show(
        Report([*refused, Finding(Check.BEAT_ABSENT, "no beat"), Finding(Check.WEB_OK, "1: web@here")]),
        only="",
        questions=False,
    )
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "problem  stores.refused: the variable 'A' is not set",
        "problem  stores.refused: the variable 'B' is not set",
        f"         -> {Check.STORES_REFUSED.advice}",
        "problem  beat.absent: no beat",
        f"         -> {Check.BEAT_ABSENT.advice}",
        "ok       web.ok: 1: web@here",
    ]
    assert told.err == "3 problems, 0 warnings\n"


def test_what_was_advised_for_one_store_is_not_repeated_for_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """Three stores whose keys were mistyped alike are three lines, and one that says what to do."""
    stores = [StoreReport(name, [Finding(Check.SKYHUB_UNAUTHORIZED, "401", name)]) for name in "abc"]
    _show(Report([], stores), only="", questions=False)

    assert capsys.readouterr().out.count(Check.SKYHUB_UNAUTHORIZED.advice) == 1


def test_open_questions_are_shown_to_who_asks(capsys: pytest.CaptureFixture[str]) -> None:
    """Else one line says how to ask."""
    report = Report([], [StoreReport("acme", [], [Answer("does a page hold 20 orders?", "a full page holds 20")])])
    _show(report, only="", questions=False)
    quiet = capsys.readouterr().out
    _show(report, only="", questions=True)
    asked = capsys.readouterr().out

    how = "coleta doctor --questions shows what SkyHub's accounts tell of what its documents leave open\n"
    assert quiet == f"\nstore acme\n\n{how}"
    assert "- does a page hold 20 orders? a full page holds 20\n" in asked
    assert how not in asked
