import pytest

from worker.entrypoints.cli.agreeing import agree


def test_where_nobody_can_be_asked_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names what was to be done, and the option that does it; exit code 2."""
    with pytest.raises(SystemExit) as left:
        agree("retry 12 failed orders of 2 stores?", yes=False)

    assert left.value.code == 2
    mend = "add --yes to do it, or --dry-run to see what it would do"
    assert capsys.readouterr().err == (
        f"coleta: retry 12 failed orders of 2 stores? Nobody can be asked here: {mend}\n"
    )


def test_a_yes_that_was_said_before_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts say it."""
    agree("retry 12 failed orders of 2 stores?", yes=True)

    assert capsys.readouterr() == ("", "")
