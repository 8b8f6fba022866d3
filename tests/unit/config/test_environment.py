import io
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest

from config.environment import inherited, takes_colour


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextIO]:
    """Give a stream to a terminal, in an environment that says nothing of colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as stream:
        yield stream
    os.close(leader)


def test_a_child_inherits_everything_but_what_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its secrets and its proxy settings are those of its parent."""
    monkeypatch.setenv("ACME_KEY", "secret")
    monkeypatch.setenv("COLETA_LOG_FORMAT", "console")

    environ = inherited({"COLETA_LOG_FORMAT": "json"})

    assert (environ["ACME_KEY"], environ["COLETA_LOG_FORMAT"]) == ("secret", "json")
    assert os.environ["COLETA_LOG_FORMAT"] == "console"


def test_a_terminal_gets_colours_and_a_file_none(terminal: TextIO) -> None:
    """Escapes in a file are in the way of whoever searches it."""
    assert takes_colour(terminal)
    assert not takes_colour(io.StringIO())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colours_gets_none(
    terminal: TextIO, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """As https://no-color.org asks for, and on a terminal that knows none."""
    monkeypatch.setenv(name, value)

    assert not takes_colour(terminal)


def test_an_empty_no_color_says_nothing(terminal: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as unset, as every variable here does."""
    monkeypatch.setenv("NO_COLOR", "")

    assert takes_colour(terminal)
