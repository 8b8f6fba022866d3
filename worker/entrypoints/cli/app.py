"""What can be typed after `coleta`: names, options and help. The work of a command is imported when it runs."""

from typing import Annotated

import typer

from worker.domain.order import Attention, Status

# Plain help and errors: they start in half the time, and read the same on a terminal, in a pipe and in a log.
app = typer.Typer(
    name="coleta",
    help="Requests the B2W Coleta pickup of an order at SkyHub once its last item is invoiced.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # its boxes show local variables, and those hold secrets
    no_args_is_help=True,
    add_completion=False,
)
rejected = typer.Typer(help="Events that could not be read and were kept.", no_args_is_help=True)
app.add_typer(rejected, name="rejected")

OneStore = Annotated[str, typer.Option("--store", metavar="NAME", help="Only this store.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=0, help="So many at most; 0: all. Default: 100, as JSON all.")
]


@app.command()
def demo() -> None:
    """Show it: ten orders, end to end, on a simulated SkyHub."""
    from worker.entrypoints.cli import tools

    tools.require_sandbox()
    from worker.entrypoints.demo.play import run_demo
    from worker.entrypoints.demo.screen import Screen
    from worker.entrypoints.demo.script import STORIES

    tools.take_signals()
    tools.log_to_stderr()
    raise SystemExit(run_demo(STORIES, Screen()))


@app.command()
def send(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON (an event or a list) or NDJSON.")],
    *,
    store: Annotated[str, typer.Option("--store", metavar="NAME", help="The store of events that name none.")] = "",
    as_json: Json = False,
) -> None:
    """Send native events; what cannot be read is kept.

    The exit code is 0 if all were accepted, else 1.
    """
    from worker.entrypoints.cli.send import send

    send(file, store, as_json=as_json)


@app.command()
def orders(
    reason: Annotated[
        Attention | None, typer.Argument(metavar="REASON", help="With --attention: only this one.")
    ] = None,
    *,
    store: OneStore = "",
    status: Annotated[Status | None, typer.Option(help="Only this status.")] = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only what an operator should look at.")] = False,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """List orders: what needs somebody first, what is over last."""
    from worker.entrypoints.cli.orders import orders

    if reason and not attention:
        raise typer.BadParameter("a reason goes with --attention", param_hint="REASON")
    wanted = None if not attention else {reason} if reason else set(Attention)
    orders(store, status, wanted, limit, as_json=as_json)


@app.command()
def order(
    store: Annotated[str, typer.Argument(help="The store's name.")],
    order_id: Annotated[str, typer.Argument(help="VTEX order id, marketplace id, SkyHub code or remote code.")],
    *,
    as_json: Json = False,
) -> None:
    """Show one order: what it is, why, and what happens next."""
    from worker.entrypoints.cli.orders import order

    order(store, order_id, as_json=as_json)


@rejected.command("list")
def list_rejected(
    *,
    store: OneStore = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="So many of each store at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List the newest rejected events."""
    from worker.entrypoints.cli.rejected import list_rejected

    list_rejected(store, limit, as_json=as_json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the native events."""
    from worker.entrypoints.cli import tools

    tools.print_schema()


@app.command()
def sandbox(
    *,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where it listens.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="0: any free port; the first line names it.")
    ] = 8800,
    latency_ms: Annotated[float, typer.Option(metavar="MS", min=0, help="Every call waits this long.")] = 0.0,
) -> None:
    """Serve the simulated SkyHub."""
    from worker.entrypoints.cli import tools

    tools.require_sandbox()
    from worker.sandbox.server import run

    run(host, port, latency_ms=latency_ms)
