"""What can be typed after `coleta`: names, options and help. The work of a command is imported when it runs."""

from typing import Annotated

import typer

from worker.domain.order import Attention, Status
from worker.entrypoints.cli.failed_commands import failed
from worker.entrypoints.cli.grouping import Command, MainGroup
from worker.entrypoints.cli.options import Json, Like, Limit, OneStore, Questions
from worker.entrypoints.cli.order_commands import order
from worker.entrypoints.cli.rejected_commands import rejected
from worker.entrypoints.cli.store_commands import stores
from worker.ports.processes import Kind

# Plain help and errors: they start in half the time, and read the same on a terminal, in a pipe and in a log.
app = typer.Typer(
    name="coleta",
    cls=MainGroup,
    help="Requests the B2W Coleta pickup of an order at SkyHub once its last item is invoiced.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # its boxes show local variables, and those hold secrets
    epilog="Pipes and files get plain text without colours, as does a terminal where NO_COLOR=1 is set.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command()
def up(
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Try it: with a simulated SkyHub, and orders that keep arriving.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="So many workers. Default: one a core.", show_default=False)
    ] = None,
    orders_per_minute: Annotated[
        float | None,
        typer.Option(
            metavar="N", min=0.1, help="With --sandbox: how many orders arrive. Default: 20.", show_default=False
        ),
    ] = None,
) -> None:
    """Run all of it in one terminal, until Ctrl-C.

    `kill` ends it as well: in the background of a script nothing else does, for there shells let Ctrl-C be ignored.

    Workers, beat and web, and a Redis server of its own; what dies is started again. It serves the stores of
    COLETA_STORES_FILE, and keeps its orders in COLETA_DATA_DIR, or on the server that COLETA_REDIS_URL names.
    With --sandbox it needs neither.
    """
    if orders_per_minute is not None and not sandbox:
        raise typer.BadParameter("orders arrive with --sandbox only", param_hint="--orders-per-minute")
    from worker.entrypoints.up.run import Wanted, up

    up(Wanted(sandbox=sandbox, workers=workers, orders_per_minute=orders_per_minute or 20.0))


@app.command()
def web() -> None:
    """Serve HTTP: the stores' doors, and whether the service is alive and ready.

    At COLETA_WEB_HOST and COLETA_WEB_PORT: /openapi.json describes the doors, /readyz says what is missing.
    """
    from worker.entrypoints.web.server import serve

    serve()


@app.command()
def demo() -> None:
    """Show it: orders of every kind, end to end, on a simulated SkyHub."""
    from worker.entrypoints.cli import tools
    from worker.entrypoints.demo.play import run_demo
    from worker.entrypoints.demo.screen import Screen
    from worker.entrypoints.demo.script import STORIES

    tools.log_to_stderr()
    with tools.leaving_in_order():
        raise SystemExit(run_demo(STORIES, Screen()))


@app.command(cls=Command)
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
    like: Like = "",
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """List orders, store by store: in each what needs somebody first, what is over last."""
    from worker.entrypoints.cli.orders import orders

    if reason and not attention:
        raise typer.BadParameter("a reason goes with --attention", param_hint="REASON")
    wanted = () if not attention else (reason,) if reason else tuple(Attention)
    orders(store, status, wanted, like, limit, as_json=as_json)


for name, commands in (("order", order), ("failed", failed), ("rejected", rejected), ("stores", stores)):
    app.add_typer(commands, name=name)


@app.command()
def reconcile(
    store: Annotated[str, typer.Argument(metavar="STORE", help="Only this store.", show_default=False)] = "",
    *,
    as_json: Json = False,
) -> None:
    """Look now for orders that SkyHub lists and nobody told of.

    Workers do so every COLETA_RECONCILE_SECONDS. What is found is read from the VTEX OMS; without one it is flagged for
    an operator. The exit code is 1 if a store could not be looked at.
    """
    from worker.entrypoints.cli.reconciling import reconcile

    reconcile(store, as_json=as_json)


@app.command()
def doctor(*, store: OneStore = "", questions: Questions = False, as_json: Json = False) -> None:
    """Say what is wrong with the deployment, and what to do about it.

    Settings, Redis, broker, processes, orders, and whether SkyHub, VTEX and Pick and Pack accept the accounts. It only
    reads. The exit code is 1 if there is a problem.
    """
    from worker.entrypoints.cli.doctor import doctor

    doctor(store, questions=questions, as_json=as_json)


@app.command(cls=Command)
def probe(
    kind: Annotated[Kind, typer.Argument(metavar="worker|beat|web", help="Which process.", show_default=False)],
    *,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Only the one of this name, where a machine runs several.")
    ] = "",
) -> None:
    """Say whether this machine's process makes progress: for containers and supervisors.

    The exit code is 1 if starting it again would help. While Redis or the broker is away it is 0: a new process would
    wait as well.
    """
    from worker.entrypoints.cli.probing import say

    say(kind, name)


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
    """Serve the simulated SkyHub, and VTEX's OMS and Pick and Pack beside it.

    The OMS answers under /vtex, Pick and Pack under /pick-and-pack; /_sandbox steers all three.
    """
    from worker.sandbox.server import run

    run(host, port, latency_ms=latency_ms)
