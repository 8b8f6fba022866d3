import json
import subprocess
from pathlib import Path

import pytest
from redis import Redis

from config.urls import next_database
from tests.fixtures.command_line import CommandLine, an_event, command_line, lines
from tests.fixtures.customer_data import FIELDS, spoken_of
from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.running_parts import until

__all__ = ["command_line"]


def test_ndjson_goes_into_the_inboxes_and_workers_are_told(command_line: CommandLine) -> None:
    """Each event lies in its own store's inbox, and one message a store says so."""
    sent = [an_event(f"BWW-Submarino-{number}") for number in range(1, 1201)]
    (command_line.folder / "events.ndjson").write_text(lines(*sent, an_event("Submarino-9", store="brava")))

    done = command_line.run("send", "events.ndjson")

    assert (done.returncode, done.stdout, done.stderr) == (0, "sent 1201, rejected 0\n", "")
    assert (command_line.waiting_events("acme"), command_line.waiting_events("brava")) == (1200, 1)
    with Redis.from_url(next_database(command_line.url), decode_responses=True) as broker:
        messages = [json.loads(message)["headers"]["task"] for message in broker.lrange("inbox", 0, -1)]
    assert messages == ["coleta.drain_inbox", "coleta.drain_inbox"]


def test_bad_lines_are_named_and_kept_and_the_rest_is_sent(command_line: CommandLine) -> None:
    """Each with its number, its field and what belongs there; whoever mends them finds them under their store."""
    cut_off = '{"store": "acme", "order_id": '
    text = lines(
        an_event(invoice={"items": 3}),
        an_event(),
        "",
        cut_off,
        an_event(store="nobody"),
        an_event(store=None),
    )

    done = command_line.run("send", "-", given=text)

    assert (done.returncode, done.stdout) == (1, "sent 1, rejected 4 (kept: coleta rejected list)\n")
    assert done.stderr.splitlines() == [
        "line 1: invoice.number: field required; invoice.items: found 3, input should be a valid list",
        "line 4: not JSON: EOF while parsing a value at line 1 column 29",
        f"line 5: store 'nobody' is not in {command_line.folder}/stores.toml (known: acme, brava)",
        "line 6: store: field required",
    ]
    assert command_line.waiting_events() == 1
    kept = command_line.json("rejected", "list")
    assert [(each["store"], each["body"]) for each in kept if "acme" not in each["body"]] == [
        (None, json.dumps(an_event(store=None))),
        (None, json.dumps(an_event(store="nobody"))),
    ]
    assert cut_off.strip() in [each["body"] for each in kept]
    assert [each["store"] for each in command_line.json("rejected", "list", "--store", "acme")] == ["acme"]


def test_a_script_reads_the_outcome_as_json(command_line: CommandLine) -> None:
    """Standard output is one JSON document, and nothing else is said."""
    done = command_line.run("send", "-", "--json", given=lines(an_event(), "5"))

    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout) == {
        "accepted": 1,
        "rejected": [{"line": 2, "reason": "found 5, expected a JSON object"}],
    }


def test_a_list_is_sent_item_by_item(command_line: CommandLine) -> None:
    """A bad one is named by its index."""
    done = command_line.run("send", "-", given=json.dumps([an_event(), 5, an_event("Submarino-2")], indent=2))

    assert (done.returncode, done.stderr) == (1, "index 1: found 5, expected a JSON object\n")
    assert command_line.waiting_events() == 2


def test_a_store_can_be_supplied_for_events_that_name_none(command_line: CommandLine) -> None:
    """Those that name one keep it."""
    text = lines(an_event(store=None), an_event("Submarino-2", store="acme"), an_event(store=""))

    done = command_line.run("send", "-", "--store", "brava", given=text)

    assert done.returncode == 0, done.stderr
    assert (command_line.waiting_events("acme"), command_line.waiting_events("brava")) == (1, 2)


