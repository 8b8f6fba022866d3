import re

import pytest
import typer
from typer.testing import CliRunner

from worker.entrypoints.cli.app import app
from worker.entrypoints.cli.grouping import OrderGroup, StoresGroup

orders = typer.Typer(cls=OrderGroup, no_args_is_help=True, rich_markup_mode=None)
stores = typer.Typer(cls=StoresGroup, rich_markup_mode=None)


@orders.command()
def show(
    store: str, order_id: str, *, as_json: bool = typer.Option(default=False, help="", show_default=False)
) -> None:
    """Show one."""
    typer.echo(f"show {store} {order_id}{' as JSON' * as_json}")


@orders.command()
def retry(store: str, order_ids: list[str], *, reason: str = typer.Option(), like: str = typer.Option("")) -> None:
    """Retry several."""
    typer.echo(f"retry {store} {order_ids} {reason}{like}")


@stores.command("list")
def list_stores(*, like: str = typer.Option("")) -> None:
    """List all."""
    typer.echo(f"list {like}")


@stores.command()
def pause(names: list[str]) -> None:
    """Pause several."""
    typer.echo(f"pause {names}")


def _said(group: typer.Typer, *words: str) -> str:
    done = CliRunner().invoke(group, words, env={"TERM": "dumb"})
    assert done.exit_code == 0, done.output
    return done.output.strip()


def _refused(group: typer.Typer, *words: str) -> str:
    done = CliRunner().invoke(group, words, env={"TERM": "dumb"})
    assert done.exit_code == 2, done.output
    return done.output.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("retry", "acme", "7", "--reason", "x"),
        ("acme", "7", "retry", "--reason", "x"),
        ("acme", "retry", "7", "--reason", "x"),
        ("--reason", "x", "retry", "acme", "7"),
        ("--reason", "x", "acme", "7", "retry"),
        ("acme", "--reason=x", "7", "retry"),
        ("acme", "7", "--reason", "x", "retry"),
    ],
)
def test_an_action_stands_before_or_behind_what_it_is_for(words: tuple[str, ...]) -> None:
    """Options may stand anywhere."""
    assert _said(orders, *words) == "retry acme ['7'] x"


def test_an_options_value_is_no_action() -> None:
    """Whatever it says."""
    assert _said(orders, "acme", "7", "retry", "--like", "show", "--reason", "retry") == "retry acme ['7'] retryshow"


def test_without_an_action_the_order_is_shown() -> None:
    """As it always was; also where its store is called like an action."""
    assert _said(orders, "acme", "7") == "show acme 7"
    assert _said(orders, "--as-json", "acme", "7") == "show acme 7 as JSON"
    assert _said(orders, "show", "retry", "7") == "show retry 7"
    assert _said(orders, "--", "acme", "-7") == "show acme -7"


def test_an_action_on_an_order_of_a_store_called_like_one() -> None:
    """The first word is the action, the second the store."""
    assert _said(orders, "retry", "retry", "7", "--reason", "x") == "retry retry ['7'] x"


def test_a_word_that_is_no_action_is_named() -> None:
    """With those there are, and the likeliest."""
    assert _refused(orders, "acme", "7", "retri") == (
        "Error: none of 'acme', '7', 'retri' is one of show, retry; did you mean retry?"
    )
    assert _refused(stores, "acme") == "Error: 'acme' is not one of list, pause"


def test_help_of_the_group_and_of_a_command() -> None:
    """Nothing but `--help` asks for the group's."""
    assert re.search(r"Commands:\n  show +Show one\.\n  retry +Retry several\.", _said(orders, "--help"))
    assert "--like" in _said(orders, "acme", "7", "retry", "--help")
    assert "Commands:" in _said(stores, "--help")


def test_stores_are_listed_unless_a_command_is_named() -> None:
    """With nothing or only options behind it."""
    assert _said(stores) == "list"
    assert _said(stores, "--like", "pause") == "list pause"
    assert _said(stores, "pause", "acme") == "pause ['acme']"


def test_the_help_of_everything_has_a_line_on_each_command() -> None:
    """Short enough to be read whole in 80 columns, those of every day first."""
    text = _said(app, "--help")
    names = re.findall(r"^  ([a-z]+)  +[A-Z]", text, re.MULTILINE)

    assert names[:9] == ["up", "demo", "send", "orders", "order", "failed", "stores", "rejected", "doctor"]
    assert set(names[9:]) == {"web", "reconcile", "probe", "schema", "sandbox"}
    for name in ("order", "failed", "stores", "rejected"):
        inside = _said(app, name, "--help")
        lines = inside.partition("Commands:")[2].strip("\n").splitlines()
        assert lines
        assert not any("..." in line for line in lines), lines
