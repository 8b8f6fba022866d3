"""What commands say where a store, or the whole deployment, does not move."""

import re

import pytest

from tests.fakes.memory_processes import a_trace
from tests.fixtures.command_line import CommandLine, an_event, command_line
from worker.adapters.native_event import read
from worker.adapters.redis_ledger import RedisMeters
from worker.adapters.redis_ledger.processes import RedisProcesses

__all__ = ["command_line"]

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def test_orders_of_a_paused_store_name_no_time_that_is_not_kept(command_line: CommandLine) -> None:
    """Neither in the list nor of one order; the JSON keeps the order's own time."""
    command_line.record(an_event("BWW-Submarino-1"), an_event("Shoptime-4", store="brava"))
    assert command_line.run("stores", "pause", "brava", "--reason", "holidays").returncode == 0

    listed = command_line.run("orders", "--status", "due")
    shown = command_line.run("order", "brava", "Shoptime-4").stdout

    rows = {row[1]: row[4] for row in (re.split(r"\s{2,}", line) for line in listed.stdout.splitlines()[1:])}
    assert rows["Shoptime-4"] == "when the store goes on"
    assert re.fullmatch(_TIME, rows["BWW-Submarino-1"])
    assert listed.stderr == "store brava: nothing until the store goes on: coleta stores resume brava\n"
    assert re.search(r"^next +nothing until the store goes on: coleta stores resume brava$", shown, re.MULTILINE)
    assert re.fullmatch(_TIME, command_line.json("order", "brava", "Shoptime-4")["next_attempt_at"])


def test_stores_that_nobody_works_for_do_not_look_well(command_line: CommandLine) -> None:
    """Below the table; nothing is said once a worker lives and sweeps."""
    alone = command_line.run("stores").stderr.splitlines()
    RedisProcesses(command_line.service.redis).note(a_trace(), {"began": 900.0})
    RedisMeters(command_line.service.redis).swept()
    served = command_line.run("stores").stderr.splitlines()

    assert alone[1:] == ["no worker runs, no sweep ever: run `coleta doctor`"]
    assert served == alone[:1]


@pytest.mark.parametrize("action", [(), ("retry", "--reason", "a test")], ids=["show", "act"])
def test_an_order_that_may_wait_in_the_inbox_is_not_denied_outright(
    command_line: CommandLine, action: tuple[str, ...]
) -> None:
    """Who has just sent it is told how many events are not recorded yet; the exit code is the same."""
    command_line.service.ledger("acme").append([read(an_event()).event, read(an_event("BWW-Submarino-2")).event])

    done = command_line.run("order", "acme", "BWW-Submarino-1", *action)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "coleta: store acme has no order BWW-Submarino-1; 2 events of the store are not recorded yet: look again in a"
        " moment, and if that stays run `coleta doctor`\n"
    )


def test_a_long_reason_stands_in_lines_of_its_own_on_a_narrow_terminal(command_line: CommandLine) -> None:
    """What there is of the store is said below it, not beside it."""
    command_line.fail("BWW-Submarino-1")
    words = "SkyHub support asked us to wait until the labels of all stores are printed again"
    command_line.run("stores", "pause", "acme", "--reason", words)

    _, shown = command_line.on_terminal(80, "stores", NO_COLOR="1")

    assert words in " ".join(shown.split())
    assert not any("paused by an operator" in line and "1 failed" in line for line in shown.splitlines())