def test_a_stream_is_sent_while_it_comes(command_line: CommandLine) -> None:
    """NDJSON is never held whole: its first hundreds are in the inbox before its end is known."""
    with command_line.started("send", "-", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(lines(*[an_event()] * 700))
        process.stdin.flush()
        until(lambda: command_line.waiting_events() >= 500, "the first events are in the inbox")
        said, complained = process.communicate()

    assert (said, complained, process.returncode) == ("sent 700, rejected 0\n", "", 0)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_full_inbox_takes_what_fits_and_says_what_to_do(command_line: CommandLine, *, as_json: bool) -> None:
    """How many were sent, that the rest was not, and that all of it may be sent again."""
    text = lines(*[an_event(f"Submarino-{number}") for number in range(5)])

    done = command_line.run("send", "-", *["--json"] * as_json, given=text, COLETA_INBOX_LIMIT="3")

    assert (done.returncode, command_line.waiting_events()) == (1, 3)
    assert "the inbox of store acme holds 3 events (COLETA_INBOX_LIMIT): 3 events were sent" in done.stderr
    assert "send all of it again" in done.stderr
    assert done.stdout == ('{"accepted": 3, "rejected": []}\n' if as_json else "sent 3, rejected 0\n")


def test_a_broker_that_is_away_loses_nothing(command_line: CommandLine) -> None:
    """The hint is best effort: the events are in the inbox, and the sweep finds them."""
    done = command_line.run("send", "-", given=lines(an_event()), COLETA_BROKER_URL="redis://127.0.0.1:1/0")

    assert (done.returncode, done.stdout) == (0, "sent 1, rejected 0\n")
    assert "hint.not_sent" in done.stderr
    assert command_line.waiting_events() == 1


def test_a_redis_that_does_not_answer_is_named(command_line: CommandLine) -> None:
    """With the variable to mend, and without a password."""
    url = "redis://:secret@127.0.0.1:1/0"

    done = command_line.run("send", "-", given=lines(an_event()), COLETA_REDIS_URL=url)

    assert (done.returncode, done.stdout) == (1, "")
    assert "the Redis server at redis://127.0.0.1:1/0 (COLETA_REDIS_URL) does not answer" in done.stderr
    assert "secret" not in done.stderr


def test_a_redis_that_forgets_is_refused(command_line: CommandLine, tmp_path: Path) -> None:
    """What was sent counts as kept, so it is not handed to a server that keeps nothing."""
    with started(required("redis"), tmp_path / "forgetful", *NOT_PERSISTENT) as server:
        url = f"redis://127.0.0.1:{server.port}/0"
        done = command_line.run("send", "-", given=lines(an_event()), COLETA_REDIS_URL=url)
        with server.client() as client:
            assert client.dbsize() == 0

    assert (done.returncode, done.stdout) == (1, "")
    assert "appendonly" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("-",), "", "coleta: standard input is empty: there is nothing to send\n"),
        (("-",), "order;sku\n1;2\n", "coleta: standard input is not JSON in UTF-8: it starts with 'order;sku'"),
        (("-",), "[1, 2", "coleta: standard input is not JSON: EOF while parsing a list"),
        (("nowhere.json",), "", "coleta: nowhere.json cannot be read (No such file or directory)\n"),
        (("-", "--store", "nobody"), "{}", "coleta: store 'nobody' is not in "),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(
    command_line: CommandLine, arguments: tuple[str, ...], given: str, said: str
) -> None:
    """No traceback, exit code 1, and nothing was sent or kept."""
    done = command_line.run("send", *arguments, given=given)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1
    assert command_line.service.redis.keys("coleta:*") == []


def test_without_any_redis_it_says_how_to_get_one(command_line: CommandLine, tmp_path: Path) -> None:
    """No server runs in this directory, and none is named."""
    done = command_line.run("send", "-", given=lines(an_event()), COLETA_DATA_DIR=str(tmp_path / "elsewhere"))

    assert done.returncode == 1
    assert done.stderr == (
        f"coleta: no Redis server is named, and no embedded one runs in {tmp_path}/elsewhere (COLETA_DATA_DIR):"
        " start one with `coleta up`, or set COLETA_REDIS_URL, for instance redis://localhost:6379/0\n"
    )


def test_nothing_of_a_customer_is_kept_or_said(command_line: CommandLine) -> None:
    """Of an event that is refused, or whose store nobody knows; the keys tell what was sent."""
    refused = [an_event(occurred_at="soon", **FIELDS), an_event(store="nobody", customer=FIELDS), FIELDS, [FIELDS]]
    for text in (lines(*refused, json.dumps(FIELDS)), json.dumps(refused)):
        done = command_line.run("send", "-", given=text)
        assert done.returncode == 1
        assert spoken_of(done.stdout) + spoken_of(done.stderr) == []

    kept = command_line.json("rejected", "list")
    assert len(kept) == 9
    assert all("customer" in each["body"] for each in kept)
    assert spoken_of(kept) == []
