import pytest
from typer.testing import CliRunner

from worker.entrypoints.cli.app import app

_WHY = ("--reason", "the customer waits")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("order", "release", "acme", "1"), "Invalid value for --reason: it is missing; say why, in a few words"),
        (("order", "set-carrier", "acme", "1", "own"), "Invalid value for --reason: it is missing; say why"),
        (("order", "release", "acme", "1", "--reason", " "), "it is empty; say why, in a few words"),
        (("order", "release", "acme", *_WHY), "say which: one or more, or --all, or a filter"),
        (("order", "release", "acme", "1", "--all", *_WHY), "name orders, or say --all or a filter; not both"),
        (("order", "release", "acme", "--status", "due", *_WHY), "release is for orders that are waiting"),
        (("order", "retry", "acme", "--status", "due", *_WHY), "retry is for orders that are failed or canceled"),
        (("order", "set-carrier", "acme", "1", *_WHY), "say which: one of direct, correios, own, fulfillment"),
        (("order", "set-carrier", "acme", "1", "unknown", *_WHY), "say which: one of direct, correios, own,"),
        (("order", "set-carrier", "acme", "--all", "own", *_WHY), "set-carrier needs a filter besides"),
        (("order", "acme", "1", "relase", *_WHY), "did you mean release?"),
        (("failed", "retry", *_WHY), "say which: a STORE, ORDER_IDs of it, --like TEXT, --older-than AGE, or --all"),
        (("failed", "retry", "acme", "1", "--like", "x", *_WHY), "name orders, or say --all or a filter; not both"),
        (("failed", "list", "--older-than", "2 days"), "is no age; write a number and its unit"),
        (("rejected", "resend"), "say which: IDs, --store NAME, --no-store, --like TEXT, or --all"),
        (("rejected", "discard", "1-0", "--all"), "name events, or say --all or --like; not both"),
        (("rejected", "list", "--store", "acme", "--no-store"), "an event is of a store or of none"),
        (("stores", "pause", *_WHY), "say which: one or more STOREs, --like TEXT, or --all"),
        (("stores", "resume", "acme", "--all"), "name stores, or say --all or --like; not both"),
        (("stores", "acme"), "'acme' is not one of list, pause, resume"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_how_to_say_it(arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2, before any setting is read or any server is asked."""
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        (("order", "show"), "order show [OPTIONS] STORE ORDER_ID"),
        (("order", "release"), "order release [OPTIONS] STORE [ORDER_ID]..."),
        (("order", "set-carrier"), "order set-carrier [OPTIONS] STORE [ORDER_ID|CARRIER]..."),
        (("send",), "send [OPTIONS] FILE|-"),
        (("probe",), "probe [OPTIONS] worker|beat|web"),
        (("reconcile",), "reconcile [OPTIONS] [STORE]"),
    ],
)
def test_a_usage_line_shows_what_is_typed(command: tuple[str, ...], usage: str) -> None:
    """No braces, and names as the pages write them."""
    done = CliRunner().invoke(app, (*command, "--help"), env={"COLUMNS": "200"})

    assert done.stdout.splitlines()[0].endswith(f" {usage}")
