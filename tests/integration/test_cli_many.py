"""What every command asks and says when it does something to many: `coleta failed retry` stands for all."""

import json
import os
import pty
import signal

import pytest

from tests.fixtures.command_line import CommandLine, command_line
from tests.fixtures.running_parts import until
from worker.domain.order import Status

__all__ = ["command_line"]

_WHY = ("--reason", "SkyHub was mended")
_LABEL = "not_collectable: SkyHub did not list it within 10 days: is its label printed?"


def _names(count: int) -> list[str]:
    return [f"BWW-Submarino-{number}" for number in range(1, count + 1)]


def _failed(command_line: CommandLine, store: str = "acme") -> int:
    return command_line.service.fleet.ledger(store).counts()[Status.FAILED]


def test_without_a_terminal_nothing_is_done_to_several_unless_that_was_said(command_line: CommandLine) -> None:
    """The sentence says how many would be meant, and names the option."""
    command_line.fail("BWW-Submarino-1", reason=_LABEL)
    command_line.fail("BWW-Submarino-2", "BWW-Submarino-3")
    command_line.fail("Shoptime-3", store="brava")
    mend = "Nobody can be asked here: add --yes to do it, or --dry-run to see what it would do"

    for arguments, asked in (
        (("--all",), "retry 4 failed orders of 2 stores?"),
        (("acme",), "retry 3 failed orders of store acme?"),
        (("--store", "brava"), "retry 1 failed order of store brava?"),
        (("--like", "label"), "retry 1 failed order of store acme?"),
        (("acme", "1", "2"), "retry 2 orders of store acme?"),
    ):
        done = command_line.run("failed", "retry", *arguments, *_WHY)

        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"coleta: {asked} {mend}\n")
    assert _failed(command_line) + _failed(command_line, "brava") == 4


def test_a_terminal_is_asked(command_line: CommandLine) -> None:
    """Only a yes does it."""
    command_line.fail(*_names(3))

    for typed, code, said, left in (
        ("\n", 1, "nothing was changed", 3),
        ("n\n", 1, "nothing was changed", 3),
        ("\x04", 1, "nothing was changed", 3),
        ("YES\n", 0, "retried 3", 0),
    ):
        found, shown = command_line.on_terminal(100, "failed", "retry", "--all", *_WHY, typed=typed)

        assert "retry 3 failed orders of store acme? [y/N]" in shown
        assert (found, _failed(command_line)) == (code, left), typed
        assert said in shown


def test_a_terminal_shows_how_far_it_is_unless_nothing_may_move(command_line: CommandLine) -> None:
    """A bar where a terminal obeys; NO_COLOR gets the sum alone, without an escape."""
    command_line.fail(*_names(3))
    command = ("failed", "retry", "--all", *_WHY, "--yes")

    _, moving = command_line.on_terminal(100, *command)
    command_line.fail("BWW-Submarino-4", "BWW-Submarino-5")
    _, still = command_line.on_terminal(100, *command, NO_COLOR="1")

    assert "3/3" in moving
    assert still == "retried 2\r\n"


def test_thousands_are_retried_in_one_go(command_line: CommandLine) -> None:
    """Those that were discarded meanwhile are not among them; JSON says the sum."""
    command_line.fail(*_names(2000))
    command_line.fail("Shoptime-3", store="brava")

    told = command_line.run("failed", "discard", "--like", "unknown", *_WHY, "--store", "brava", "--yes")
    done = command_line.json("failed", "retry", "--all", *_WHY, "--yes")

    assert told.stdout == "discarded 1\n"
    assert done == {"retried": 2000, "held": 0, "left": 0, "dry_run": False, "refused": [], "missed": []}
    assert _failed(command_line) == 0
    history = command_line.order("BWW-Submarino-1999").history
    assert [entry.event for entry in history][-3:] == ["operator.retried", "order.waiting", "order.due"]
    assert history[-3].detail == "SkyHub was mended"


def test_nothing_that_fits_is_no_error(command_line: CommandLine) -> None:
    """Nobody is asked, and nothing is said to be wrong."""
    done = command_line.run("failed", "retry", "--all", *_WHY)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no such orders: nothing to do\n")
    assert command_line.json("failed", "discard", "--all", *_WHY)["discarded"] == 0


def test_a_dry_run_names_each_and_asks_nobody(command_line: CommandLine) -> None:
    """What it would be; all stay failed."""
    command_line.fail(*_names(2))

    done = command_line.run("failed", "retry", "--all", *_WHY, "--dry-run")

    assert done.stdout == (
        "acme BWW-Submarino-1: would be due\n"
        "acme BWW-Submarino-2: would be due\n"
        "dry run, nothing was changed: 2 would be retried\n"
    )
    assert _failed(command_line) == 2


def test_what_a_colleague_does_while_the_question_stands_is_respected(command_line: CommandLine) -> None:
    """An order that was discarded meanwhile is not revived; the other one is retried."""
    command_line.fail(*_names(2))
    ours, its = pty.openpty()
    with command_line.started("failed", "retry", "--all", *_WHY, stdin=its) as process:
        os.close(its)
        assert process.stderr is not None
        asked = process.stderr.read(len("retry 2 failed orders of store acme? [y/N] "))
        command_line.run("failed", "discard", "acme", "1", "--reason", "sold elsewhere")
        os.write(ours, b"y\n")
        told, complained = process.communicate(timeout=60)
    os.close(ours)

    assert asked.endswith("[y/N] ")
    assert (process.returncode, told) == (1, "retried 1, refused 1 (said above)\n")
    assert complained.startswith(
        "acme BWW-Submarino-1: it changed meanwhile: it is canceled (discarded: sold elsewhere)"
    )
    assert command_line.order("BWW-Submarino-1").status is Status.CANCELED


def test_two_at_once_have_one_effect(command_line: CommandLine) -> None:
    """Each order is retried by one of them, and its history says so once."""
    command_line.fail(*_names(300))
    both = [command_line.started("failed", "retry", "--all", *_WHY, "--yes", "--json") for _ in range(2)]
    told = [json.loads(process.communicate(timeout=60)[0]) for process in both]

    assert sum(each["retried"] for each in told) == 300
    assert all("only a failed or canceled order" in each["reason"] for one in told for each in one["refused"])
    retried = [entry.event for entry in command_line.order("BWW-Submarino-7").history].count("operator.retried")
    assert (retried, _failed(command_line)) == (1, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_what_it_has_done(command_line: CommandLine, number: signal.Signals) -> None:
    """What was begun is finished; the sum is that of the ledger, and the process ends as the signal ends it."""
    command_line.fail(*_names(2000))
    with command_line.started("failed", "retry", "--all", *_WHY, "--yes", "--json") as process:
        until(lambda: _failed(command_line) < 2000, "the first orders are retried")
        process.send_signal(number)
        told = json.loads(process.communicate(timeout=60)[0])

    assert process.returncode == 128 + number
    assert told["retried"] == 2000 - _failed(command_line)
    assert told["left"] == _failed(command_line) > 0
