"""Which orders an operator means who names none."""

from dataclasses import replace
from typing import Any

from tests.fixtures.command_line import CommandLine, an_event, command_line
from worker.domain.order import Attention, Status
from worker.domain.progress import requested
from worker.ports import Change

__all__ = ["command_line"]

_WHY = ("--reason", "the customer waits")
_TWO = [{"sku": "88", "quantity": 2}]


def test_all_that_an_action_is_for_are_chosen_and_narrowed(command_line: CommandLine) -> None:
    """By status, attention, carrier and text; another store's are left alone."""
    correios = {"items": _TWO, "carrier": "correios"}
    command_line.record(
        an_event("BWW-Submarino-1", order=correios),
        an_event("BWW-Submarino-2", order=correios),
        an_event("BWW-Submarino-3", order={"items": _TWO, "carrier": "own"}),
        an_event("Shoptime-4", store="brava", order=correios),
    )

    def corrected(*arguments: str) -> dict[str, Any]:
        asked = ("order", "set-carrier", "acme", "direct", *_WHY, "--dry-run", *arguments)
        done: dict[str, Any] = command_line.json(*asked)
        return done

    assert corrected("--all", "--status", "skipped")["corrected"] == 3
    assert corrected("--carrier-is", "correios")["corrected"] == 2
    assert corrected("--like", "OWN LOGISTICS")["corrected"] == 1
    assert corrected("--attention", "carrier_conflict")["corrected"] == 0
    done = command_line.json("order", "set-carrier", "acme", "direct", *_WHY, "--carrier-is", "correios", "--yes")
    assert done == {"corrected": 2, "held": 0, "left": 0, "dry_run": False, "refused": [], "missed": []}
    assert command_line.order("Shoptime-4", "brava").status is Status.SKIPPED


def test_all_orders_to_request_again_are_those_without_a_cancel(command_line: CommandLine) -> None:
    """A customer's cancel is lifted for an order that is named, never by a word about all."""
    ledger = command_line.service.ledger("acme")
    command_line.record(an_event("BWW-Submarino-1"), an_event("BWW-Submarino-2"))
    now = ledger.now()
    for number, canceled_at in (("1", None), ("2", now)):
        stored = ledger.load([f"BWW-Submarino-{number}"])[0][f"BWW-Submarino-{number}"]
        flagged = replace(
            requested(stored.order, "accepted by SkyHub", now),
            flags=frozenset({Attention.LISTED_AFTER_REQUEST}),
            canceled_at=canceled_at,
        )
        ledger.save([Change(order=flagged, version=stored.version)])

    done = command_line.run("order", "request-again", "acme", "--all", *_WHY)

    assert done.stderr.startswith("coleta: request 1 requested order of store acme again? Nobody can be asked here")
