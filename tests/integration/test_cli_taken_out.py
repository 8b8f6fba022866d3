"""Stores that were taken out of the stores file are shown with their orders, not acted on; and a file that went bad."""

import re

import pytest

from tests.fixtures.command_line import CommandLine, an_event, command_line
from worker.domain.order import Status
from worker.ports import Pause, Unreadable
from worker.usecases.pause_store import pause_taken_out

__all__ = ["command_line"]

_WHY = ("--reason", "inventory")


def _take_out_brava(command_line: CommandLine) -> None:
    """Let a store be known, and then take it out of the stores file, as the next sweep notices."""
    command_line.service.fleet.remember(["acme", "brava"])
    file = command_line.folder / "stores.toml"
    file.write_text(file.read_text().partition("[stores.brava")[0])
    pause_taken_out(command_line.service.fleet.ledger("brava"), Pause())


def test_a_store_that_was_taken_out_is_shown_with_its_orders(command_line: CommandLine) -> None:
    """In every list, and each order by every form of its code that names it."""
    command_line.record(an_event("Shoptime-3", store="brava"))
    command_line.fail("Shoptime-4", store="brava")
    _take_out_brava(command_line)

    listed = command_line.run("stores")
    order, _ = command_line.started("order", "brava", "Shoptime-3").communicate()

    assert re.search(r"^brava +taken out of the stores file: paused, 2 orders kept ", listed.stdout, re.MULTILINE)
    assert [store["served"] for store in command_line.json("stores")] == [False, True]
    assert [store["store"] for store in command_line.json("stores", "--paused")] == ["brava"]
    assert [each["order_id"] for each in command_line.json("orders")] == ["Shoptime-4", "Shoptime-3"]
    assert [each["order_id"] for each in command_line.json("failed", "list")] == ["Shoptime-4"]
    assert order.endswith(
        f"\nstore brava was taken out of {command_line.folder}/stores.toml: "
        "its orders are kept, paused; put it back to go on\n"
    )


def test_a_store_that_was_taken_out_is_not_acted_on(command_line: CommandLine) -> None:
    """It says why and what to do; what is done to all stores leaves it alone."""
    command_line.fail("Shoptime-4", store="brava")
    _take_out_brava(command_line)
    why = (
        f"coleta: store 'brava' was taken out of {command_line.folder}/stores.toml: "
        "its orders are kept, paused; put it back to act on them\n"
    )

    for command in (
        ("order", "brava", "Shoptime-4", "retry", *_WHY),
        ("failed", "discard", "brava", *_WHY, "--yes"),
        ("stores", "pause", "brava", *_WHY),
        ("stores", "resume", "brava"),
        ("rejected", "resend", "--store", "brava"),
    ):
        done = command_line.run(*command)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", why), command
    everywhere = command_line.run("failed", "retry", "--all", *_WHY)
    assert (everywhere.returncode, everywhere.stdout) == (0, "")
    assert everywhere.stderr == (
        f"store brava was taken out of {command_line.folder}/stores.toml: nothing is done to its 1 failed order\n"
        "no such orders: nothing to do\n"
    )
    assert command_line.order("Shoptime-4", "brava").status is Status.FAILED


def test_rejected_events_of_a_store_that_was_taken_out_stay_kept(command_line: CommandLine) -> None:
    """They are shown; `--all` leaves them alone and says so, and one that is named is refused."""
    kept = command_line.service.fleet.ledger("brava")
    kept.reject([Unreadable("rubbish", "no event")])
    command_line.service.fleet.ledger("acme").reject([Unreadable("rubbish", "no event")])
    _take_out_brava(command_line)
    (event,) = kept.rejected(10)
    gone = f"store brava was taken out of {command_line.folder}/stores.toml"

    everywhere = command_line.run("rejected", "discard", "--all", "--yes")
    resent = command_line.run("rejected", "resend", "--all", "--yes")
    named = command_line.run("rejected", "discard", event.rejected_id)

    assert (everywhere.returncode, everywhere.stdout) == (0, "discarded 1\n")
    assert everywhere.stderr == f"{gone}: nothing is done to its 1 rejected event\n"
    assert resent.stderr == f"{everywhere.stderr}no such rejected events: nothing to do\n"
    assert (named.returncode, named.stdout) == (1, "discarded 0, refused 1 (said above)\n")
    assert named.stderr == f"brava {event.rejected_id}: {gone}: put it back to act on its events\n"
    assert kept.rejected(10) == [event]


@pytest.mark.parametrize(
    "command", [("stores",), ("orders",), ("order", "acme", "1"), ("send", "-"), ("failed", "list")]
)
def test_a_stores_file_that_went_bad_stops_a_command_and_nothing_else(
    command_line: CommandLine, command: tuple[str, ...]
) -> None:
    """It says what is wrong with the file, and that what runs goes on with the stores of before."""
    (command_line.folder / "stores.toml").write_text('[stores.acme.skyhub]\nuser_email = "ops@acme.example"\n')

    done = command_line.run(*command, given="{}")

    file = command_line.folder / "stores.toml"
    missing = "is missing; add it as config/stores.example.toml shows"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"coleta: {file}: stores.acme.skyhub.api_key {missing}",
        f"{file}: stores.acme.skyhub.accountmanager_key {missing}",
        (
            "Nothing was done. Workers that run go on with the stores they had, until this is mended."
            " `coleta doctor` looks at the rest."
        ),
    ]
