"""What commands say where a store, or the whole deployment, does not move."""

import re

from tests.fixtures.command_line import CommandLine, an_event, command_line

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
