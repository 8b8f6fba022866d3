import re

import pytest
import rich.cells

from tests.fixtures.command_line import CommandLine, an_event, command_line

__all__ = ["command_line"]

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def _some_orders(command_line: CommandLine) -> None:
    """One is due, one waits, one is skipped, one needs attention."""
    two = [{"sku": "88", "quantity": 2}]
    surplus = {"number": "1", "items": [*two, {"sku": "99", "quantity": 1}]}
    command_line.record(
        an_event("BWW-Submarino-1"),
        an_event("BWW-Submarino-2", order={"items": two, "carrier": "direct"}),
        an_event("Shoptime-3", store="brava", order={"carrier": "correios"}),
        an_event("Shoptime-4", store="brava", invoice=surplus, order={"items": two, "carrier": "direct"}),
    )


def test_orders_are_a_plain_and_whole_table_in_a_pipe(command_line: CommandLine) -> None:
    """No escape, nothing cut; what needs somebody first comes first, what is over comes last."""
    _some_orders(command_line)

    done = command_line.run("orders", COLUMNS="40")

    assert (done.returncode, done.stderr) == (0, "")
    rows = [re.split(r"\s{2,}", line) for line in done.stdout.splitlines()]
    assert rows[0] == ["store", "order", "status", "reason", "invoiced", "next attempt (UTC)", "attention"]
    assert [row[:5] for row in rows[2:]] == [
        ["acme", "BWW-Submarino-2", "waiting", "1 of 2 units invoiced", "1/2"],
        ["brava", "Shoptime-4", "due", "2/2", rows[3][4]],
        ["brava", "Shoptime-3", "skipped", "correios: ships by Correios, never requested", "0/?"],
    ]
    assert re.fullmatch(_TIME, rows[3][4])
    assert rows[3][5] == "unknown_sku"
    assert rows[1][:4] == ["acme", "BWW-Submarino-1", "due", "1/1"]


