"""`coleta rejected`: what could not be recorded is read, handed in again, forgotten; no worker runs."""

import json
import re

from tests.fixtures.command_line import CommandLine, an_event, command_line, lines
from worker.adapters.native_event import read
from worker.adapters.redis_ledger.codec import encode_event
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.entrypoints.native_events import Origin, came_by
from worker.ports import Drain, Unreadable

__all__ = ["command_line"]

_SOON = an_event(occurred_at="soon")


def _kept(command_line: CommandLine, store: str) -> list[str]:
    return [event.rejected_id for event in command_line.service.fleet.ledger(store).rejected(1000)]


def _reject(command_line: CommandLine, *bodies: object, store: str = "acme") -> None:
    kept = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    command_line.service.fleet.ledger(store).reject([Unreadable(body, "it was wrong then") for body in kept])


def _configure(command_line: CommandLine, store: str) -> None:
    """Put one more store into the stores file."""
    file = command_line.folder / "stores.toml"
    account = f'[stores.{store}.skyhub]\nuser_email = "ops@{store}.example"\n'
    file.write_text(f'{file.read_text()}{account}api_key = "env:KEY"\naccountmanager_key = "env:KEY"\n')


def test_rejected_events_can_be_read_again(command_line: CommandLine) -> None:
    """When and why they were rejected, and what they said, also of stores that nobody knows."""
    command_line.run("send", "-", given=lines(_SOON, an_event(store="nobody")))

    of_store, of_none = command_line.json("rejected", "list")
    told, _ = command_line.started("rejected", "list", "--store", "acme").communicate()

    assert list(of_store) == ["store", "id", "at", "reason", "body"]
    assert (of_store["store"], of_none["store"]) == ("acme", None)
    assert of_store["reason"].startswith("occurred_at: found 'soon'")
    assert '"occurred_at": "soon"' in of_store["body"]
    assert re.search(r"^reason +occurred_at: found 'soon'", told, re.MULTILINE)
    assert '"occurred_at": "soon"' in told


def test_the_list_is_narrowed_by_text_and_by_having_no_store(command_line: CommandLine) -> None:
    """The newest come first; a limit counts what fits."""
    _reject(command_line, *(f"body {number}" for number in range(250)))
    _reject(command_line, "body of none", store=NO_STORE)

    def listed(*arguments: str) -> list[str]:
        return [event["body"] for event in command_line.json("rejected", "list", *arguments)]

    assert listed("--like", "BODY 2", "--limit", "3") == ["body 249", "body 248", "body 247"]
    assert listed("--no-store") == ["body of none"]
    assert listed("--like", "wrong THEN", "--store", "acme", "--limit", "1") == ["body 249"]
    empty = command_line.run("rejected", "list", "--like", "nothing of it")
    assert (empty.returncode, empty.stderr) == (0, "no such rejected events\n")


