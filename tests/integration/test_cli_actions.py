"""What an operator types to act on orders, and what it says; no worker runs. Effects: test_operator_effects.py."""

import json
import re

import pytest

from tests.fixtures.command_line import CommandLine, an_event, command_line
from worker.domain.order import Status
from worker.usecases.pause_store import pause_by_operator

__all__ = ["command_line"]

_WHY = ("--reason", "the customer waits")
_TWO = [{"sku": "88", "quantity": 2}]


def _waiting(command_line: CommandLine, *order_ids: str) -> None:
    """Record Direct orders of which one unit of two is invoiced."""
    command_line.record(*(an_event(name, order={"items": _TWO, "carrier": "direct"}) for name in order_ids))


def _operator(command_line: CommandLine, order_id: str) -> list[tuple[str, str]]:
    """Return what operators did, as the order's history tells it."""
    history = command_line.order(order_id).history
    return [(entry.event, entry.detail) for entry in history if entry.event.startswith("operator.")]


def test_an_order_is_released_by_any_form_of_its_code(command_line: CommandLine) -> None:
    """It says what the order is now, and what happens next; the reason stands in its history."""
    _waiting(command_line, "BWW-Submarino-2")

    done = command_line.run("order", "acme", "2", "release", *_WHY)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^order +BWW-Submarino-2\nstore +acme\ndone +released\nstatus +due\n", done.stdout)
    assert re.search(
        r"^next +its pickup is requested once SkyHub lists it .* next look at 2", done.stdout, re.MULTILINE
    )
    assert _operator(command_line, "BWW-Submarino-2") == [("operator.released", "the customer waits")]


def test_what_holds_already_is_said_and_no_error(command_line: CommandLine) -> None:
    """The order is as it was, its history too."""
    _waiting(command_line, "BWW-Submarino-2")
    command_line.run("order", "release", "acme", "BWW-Submarino-2", *_WHY)

    again = command_line.run("order", "release", "acme", "BWW-Submarino-2", *_WHY)

    assert (again.returncode, again.stderr) == (0, "")
    assert re.search(r"^done +nothing: it was released before$", again.stdout, re.MULTILINE)
    assert len(_operator(command_line, "BWW-Submarino-2")) == 1


def test_what_the_law_refuses_is_said_with_what_happens_instead(command_line: CommandLine) -> None:
    """Exit code 1, and nothing on standard output, whatever was to be printed there."""
    _waiting(command_line, "BWW-Submarino-2")

    for as_json in ([], ["--json"]):
        done = command_line.run("order", "retry", "acme", "BWW-Submarino-2", *_WHY, *as_json)

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            "coleta: only a failed or canceled order can be retried; BWW-Submarino-2 is waiting.\n"
            "What happens next: it waits for the invoice of what is missing: 88 x1.\n"
        )


def test_a_script_gets_the_resulting_order(command_line: CommandLine) -> None:
    """The same document that `order --json` prints."""
    command_line.fail("BWW-Submarino-1")

    shown = command_line.json("order", "discard", "acme", "Submarino-1", "--reason", "sold elsewhere")

    assert (shown["status"], shown["reason"]) == ("canceled", "discarded: sold elsewhere")
    assert shown == command_line.json("order", "acme", "Submarino-1")


def test_a_dry_run_tells_and_changes_nothing(command_line: CommandLine) -> None:
    """Neither the order nor a hint; so it needs no reason."""
    _waiting(command_line, "BWW-Submarino-2")
    before = command_line.order("BWW-Submarino-2")

    done = command_line.run("order", "release", "acme", "BWW-Submarino-2", "--dry-run")
    shown = command_line.json("order", "release", "acme", "BWW-Submarino-2", *_WHY, "--dry-run")

    assert re.search(r"^done +nothing: a dry run; it would be released\nstatus +due$", done.stdout, re.MULTILINE)
    assert shown["status"] == "due"
    assert command_line.order("BWW-Submarino-2") == before
    assert command_line.service.redis.keys("coleta:*:hint:*") == []


def test_a_paused_store_is_said_where_it_holds_the_order_up(command_line: CommandLine) -> None:
    """It is due, and still nothing will happen."""
    _waiting(command_line, "BWW-Submarino-2")
    pause_by_operator(command_line.service.ledger("acme"), "inventory")

    done = command_line.run("order", "release", "acme", "BWW-Submarino-2", *_WHY)

    assert "store acme: its SkyHub calls are paused by an operator since 2" in done.stdout
    assert done.stdout.endswith(": inventory\n")
    refused = command_line.run("order", "request-again", "acme", "BWW-Submarino-2", *_WHY)
    assert refused.returncode == 1
    assert "the SkyHub calls of store acme are paused (inventory); resume it first" in refused.stderr


