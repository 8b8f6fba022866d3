"""Options that several commands share: their names, help and checks."""

import re
from dataclasses import dataclass
from typing import Annotated

import typer

from worker.domain.order import Attention, Status
from worker.entrypoints.reasons import ReasonError, read_reason

_AGE = re.compile(r"(\d{1,6})\s*([smhdw])", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def parsed_reason(reason: str) -> str:
    """Return an operator's reason on one line."""
    try:
        return read_reason(reason)
    except ReasonError as error:
        raise typer.BadParameter(str(error)) from error


def parsed_age(text: str) -> int:
    """Return the milliseconds of an age: `90s`, `15m`, `2h`, `2d`, `1w`."""
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is no age; write a number and its unit: 90s, 15m, 2h, 2d or 1w")
    return int(match[1]) * _SECONDS[match[2].lower()] * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How something is to be done to several, and told."""

    dry_run: bool = False
    yes: bool = False
    as_json: bool = False


OneStore = Annotated[str, typer.Option("--store", metavar="NAME", help="Only this store.")]
Questions = Annotated[
    bool, typer.Option("--questions", help="Show as well what SkyHub's accounts tell of its open questions.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=0, help="So many at most; 0: all. Default: 100, as JSON all.")
]

StoreName = Annotated[str, typer.Argument(metavar="STORE", help="The store's name.")]
OrderIds = Annotated[
    list[str] | None,
    typer.Argument(metavar="ORDER_ID", help="VTEX order id, marketplace id, SkyHub code or remote code."),
]

Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        callback=parsed_reason,
        show_default=False,
        help="Why, for whoever looks later; needed unless it is a dry run.",
    ),
]
MaybeReason = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        callback=parsed_reason,
        show_default=False,
        help="Why, for whoever looks later; better given than not.",
    ),
]
NO_REASON = "no reason was given"
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before doing it to several.")]
All = Annotated[bool, typer.Option("--all", help="All that this is for; a filter narrows it.")]
Like = Annotated[str, typer.Option("--like", metavar="TEXT", help="Only those whose reason or last error says this.")]
OneStatus = Annotated[Status | None, typer.Option("--status", help="Only those in this status.")]
OneAttention = Annotated[
    Attention | None, typer.Option("--attention", metavar="REASON", help="Only those flagged with this attention.")
]
Age = Annotated[
    int | None,
    typer.Option(
        "--older-than",
        metavar="AGE",
        parser=parsed_age,
        help="Only those that failed so long ago: 90s, 15m, 2h, 2d, 1w.",
    ),
]
