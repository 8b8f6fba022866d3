"""What can be typed after `coleta failed`. The work of a command is imported when it runs."""

from typing import Annotated

import typer

from worker.domain.actions import Action
from worker.domain.order import Status
from worker.entrypoints.cli.actions import Asked
from worker.entrypoints.cli.grouping import Group
from worker.entrypoints.cli.options import (
    NO_REASON,
    Age,
    All,
    DryRun,
    How,
    Json,
    Like,
    Limit,
    MaybeReason,
    OneStore,
    Yes,
)
from worker.usecases.find_orders import Filter

failed = typer.Typer(cls=Group, help="Failed orders: list, retry or discard them.", no_args_is_help=True)

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="STORE ORDER_ID", help="A store: all of its failed orders; or some, by any form of their code."
    ),
]


@failed.command("list")
def list_failed(
    *, store: OneStore = "", like: Like = "", older_than: Age = None, limit: Limit = None, as_json: Json = False
) -> None:
    """List failed orders, the longest failed first.

    Why each one failed, since when, after how many attempts, and what SkyHub said last.
    """
    from worker.entrypoints.cli.orders import list_failed

    list_failed(store, like, older_than, limit, as_json=as_json)


def _offer(action: Action, words: str) -> None:
    @failed.command(action, help=words)
    def act(
        words: Words = None,
        *,
        reason: MaybeReason = NO_REASON,
        store: OneStore = "",
        everything: All = False,
        like: Like = "",
        older_than: Age = None,
        dry_run: DryRun = False,
        yes: Yes = False,
        as_json: Json = False,
    ) -> None:
        from worker.entrypoints.cli.acting import act_on_failed, act_on_orders, only_failed

        order_ids = list(words or [])
        if not store and order_ids:
            store = order_ids.pop(0)
        filtered = bool(like) or older_than is not None
        if order_ids and (everything or filtered):
            raise typer.BadParameter("name orders, or say --all or a filter; not both", param_hint="ORDER_ID")
        if not (store or everything or filtered):
            raise typer.BadParameter(
                "say which: a STORE, ORDER_IDs of it, --like TEXT, --older-than AGE, or --all", param_hint="STORE"
            )
        asked = Asked(action=action, reason=reason, how=How(dry_run=dry_run, yes=yes, as_json=as_json))
        wanted = Filter(statuses=(Status.FAILED,), like=like, older_than=older_than)
        if order_ids:
            act_on_orders(asked, store, order_ids, wanted, only_failed)
        else:
            act_on_failed(asked, store, wanted)


_offer(Action.RETRY, "Evaluate failed orders of a store, or of all, anew.")
_offer(Action.DISCARD, "Give failed orders up: they are not requested.")
