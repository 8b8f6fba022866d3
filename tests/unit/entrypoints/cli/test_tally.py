import io
import json

import pytest

from worker.entrypoints.cli.options import How
from worker.entrypoints.cli.tally import Tally


def _tally(wanted: int, *, dry_run: bool = False, as_json: bool = False) -> Tally:
    how = How(dry_run=dry_run, as_json=as_json)
    return Tally(verb="requested again", things="orders", keys=("store", "order_id"), wanted=wanted, how=how)


def _work(tally: Tally, done: int = 0, held: int = 0, refused: int = 0) -> None:
    with tally.working("at it"):
        for _ in range(done):
            tally.do("acme 7: would be due")
        for _ in range(held):
            tally.hold()
        for number in range(refused):
            tally.refuse("it is over", "acme", str(number))


def test_what_was_done_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line; what is zero is not said."""
    _work(_tally(1200), done=1200)

    assert capsys.readouterr() == ("requested again 1,200\n", "")


def test_refusals_are_said_as_they_come_and_end_the_process_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A script can tell from the code, a person from the sentences."""
    with pytest.raises(SystemExit) as left:
        _work(_tally(6), done=3, held=1, refused=2)

    assert left.value.code == 1
    assert capsys.readouterr() == (
        "requested again 3, requested again before 1, refused 2 (each said above)\n",
        "acme 0: it is over\nacme 1: it is over\n",
    )


def test_json_holds_everything_and_nothing_else_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """One document on standard output."""
    with pytest.raises(SystemExit):
        _work(_tally(2, as_json=True), done=1, refused=1)

    said, complained = capsys.readouterr()
    assert complained == ""
    assert json.loads(said) == {
        "requested_again": 1,
        "held": 0,
        "left": 0,
        "dry_run": False,
        "refused": [{"store": "acme", "order_id": "0", "reason": "it is over"}],
        "missed": [],
    }


def test_a_dry_run_says_what_would_be(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, and that nothing was changed."""
    _work(_tally(2, dry_run=True), done=2)

    assert capsys.readouterr().out == (
        "acme 7: would be due\nacme 7: would be due\ndry run, nothing was changed: 2 would be requested again\n"
    )


def test_what_was_done_is_said_whatever_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    """And that the others are as they were."""
    tally = _tally(5)

    def work() -> None:
        with tally.working("at it"):
            tally.do()
            tally.do()
            raise ConnectionError

    with pytest.raises(ConnectionError):
        work()

    assert capsys.readouterr().out == "requested again 2, left as they were 3\n"


def test_nothing_to_do_is_said_and_asks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads it beside the output; a script gets its counts all the same."""
    with _tally(0).working("at it", "do it") as interruption:
        assert list(interruption.until([])) == []
    assert capsys.readouterr() == ("", "no such orders: nothing to do\n")

    _work(_tally(0, as_json=True))
    assert json.loads(capsys.readouterr().out)["requested_again"] == 0


def test_a_question_is_answered_first(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody can be asked nothing is done; a dry run needs no yes."""
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(SystemExit) as left, _tally(1).working("at it", "do it"):
        pytest.fail("nobody said yes")
    with _tally(1, dry_run=True).working("at it", "do it"):
        pass

    assert left.value.code == 2
    assert "do it? Nobody can be asked here" in capsys.readouterr().err
