import pytest

from worker.entrypoints.cli.terminal import complain, moving, printable, showing, tell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Lojas Americanas ação 日本", "Lojas Americanas ação 日本"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\x07b\x9bc\u202ed", "a\\x07b\\x9bc\\u202ed"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_what_could_steer_a_terminal_is_made_visible(text: str, shown: str) -> None:
    """Order ids, reasons and bodies come from strangers."""
    assert printable(text) == shown


def test_without_a_terminal_nothing_moves_and_lines_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """A log or a pipe gets the sentences alone."""
    long = "word " * 100
    with showing("at it", 3) as shown:
        shown.advance()
        shown.say("said\x1b")
    tell(long)
    complain(long)

    assert moving() is None
    assert capsys.readouterr() == (f"{long}\n", f"said\\x1b\n{long}\n")