def test_orders_are_chosen_by_store_status_and_attention(command_line: CommandLine) -> None:
    """Every choice narrows the others; a limit says that there are more."""
    _some_orders(command_line)

    def chosen(*arguments: str) -> list[str]:
        return [order["order_id"] for order in command_line.json("orders", *arguments)]

    assert chosen("--store", "brava") == ["Shoptime-4", "Shoptime-3"]
    assert chosen("--status", "due") == ["BWW-Submarino-1", "Shoptime-4"]
    assert chosen("--status", "due", "--store", "acme") == ["BWW-Submarino-1"]
    assert chosen("--attention") == ["Shoptime-4"]
    assert chosen("--attention", "unknown_sku", "--limit", "0") == ["Shoptime-4"]
    assert chosen("--attention", "carrier_conflict") == []
    limited = command_line.run("orders", "--limit", "2")
    assert len(limited.stdout.splitlines()) == 3
    assert limited.stderr == "the first 2 are shown; --limit 0 shows all\n"
    assert command_line.run("orders", "--limit", "1").stderr == "the first one is shown; --limit 0 shows all\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("orders", "--store", "nobody"),
            1,
            r"coleta: store 'nobody' is not in .*stores.toml \(known: acme, brava\)\n",
        ),
        (("orders", "--status", "done"), 2, r"(?s).*'done' is not one of .*waiting.*"),
        (("orders", "unknown_sku"), 2, r"(?s).*a reason goes with --attention\n"),
        (("order", "nobody", "1"), 1, r"coleta: store 'nobody' is not in .*stores.toml \(known: acme, brava\)\n"),
        (("order", "acme", "BWW-Submarino-1"), 1, "coleta: store acme has no order BWW-Submarino-1\n"),
        (("order", "acme", "XDE-Submarino-1", "--json"), 1, "coleta: store acme has no order XDE-Submarino-1\n"),
    ],
)
def test_what_does_not_exist_is_said_in_a_sentence(
    command_line: CommandLine, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Nothing on standard output, an exit code that a script can test."""
    done = command_line.run(*arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert re.fullmatch(said, done.stderr), done.stderr


def test_no_orders_are_no_error(command_line: CommandLine) -> None:
    """An empty list is a list."""
    assert command_line.json("orders") == []
    done = command_line.run("orders")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no such orders\n")


def test_an_order_is_found_by_any_form_of_its_code(command_line: CommandLine) -> None:
    """As VTEX, the marketplace and SkyHub spell it."""
    command_line.record(an_event("BWW-Lojas_Americanas-285264647201"))

    for name in ("BWW-Lojas_Americanas-285264647201", "Lojas Americanas-285264647201", "285264647201"):
        assert command_line.json("order", "acme", name)["order_id"] == "BWW-Lojas_Americanas-285264647201"


def test_an_orders_json_has_the_promised_keys(command_line: CommandLine) -> None:
    """In the promised order, with times as ISO 8601 in UTC."""
    _some_orders(command_line)

    shown = command_line.json("order", "acme", "Submarino-2")

    assert list(shown) == [
        "store",
        "order_id",
        "skyhub_code",
        "remote_code",
        "carrier",
        "status",
        "reason",
        "uncertain",
        "attention",
        "items",
        "invoices",
        "attempts",
        "next_attempt_at",
        "requested_at",
        "last_error",
        "history",
    ]
    assert shown["items"] == [{"sku": "88", "ordered": 2, "invoiced": 1}]
    assert shown["invoices"] == [
        {
            "number": "4021-1",
            "key": None,
            "type": "Output",
            "issued_at": "2026-11-20T11:59:00Z",
            "occurred_at": "2026-11-20T12:00:00Z",
            "items": [{"sku": "88", "quantity": 1}],
        }
    ]
    assert [entry["event"] for entry in shown["history"]] == ["order.opened", "invoice.recorded"]
    assert all(re.fullmatch(_TIME, entry["at"]) for entry in shown["history"])


def test_a_person_reads_what_an_order_is_why_and_what_comes_next(command_line: CommandLine) -> None:
    """Then its facts and its history."""
    _some_orders(command_line)

    shown, _ = command_line.started("order", "acme", "Submarino-2").communicate()

    assert re.search(r"^status +waiting$", shown, re.MULTILINE)
    assert re.search(r"^why +1 of 2 units invoiced$", shown, re.MULTILINE)
    assert re.search(r"^next +it waits for the invoice of what is missing: 88 x1$", shown, re.MULTILINE)
    assert re.search(rf"^{_TIME}  invoice.recorded  4021-1: 88 x1$", shown, re.MULTILINE)
    assert "\x1b" not in shown


@pytest.mark.parametrize("columns", [200, 100, 50])
def test_a_terminal_of_any_width_shows_everything(command_line: CommandLine, columns: int) -> None:
    """No line is longer than the terminal, and no word is lost."""
    _some_orders(command_line)

    code, got = command_line.on_terminal(columns, "orders")

    assert code == 0
    shown = _ESCAPE.sub("", got)

    assert all(rich.cells.cell_len(line) <= columns for line in shown.splitlines())
    for word in ("BWW-Submarino-1", "Shoptime-4", "Correios,", "never", "requested", "1/2", "unknown_sku"):
        assert word in shown


def test_a_terminal_has_colours(command_line: CommandLine) -> None:
    """A status has its own."""
    _some_orders(command_line)

    assert re.search(r"\x1b\[3\dm", command_line.on_terminal(150, "orders")[1])


@pytest.mark.parametrize(
    ("variable", "columns"), [({"NO_COLOR": "1"}, 150), ({"TERM": "dumb"}, 50)], ids=["NO_COLOR", "dumb"]
)
def test_a_terminal_that_wants_none_gets_no_escape_at_all(
    command_line: CommandLine, variable: dict[str, str], columns: int
) -> None:
    """Neither in a table nor in the lines of a narrow one; its width is still kept."""
    _some_orders(command_line)

    shown = "".join(
        command_line.on_terminal(columns, *arguments, **variable)[1]
        for arguments in (("orders",), ("order", "acme", "Submarino-2"), ("stores",))
    )

    assert "\x1b" not in shown
    assert all(rich.cells.cell_len(line) <= columns for line in shown.splitlines())
