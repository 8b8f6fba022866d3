"""`coleta failed`: which orders it is for. What it asks and says of many: test_cli_many.py."""

import re

from tests.fixtures.command_line import CommandLine, command_line
from worker.domain.order import Status
from worker.ports import Drain

__all__ = ["command_line"]

_WHY = ("--reason", "SkyHub was mended")
_LABEL = "not_collectable: SkyHub did not list it within 10 days: is its label printed?"


def test_failed_orders_are_listed_with_why_and_since_when(command_line: CommandLine) -> None:
    """Of all stores, narrowed by store, text and age."""
    command_line.fail("BWW-Submarino-1", reason=_LABEL)
    command_line.fail("BWW-Submarino-2")
    command_line.fail("Shoptime-3", store="brava")

    done = command_line.run("failed", "list")

    rows = [re.split(r"\s{2,}", line) for line in done.stdout.splitlines()]
    assert rows[0] == ["store", "order", "why", "since (UTC)", "attempts", "last error"]
    assert rows[1][:3] == ["acme", "BWW-Submarino-1", _LABEL]
    assert [row[1] for row in rows[1:]] == ["BWW-Submarino-1", "BWW-Submarino-2", "Shoptime-3"]

    def listed(*arguments: str) -> list[str]:
        return [order["order_id"] for order in command_line.json("failed", "list", *arguments)]

    assert listed("--like", "LABEL") == ["BWW-Submarino-1"]
    assert listed("--store", "brava") == ["Shoptime-3"]
    assert listed("--limit", "1") == ["BWW-Submarino-1"]
    assert len(listed("--older-than", "0s")) == 3
    assert listed("--older-than", "1h") == []


def test_one_order_that_is_named_is_done_without_a_question(command_line: CommandLine) -> None:
    """And the pickups' drain is told."""
    command_line.fail("BWW-Submarino-1", "BWW-Submarino-2")

    done = command_line.run("failed", "retry", "acme", "Submarino-1", *_WHY)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^done +retried\nstatus +due$", done.stdout, re.MULTILINE)
    assert command_line.service.ledger("acme").hint(Drain.PICKUPS) is False
    assert command_line.order("BWW-Submarino-2").status is Status.FAILED


def test_only_failed_orders_that_are_named_are_meant(command_line: CommandLine) -> None:
    """A discarded one is retried by the command that is for canceled ones too, which is named."""
    command_line.fail("BWW-Submarino-1", "BWW-Submarino-2")
    command_line.run("failed", "discard", "acme", "1", *_WHY)
    said = "BWW-Submarino-1 is canceled, not failed; to evaluate it anew: coleta order retry"

    one = command_line.run("failed", "retry", "acme", "1", *_WHY)
    two = command_line.run("failed", "retry", "acme", "1", "2", *_WHY, "--yes")
    discarded = command_line.run("failed", "discard", "acme", "1", *_WHY)

    assert (one.returncode, one.stderr.splitlines()[0]) == (1, f"coleta: {said}.")
    assert (two.returncode, two.stdout) == (1, "retried 1, refused 1 (said above)\n")
    assert two.stderr == f"acme BWW-Submarino-1: {said}\n"
    assert (discarded.returncode, "nothing: it was discarded before" in discarded.stdout) == (0, True)
    assert command_line.order("BWW-Submarino-1").status is Status.CANCELED
