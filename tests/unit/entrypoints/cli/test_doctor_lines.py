"""How the doctor's findings are told to a person."""

import pytest

from worker.entrypoints.cli.doctor import _show
from worker.entrypoints.doctor.examine import Report
from worker.entrypoints.doctor.findings import Check, Finding


def test_what_is_mended_alike_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Six secrets that are missing are six lines, and one that says what to do; the next finding has its own."""
    refused = [Finding(Check.STORES_REFUSED, f"the variable {name!r} is not set") for name in "AB"]
    _show(Report([*refused, Finding(Check.BEAT_ABSENT, "no beat"), Finding(Check.WEB_OK, "1: web@here")]), only="")
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