@pytest.mark.parametrize("spelled", [("correios",), ("--carrier", "correios")])
def test_a_carrier_is_set_by_its_last_word_or_an_option(command_line: CommandLine, spelled: tuple[str, ...]) -> None:
    """A due order that ships by Correios is never requested."""
    command_line.record(an_event("BWW-Submarino-1"))

    done = command_line.run("order", "acme", "BWW-Submarino-1", "set-carrier", *spelled, *_WHY)

    assert done.returncode == 0, done.stderr
    assert re.search(r"^status +skipped\nwhy +correios: .*\n(.*\n)*carrier +correios$", done.stdout, re.MULTILINE)
    assert _operator(command_line, "BWW-Submarino-1") == [("operator.set_carrier", "correios: the customer waits")]


def test_several_orders_that_are_named_are_done_together(command_line: CommandLine) -> None:
    """Each refusal names its order; the others are done."""
    _waiting(command_line, "BWW-Submarino-1", "BWW-Submarino-2")
    command_line.record(an_event("BWW-Submarino-3"))

    names = ("1", "Submarino-2", "BWW-Submarino-3", "nosuch")
    done = command_line.run("order", "release", "acme", *names, *_WHY, "--yes")

    assert (done.returncode, done.stdout) == (1, "released 2, refused 2 (each said above)\n")
    assert done.stderr.splitlines() == [
        "acme nosuch: there is no such order",
        "acme BWW-Submarino-3: only a waiting order can be released; BWW-Submarino-3 is due",
    ]
    assert command_line.order("BWW-Submarino-2").status is Status.DUE


def test_an_order_or_store_that_does_not_exist_is_said(command_line: CommandLine) -> None:
    """Exit code 1."""
    for store, said in (("acme", "store acme has no order 7"), ("nobody", "store 'nobody' is not in ")):
        done = command_line.run("order", "release", store, "7", *_WHY)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"coleta: {said}")


def test_an_order_of_a_store_called_like_an_action(command_line: CommandLine) -> None:
    """`show` and `release` in front are the action whatever follows."""
    stores = command_line.folder / "stores.toml"
    stores.write_text(stores.read_text().replace("brava", "release"))

    shown = command_line.run("order", "show", "release", "7")
    acted = command_line.run("order", "release", "release", "7", *_WHY)

    assert (shown.stderr, acted.stderr) == ("coleta: store release has no order 7\n",) * 2


def test_an_order_shows_what_may_be_done_about_it(command_line: CommandLine) -> None:
    """With the words to type."""
    command_line.fail("BWW-Submarino-1")

    shown, _ = command_line.started("order", "acme", "1").communicate()

    assert re.search(
        r"^actions +retry, discard: coleta order ACTION acme BWW-Submarino-1 --reason TEXT$", shown, re.MULTILINE
    )


def test_nothing_that_could_steer_a_terminal_is_printed(command_line: CommandLine) -> None:
    """A reason may hold anything; a history shows it as what it is."""
    _waiting(command_line, "BWW-Submarino-2")

    done = command_line.run("order", "release", "acme", "2", "--reason", "\x1b[2Jgone")
    shown = command_line.run("order", "acme", "2")

    assert "\x1b" not in done.stdout + shown.stdout
    assert "\\x1b[2Jgone" in shown.stdout
    assert json.loads(command_line.run("order", "acme", "2", "--json").stdout)["history"][-2]["detail"] == "\x1b[2Jgone"


def test_whoever_lifts_a_cancel_is_told(command_line: CommandLine) -> None:
    """It is the customer's word that is overruled; a second time it is said how the order stands."""
    cancel = {"store": "acme", "order_id": "BWW-Submarino-2", "occurred_at": "2026-11-20T13:00:00Z"}
    _waiting(command_line, "BWW-Submarino-2")
    command_line.record({**cancel, "event": "OrderCanceled", "reason": "changed their mind"})

    done = command_line.run("order", "retry", "acme", "2", *_WHY)
    again = command_line.run("order", "retry", "acme", "2", *_WHY)

    assert re.search(r"^cancel +it was canceled at its source; that is lifted$", done.stdout, re.MULTILINE)
    assert (again.returncode, again.stdout) == (1, "")
    assert "only a failed or canceled order can be retried; BWW-Submarino-2 is waiting" in again.stderr
