import io

import pytest
from rich.console import Console

from worker.entrypoints.cli.tables import fitted_table, plain_lines

_COLUMNS = ("order", "reason", "status")
_LONG = "not collectable yet: SkyHub waits for the label (invoice processed, label grouped and printed)"
_ROWS = [("BWW-Submarino-1", _LONG, "due"), ("BWW-Submarino-22", "", "waiting")]


def _drawn(width: int, *, cut: bool = False) -> list[str] | None:
    table = fitted_table(_COLUMNS, _ROWS, ("reason",), width, cut=cut)
    if table is None:
        return None
    text = io.StringIO()
    Console(width=width, file=text).print(table)
    return text.getvalue().splitlines()


def test_plain_lines_are_whole_and_aligned() -> None:
    """Nothing is cut, whatever its length; wide characters count as two; a line break in a cell breaks no line."""
    assert plain_lines([("a", "b"), ("日本", "x" * 300), ("c\nd", "")]) == ["a     b", "日本  " + "x" * 300, "c d"]


@pytest.mark.parametrize("width", [200, 100, 60])
def test_a_table_says_everything_in_the_terminals_width(width: int) -> None:
    """The long column wraps at its words; no other one is touched."""
    lines = _drawn(width)

    assert lines is not None
    assert all(len(line) <= width for line in lines)
    words = " ".join(lines).split()
    assert [word for word in words if word in _LONG.split()] == _LONG.split()
    assert any("BWW-Submarino-22" in line and "waiting" in line for line in lines)


def test_a_table_that_would_be_unreadable_is_none() -> None:
    """Then each row becomes a few lines."""
    assert _drawn(45) is None


def test_a_cut_table_has_one_line_a_row() -> None:
    """For a picture that lives: it must not be higher than the terminal."""
    lines = _drawn(60, cut=True)

    assert lines is not None
    assert sum("Submarino" in line for line in lines) == 2
    assert any("…" in line and "due" in line for line in lines)
    assert [line for line in lines if line.strip()][2:] == [line for line in lines if "Submarino" in line]
