"""`coleta stores`: how stores stand, also many; pause and resume; no worker runs."""

import re
import time

import rich.cells

from tests.fixtures.command_line import CommandLine, an_event, command_line
from worker.ports import AUTOMATIC, OPERATOR, Drain, Pause, Unreadable
from worker.usecases.pause_store import pause_by_operator

__all__ = ["command_line"]

_WHY = ("--reason", "inventory")
_NOBODY = "no worker runs, no sweep ever: run `coleta doctor`\n"
_STORE = """[stores.shop{number:04}.skyhub]
user_email = "ops@shop{number}.example"
api_key = "env:KEY"
accountmanager_key = "env:KEY"
"""


def _pause(command_line: CommandLine, store: str = "acme") -> Pause:
    return command_line.service.fleet.ledger(store).standing(Drain.PICKUPS).pause


def _configure(command_line: CommandLine, count: int) -> None:
    """Put so many stores more into the stores file."""
    file = command_line.folder / "stores.toml"
    file.write_text(file.read_text() + "".join(_STORE.format(number=number) for number in range(count)))


def test_stores_show_what_they_wait_for_and_what_needs_somebody_comes_first(command_line: CommandLine) -> None:
    """A line each, in a pipe plain and whole; the sum is said beside it."""
    two = {"items": [{"sku": "88", "quantity": 2}], "carrier": "direct"}
    command_line.record(an_event("BWW-Submarino-1"), an_event("BWW-Submarino-2", order=two))
    command_line.fail("Shoptime-3", store="brava")
    command_line.service.fleet.ledger("brava").reject([Unreadable("rubbish", "no event")])

    done = command_line.run("stores")

    rows = [re.split(r"\s{2,}", line) for line in done.stdout.splitlines()]
    columns = "store,state,waiting,due,oldest due,requesting,requested,failed,attention,inbox,rejected"
    assert rows[0] == columns.split(",")
    assert rows[1] == ["brava", "working", "0", "0", "0", "0", "1", "0", "0", "1"]
    assert rows[2][:4] == ["acme", "working", "1", "1"]
    assert re.fullmatch(r"\d+ s", rows[2][4])
    assert done.stderr == "2 stores: 0 paused, 0 with attention, 1 failed order\n" + _NOBODY
    shown = command_line.json("stores", "--like", "ACM")
    assert [each["store"] for each in shown] == ["acme"]
    assert shown[0]["orders"]["waiting"] == 1


def test_what_was_rejected_of_no_known_store_is_counted_too(command_line: CommandLine) -> None:
    """It stands in no store's line, and would be seen by nobody."""
    command_line.service.fleet.reject_unknown([Unreadable('{"store": "acne"}', "no such store")])
    said = command_line.run("stores").stderr.splitlines()
    assert "1 rejected event of no known store: coleta rejected list --no-store" in said
    assert "rejected" not in command_line.run("stores", "--like", "ACM").stderr


def test_stores_are_chosen_by_name_pause_and_attention(command_line: CommandLine) -> None:
    """Each narrows the others."""
    surplus = {"number": "1", "items": [{"sku": "88", "quantity": 2}]}
    command_line.record(an_event("Shoptime-3", store="brava", invoice=surplus))
    pause_by_operator(command_line.service.ledger("acme"), "inventory")

    def chosen(*arguments: str) -> list[str]:
        return [store["store"] for store in command_line.json("stores", *arguments)]

    assert chosen() == ["acme", "brava"]
    assert chosen("--paused") == ["acme"]
    assert chosen("--attention") == ["brava"]
    assert chosen("--attention", "--paused") == []
    none = command_line.run("stores", "--like", "x")
    assert (none.returncode, none.stdout) == (0, "")
    assert none.stderr == "0 of 2 stores: 0 paused, 0 with attention, 0 failed orders\n" + _NOBODY


def test_a_terminal_of_any_width_shows_stores(command_line: CommandLine) -> None:
    """No line is longer than the terminal; where the numbers do not fit, those that are not zero are said in words."""
    command_line.fail("BWW-Submarino-1")
    pause_by_operator(command_line.service.ledger("brava"), "inventory")

    for columns in (160, 80, 50):
        code, shown = command_line.on_terminal(columns, "stores", NO_COLOR="1")

        assert code == 0
        assert all(rich.cells.cell_len(line) <= columns for line in shown.splitlines())
        assert "inventory" in shown
        assert ("requesting" if columns == 160 else "1 failed") in shown


