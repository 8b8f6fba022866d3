"""What can be typed after `coleta stores`. The work of a command is imported when it runs."""

from typing import Annotated

import typer

from worker.entrypoints.cli.grouping import StoresGroup
from worker.entrypoints.cli.options import NO_REASON, DryRun, How, Json, MaybeReason, Yes

stores = typer.Typer(
    cls=StoresGroup,
    help="List stores; pause or resume them.",
    epilog="Without a command they are listed: coleta stores --paused is coleta stores list --paused.",
    subcommand_metavar="[COMMAND] [OPTIONS]...",
)

Names = Annotated[list[str] | None, typer.Argument(metavar="STORE", help="The stores' names.")]
All = Annotated[bool, typer.Option("--all", help="All stores in the stores file.")]
Like = Annotated[str, typer.Option("--like", metavar="TEXT", help="Only stores whose name holds this, in any case.")]


@stores.command("list")
def list_stores(
    *,
    like: Like = "",
    paused: Annotated[bool, typer.Option("--paused", help="Only those that are paused, by whomever.")] = False,
    attention: Annotated[bool, typer.Option("--attention", help="Only those with orders that have attention.")] = False,
    as_json: Json = False,
) -> None:
    """List stores, what needs somebody first.

    Stores that were taken out of the stores file are listed as long as they hold orders.
    """
    from worker.entrypoints.cli.stores import list_stores

    list_stores(like, only_paused=paused, only_attention=attention, as_json=as_json)


@stores.command()
def pause(
    names: Names = None,
    *,
    reason: MaybeReason = NO_REASON,
    everything: All = False,
    like: Like = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Stop the SkyHub calls of stores until they are resumed.

    Events are recorded as before, so that nothing is lost.
    """
    from worker.entrypoints.cli.pausing import Which, pause

    _check_which(names, everything=everything, like=like)
    pause(Which(names or (), like), reason, How(dry_run=dry_run, yes=yes, as_json=as_json))


@stores.command()
def resume(
    names: Names = None,
    *,
    everything: All = False,
    like: Like = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """End the pause of stores, whoever paused them.

    What is due is requested at once. A store that SkyHub still refuses is paused again by the service.
    """
    from worker.entrypoints.cli.pausing import Which, resume

    _check_which(names, everything=everything, like=like)
    resume(Which(names or (), like), How(dry_run=dry_run, yes=yes, as_json=as_json))


def _check_which(names: list[str] | None, *, everything: bool, like: str) -> None:
    if names and (everything or like):
        raise typer.BadParameter("name stores, or say --all or --like; not both", param_hint="STORE")
    if not (names or everything or like):
        raise typer.BadParameter("say which: one or more STOREs, --like TEXT, or --all", param_hint="STORE")
