"""docs/doctor.md lists every finding as the code has it."""

import re
from pathlib import Path

from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.doctor.skyhub_answers import NOT_BY_READING, Pages, Seen, answers

_PAGE = (Path(__file__).parents[4] / "docs" / "doctor.md").read_text(encoding="utf-8")
_ROWS = [re.split(r"\s*(?<!\\)\|\s*", line.strip("| ")) for line in _PAGE.splitlines() if line.startswith("| `")]


def test_the_table_holds_every_finding_in_the_codes_order() -> None:
    """Its name, its level, what it means and what to do, word for word; who changes one changes both."""
    expected = [[f"`{each.title}`", each.level.value, each.means, Finding(each, "").advice] for each in Check]

    assert [row + [""] * (4 - len(row)) for row in _ROWS] == expected


def test_the_page_says_what_reading_answers_and_what_it_cannot() -> None:
    """Each question that is answered, and each that only confirming could tell."""
    asked = [answer.question for answer in answers(Seen(pages=Pages()))]

    assert [line.removeprefix("- ") for line in _PAGE.splitlines() if line.startswith("- ")] == [
        *asked,
        *NOT_BY_READING,
    ]


def test_a_finding_has_a_name_of_its_own() -> None:
    """A filter on the JSON goes by it; whatever is no mere statement says what to do."""
    assert len({each.title for each in Check}) == len(Check)
    assert [each.title for each in Check if not each.advice and not each.title.endswith(".ok")] == []