def test_a_thousand_stores_come_at_once(command_line: CommandLine) -> None:
    """What needs somebody is at the top, the sum at the end; a filter finds one."""
    _configure(command_line, 998)
    command_line.service.fleet.ledger("shop0500").reject([Unreadable("rubbish", "no event")])
    started = time.monotonic()

    done = command_line.run("stores")

    taken = time.monotonic() - started
    names = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert len(names) == 1000
    assert names[:3] == ["shop0500", "acme", "brava"]
    assert done.stderr == "1,000 stores: 0 paused, 0 with attention, 0 failed orders\n" + _NOBODY
    assert taken < 10, taken  # about a second where nothing else runs
    paused = command_line.run("stores", "pause", "--like", "shop00", *_WHY, "--yes")
    assert paused.stdout == "paused 100\n"
    assert len(command_line.json("stores", "--paused")) == 100


def test_a_store_is_paused_and_resumed_and_twice_is_fine(command_line: CommandLine) -> None:
    """It says what that means, and who paused it before."""
    paused = command_line.run("stores", "pause", "acme", *_WHY)
    again = command_line.run("stores", "pause", "acme", "--reason", "another one")
    resumed = command_line.run("stores", "resume", "acme")
    twice = command_line.run("stores", "resume", "acme")

    assert paused.stdout == (
        "store acme is paused: what is under way ends, nothing new is requested, events are recorded as before; "
        "to go on: coleta stores resume acme\n"
    )
    assert re.fullmatch(r"store acme is paused already: paused by an operator since 2.*Z: inventory\n", again.stdout)
    assert resumed.stdout == "store acme is resumed: it goes on\n"
    assert twice.stdout == "store acme is not paused: nothing to resume\n"
    assert {done.returncode for done in (paused, again, resumed, twice)} == {0}
    assert "".join(done.stderr for done in (paused, again, resumed, twice)) == ""


def test_a_resumed_store_that_something_else_holds_up_says_so(command_line: CommandLine) -> None:
    """Nothing is requested yet: SkyHub was in trouble, and rests."""
    ledger = command_line.service.ledger("acme")
    ledger.back_off(Drain.PICKUPS, "a-token", 1, 600_000, "down")
    command_line.run("stores", "pause", "acme", *_WHY)

    resumed = command_line.run("stores", "resume", "acme")

    assert re.fullmatch(
        r"store acme is resumed: it goes on\nstore acme: SkyHub is in trouble, next try at 2.*Z\n", resumed.stdout
    )


def test_a_pause_needs_no_reason_and_says_that_it_has_none(command_line: CommandLine) -> None:
    """Who must stop the calls now is not held up by a question."""
    assert command_line.run("stores", "pause", "acme").returncode == 0
    assert (_pause(command_line).by, _pause(command_line).reason) == (OPERATOR, "no reason was given")


def test_an_operators_word_replaces_the_services(command_line: CommandLine) -> None:
    """A store that the service paused and would probe waits for a person now; resuming tells every drain."""
    ledger = command_line.service.ledger("acme")
    assert ledger.pause(_pause(command_line), AUTOMATIC, "SkyHub says 401", 60_000, 1)

    command_line.run("stores", "pause", "acme", *_WHY)

    assert (_pause(command_line).by, _pause(command_line).reason) == (OPERATOR, "inventory")
    command_line.run("stores", "resume", "acme")
    assert [drain for drain in Drain if ledger.hint(drain)] == []


def test_several_are_asked_for_and_a_dry_run_changes_nothing(command_line: CommandLine) -> None:
    """As with orders; what is so already is not counted as done."""
    command_line.run("stores", "pause", "brava", *_WHY)

    refused = command_line.run("stores", "pause", "--all", *_WHY)
    dry = command_line.run("stores", "pause", "--all", *_WHY, "--dry-run")
    one = command_line.run("stores", "resume", "brava", "--dry-run")
    code, shown = command_line.on_terminal(100, "stores", "pause", "acme", "brava", *_WHY, typed="y\n")

    assert refused.returncode == 2
    assert refused.stderr.startswith("coleta: pause 2 stores? Nobody can be asked here: add --yes")
    assert dry.stdout == "acme: would be paused\ndry run, nothing was changed: 1 would be paused, paused already 1\n"
    assert one.stdout == "dry run, nothing was changed: store brava would be resumed\n"
    assert (code, "pause 2 stores? [y/N]" in shown, "paused 1, paused already 1" in shown) == (0, True, True)
    assert command_line.json("stores", "resume", "--all", "--yes") == {
        "resumed": 2,
        "held": 0,
        "left": 0,
        "dry_run": False,
        "refused": [],
        "missed": [],
    }


def test_two_who_pause_at_once_agree_on_who_did(command_line: CommandLine) -> None:
    """One of them paused it, the other is told by whom."""
    both = [command_line.started("stores", "pause", "acme", "--reason", reason) for reason in ("mine", "yours")]
    told = sorted(process.communicate(timeout=60)[0] for process in both)

    assert told[0].startswith("store acme is paused already: paused by an operator")
    assert told[1].startswith("store acme is paused: ")
    assert _pause(command_line).reason in told[0]
