"""What can be typed after `coleta order`. The work of a command is imported when it runs."""

from typing import Annotated

import typer

from worker.domain.actions import ALLOWED, Action
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Status
from worker.entrypoints.cli.actions import Asked, ToCarrier
from worker.entrypoints.cli.grouping import Command, OrderGroup
from worker.entrypoints.cli.options import (
    NO_REASON,
    All,
    DryRun,
    How,
    Json,
    Like,
    OneAttention,
    OneStatus,
    OrderIds,
    Reason,
    StoreName,
    Yes,
)
from worker.usecases.find_orders import Filter

_USAGE = """Show one order, or act on it.

\b
coleta order STORE ORDER_ID
    shows it
coleta order STORE ORDER_ID --logs FILE|-
    tells its story from the service's log
coleta order STORE ORDER_ID ACTION --reason TEXT
    acts on it
coleta order ACTION STORE ORDER_ID... --reason TEXT
    acts on one or several
coleta order ACTION STORE --all --reason TEXT
    acts on all of a store that the action is for;
    --status, --attention and --like narrow it

An order is found by any form of its code. The reason is kept in the order's history. --dry-run says what would
happen."""

order = typer.Typer(
    cls=OrderGroup,
    help=_USAGE,
    subcommand_metavar="[STORE ORDER_ID] [ACTION] [OPTIONS]...",
    no_args_is_help=True,
)

_HELP = {
    Action.RELEASE: """Request a pickup before all items are invoiced.

    The carrier must still be Direct. --all means all waiting orders of the store; most of them wait rightly.""",
    Action.REQUEST_AGAIN: """Request a pickup again that was undone at SkyHub.

    It is undone there when a label list is ungrouped. SkyHub's list is read now, and must show the order as not
    requested. --all means all orders of the store with attention listed_after_request, but
    none that was canceled: one that is named is requested again although it was, and its cancel is lifted.""",
    Action.RETRY: """Evaluate a failed or canceled order anew.

    --all means all failed orders of the store; with --status canceled all canceled ones.""",
    Action.DISCARD: """Give a failed order up: it is not requested.

    --all means all failed orders of the store.""",
}


@order.command(cls=Command)
def show(
    store: StoreName,
    order_id: Annotated[
        str, typer.Argument(metavar="ORDER_ID", help="VTEX order id, marketplace id, SkyHub code or remote code.")
    ],
    *,
    logs: Annotated[
        str, typer.Option("--logs", metavar="FILE|-", help="Instead, what these lines of the service's log say of it.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Show an order: what it is, why, and what happens next."""
    if logs:
        from worker.entrypoints.cli.story import show_story

        show_story(store, order_id, logs, as_json=as_json)
        return
    from worker.entrypoints.cli.orders import order

    order(store, order_id, as_json=as_json)


def _offer(action: Action) -> None:
    @order.command(action, cls=Command, help=_HELP[action])
    def act(
        store: StoreName,
        order_ids: OrderIds = None,
        *,
        reason: Reason = NO_REASON,
        everything: All = False,
        status: OneStatus = None,
        attention: OneAttention = None,
        like: Like = "",
        dry_run: DryRun = False,
        yes: Yes = False,
        as_json: Json = False,
    ) -> None:
        asked = Asked(action=action, reason=reason, how=How(dry_run=dry_run, yes=yes, as_json=as_json))
        _act(asked, store, order_ids or [], everything=everything, status=status, attention=attention, like=like)


for _action in _HELP:
    _offer(_action)


@order.command(Action.SET_CARRIER, cls=Command)
def set_carrier(
    store: StoreName,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="ORDER_ID|CARRIER", help=f"Orders, then one of {', '.join(ToCarrier)}."),
    ] = None,
    *,
    reason: Reason = NO_REASON,
    carrier: Annotated[ToCarrier | None, typer.Option("--carrier", help="Instead of the last word.")] = None,
    everything: All = False,
    status: OneStatus = None,
    attention: OneAttention = None,
    carrier_is: Annotated[Carrier | None, typer.Option("--carrier-is", help="Only those with this carrier.")] = None,
    like: Like = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Correct the carrier; only Direct is ever requested.

    An operator's word outranks what events and SkyHub say.
    """
    order_ids = list(words or [])
    if carrier is None and order_ids and order_ids[-1].lower() in set(ToCarrier):
        carrier = ToCarrier(order_ids.pop().lower())
    if carrier is None:
        raise typer.BadParameter(f"say which: one of {', '.join(ToCarrier)}", param_hint="CARRIER")
    how = How(dry_run=dry_run, yes=yes, as_json=as_json)
    _act(
        Asked(action=Action.SET_CARRIER, reason=reason, carrier=Carrier(carrier), how=how),
        store,
        order_ids,
        everything=everything,
        status=status,
        attention=attention,
        like=like,
        carrier_is=carrier_is,
    )


def _act(
    asked: Asked,
    store: str,
    order_ids: list[str],
    *,
    everything: bool,
    status: Status | None,
    attention: Attention | None,
    like: str,
    carrier_is: Carrier | None = None,
) -> None:
    action, kind, named = asked.action, asked.kind, bool(order_ids)
    filtered = bool(status or attention or like or carrier_is)
    if named and (everything or filtered):
        raise typer.BadParameter("name orders, or say --all or a filter; not both", param_hint="ORDER_ID")
    if not (named or everything or filtered):
        raise typer.BadParameter("say which: one or more, or --all, or a filter", param_hint="ORDER_ID")
    if not named and kind.needs_filter and not filtered:
        raise typer.BadParameter(
            f"{action} needs a filter besides: --status, --attention, --carrier-is or --like", param_hint="--all"
        )
    if status is not None and status not in ALLOWED[action]:
        raise typer.BadParameter(
            f"{action} is for orders that are {' or '.join(ALLOWED[action])}", param_hint="--status"
        )
    if asked.reason == NO_REASON and not asked.how.dry_run:
        raise typer.BadParameter("it is missing; say why, in a few words", param_hint="--reason")
    from worker.entrypoints.cli.acting import act_on_orders

    wanted = Filter(
        statuses=(status,) if status else kind.meant,
        attention=(attention,) if attention else (),
        like=like,
        carrier=carrier_is,
        flagged=kind.flagged,
        uncanceled=kind.uncanceled,
    )
    act_on_orders(asked, store, order_ids, wanted)