def test_an_event_of_a_store_that_is_known_now_is_handed_in(command_line: CommandLine) -> None:
    """By its id, wherever it is kept; the inbox's drain is told, and it is kept no more."""
    command_line.run("send", "-", given=lines(an_event(store="nobody")))
    (kept,) = _kept(command_line, NO_STORE)
    early = command_line.run("rejected", "resend", kept)
    _configure(command_line, "nobody")

    done = command_line.run("rejected", "resend", kept)

    assert (early.returncode, early.stdout) == (1, "resent 0, refused 1 (said above)\n")
    assert early.stderr == (
        f"{kept}: store 'nobody' is not in the stores file; put it in, or discard this event (it stays kept)\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "resent 1\n", "")
    assert command_line.waiting_events("nobody") == 1
    assert command_line.service.fleet.ledger("nobody").hint(Drain.INBOX) is False
    assert _kept(command_line, NO_STORE) == []


def test_all_that_can_be_read_now_is_handed_in_and_the_rest_stays(command_line: CommandLine) -> None:
    """An event without a store belongs to the one that kept it; one whose recording failed needs no reading."""
    inbox_entry = encode_event(read(an_event("BWW-Submarino-3")).event)
    _reject(command_line, an_event(store=None), _SOON, inbox_entry, "x" * 70_000)
    _reject(command_line, an_event("Shoptime-4", store="brava"), store=NO_STORE)

    done = command_line.run("rejected", "resend", "--all", "--yes")

    assert (done.returncode, done.stdout) == (1, "resent 3, refused 2 (each said above)\n")
    assert re.search(r"^acme \d+-\d+: occurred_at: found 'soon', .* \(it stays kept\)$", done.stderr, re.MULTILINE)
    assert "only the first 64 KiB of it were kept; send it again from its source" in done.stderr
    assert (command_line.waiting_events("acme"), command_line.waiting_events("brava")) == (2, 1)
    assert (len(_kept(command_line, "acme")), _kept(command_line, NO_STORE)) == (2, [])


def test_several_are_asked_for_and_a_dry_run_changes_nothing(command_line: CommandLine) -> None:
    """As with orders."""
    _reject(command_line, an_event(), an_event("Submarino-2"))

    refused = command_line.run("rejected", "resend", "--all")
    dry = command_line.run("rejected", "resend", "--all", "--dry-run")
    gone = command_line.run("rejected", "discard", "--all", "--dry-run")
    code, shown = command_line.on_terminal(100, "rejected", "discard", "--store", "acme", typed="n\n")

    assert refused.returncode == 2
    assert refused.stderr.startswith(
        "coleta: resend 2 rejected events of store acme? Nobody can be asked here: add --yes"
    )
    assert re.search(
        r"^acme \d+-\d+: would be resent to the inbox of store acme, for order Submarino-2$", dry.stdout, re.MULTILINE
    )
    assert dry.stdout.endswith("dry run, nothing was changed: 2 would be resent\n")
    assert re.search(r"^acme \d+-\d+: would be discarded, for good$", gone.stdout, re.MULTILINE)
    assert gone.stdout.endswith("dry run, nothing was changed: 2 would be discarded\n")
    assert (code, "forget 2 rejected events of store acme for good? [y/N]" in shown) == (1, True)
    assert (len(_kept(command_line, "acme")), command_line.waiting_events()) == (2, 0)


def test_discarded_events_are_forgotten(command_line: CommandLine) -> None:
    """Those that fit, or those that are named; a script gets the sum."""
    _reject(command_line, "first", "second", "third")

    assert command_line.json("rejected", "discard", "--like", "SECOND", "--yes") == {
        "discarded": 1,
        "held": 0,
        "left": 0,
        "dry_run": False,
        "refused": [],
        "missed": [],
    }
    (_, oldest) = _kept(command_line, "acme")
    assert command_line.run("rejected", "discard", oldest).stdout == "discarded 1\n"
    again = command_line.run("rejected", "discard", oldest, "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["refused"] == [{"store": None, "id": oldest, "reason": "no such event is kept"}]
    assert len(_kept(command_line, "acme")) == 1


def test_what_does_not_exist_is_said_in_a_sentence(command_line: CommandLine) -> None:
    """Nothing on standard output, exit code 1."""
    _reject(command_line, "rubbish")

    for arguments, said in (
        (("resend", "yesterday"), "coleta: 'yesterday' is no id of a rejected event: ids look like 1795176000000-0; "),
        (("resend", "1-0", "--store", "nobody"), "coleta: store 'nobody' is not in "),
        (("list", "--store", "nobody"), "coleta: store 'nobody' is not in "),
    ):
        done = command_line.run("rejected", *arguments)

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(said)


def test_a_full_inbox_ends_it_with_what_to_do(command_line: CommandLine) -> None:
    """What fits went in; the rest stays kept."""
    _reject(command_line, *(an_event(f"Submarino-{number}") for number in range(5)))

    done = command_line.run("rejected", "resend", "--all", "--yes", COLETA_INBOX_LIMIT="3")

    assert (done.returncode, done.stdout) == (1, "resent 3, left as they were 2\n")
    assert (
        "the inbox of store acme holds 3 events (COLETA_INBOX_LIMIT): what is left stays kept; see that" in done.stderr
    )
    assert (command_line.waiting_events(), len(_kept(command_line, "acme"))) == (3, 2)


def test_what_is_no_native_event_is_for_its_source_to_send_again(command_line: CommandLine) -> None:
    """Whatever its body looks like, an event as an inbox holds it even; nobody is asked of it; it can be discarded."""
    reasons = [came_by(origin, "it was wrong then", "BWW-1") for origin in Origin]
    bodies = [json.dumps(an_event()), encode_event(read(an_event()).event)]
    kept = [Unreadable(bodies[number % 2], reason) for number, reason in enumerate(reasons)]
    command_line.service.fleet.ledger("acme").reject(kept)
    *_, oldest = _kept(command_line, "acme")
    _reject(command_line, an_event(store="brava"), store="brava")

    one = command_line.run("rejected", "resend", oldest)
    every = command_line.run("rejected", "resend", "--all", "--yes")
    again = command_line.run("rejected", "resend", "--store", "acme", "--json")

    assert (one.returncode, one.stdout) == (1, "resent 0, refused 1 (said above)\n")
    assert one.stderr == (
        f"acme {oldest}: it came by the connector's invoice push: its source has to send it again (it stays kept)\n"
    )
    assert (every.returncode, every.stdout) == (1, f"resent 1, refused {len(Origin)} (each said above)\n")
    assert all(f"it came by {origin}: its source has to send it again" in every.stderr for origin in Origin)
    assert (again.returncode, len(json.loads(again.stdout)["refused"])) == (1, len(Origin))
    assert (command_line.waiting_events("acme"), command_line.waiting_events("brava")) == (0, 1)
    assert command_line.run("rejected", "discard", "--all", "--yes").stdout == f"discarded {len(Origin)}\n"
