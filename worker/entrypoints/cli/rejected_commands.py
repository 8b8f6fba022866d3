"""What can be typed after `coleta rejected`. The work of a command is imported when it runs."""

from typing import Annotated

import typer

from worker.entrypoints.cli.grouping import Group
from worker.entrypoints.cli.options import DryRun, How, Json, OneStore, Yes

rejected = typer.Typer(
    cls=Group,
    help="Events that could not be recorded: list, resend or discard them.",
    no_args_is_help=True,
)

NoStore = Annotated[bool, typer.Option("--no-store", help="Only events that name no store that was known.")]
Like = Annotated[str, typer.Option("--like", metavar="TEXT", help="Only those whose reason or body says this.")]
All = Annotated[bool, typer.Option("--all", help="All that are kept; the options below narrow it.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids, as the list shows them.")]


@rejected.command("list")
def list_rejected(
    *,
    store: OneStore = "",
    no_store: NoStore = False,
    like: Like = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="So many of each store at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List rejected events with what was wrong, the newest first."""
    from worker.entrypoints.cli.rejected import Wanted, list_rejected

    list_rejected(Wanted(store=_store(store, no_store=no_store), like=like), limit, as_json=as_json)


def _offer(action: str, words: str) -> None:
    @rejected.command(action, help=words)
    def act(
        ids: Ids = None,
        *,
        everything: All = False,
        store: OneStore = "",
        no_store: NoStore = False,
        like: Like = "",
        dry_run: DryRun = False,
        yes: Yes = False,
        as_json: Json = False,
    ) -> None:
        if ids and (everything or like):
            raise typer.BadParameter("name events, or say --all or --like; not both", param_hint="ID")
        if not (ids or everything or like or store or no_store):
            raise typer.BadParameter("say which: IDs, --store NAME, --no-store, --like TEXT, or --all", param_hint="ID")
        from worker.entrypoints.cli.rejected import Wanted
        from worker.entrypoints.cli.resending import discard, resend

        wanted = Wanted(ids=ids or (), store=_store(store, no_store=no_store), like=like)
        do = resend if action == "resend" else discard
        do(wanted, How(dry_run=dry_run, yes=yes, as_json=as_json))


_offer(
    "resend",
    """Hand events in again, once what was wrong is mended.

    That may be a store that was not known, or a fault of this service.

    An event that still cannot be read stays kept; mend it at its source, and send it from there.""",
)
_offer("discard", "Forget events for good.")


def _store(name: str, *, no_store: bool) -> str | None:
    if not no_store:
        return name or None
    if name:
        raise typer.BadParameter("an event is of a store or of none", param_hint="--no-store")
    from worker.adapters.redis_ledger.keys import NO_STORE

    return NO_STORE
