"""How the demo is seen: a table that lives on a terminal, a line for each change elsewhere; in the end a table."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from worker.domain.order import Attention, Order, Status
from worker.entrypoints.cli import terminal
from worker.entrypoints.cli.tables import fitted_table, plain_lines, show_table
from worker.entrypoints.demo.judge import Verdict
from worker.entrypoints.demo.stories import Story

_COLUMNS = ("order", "what happened", "status", "accepted")
# Lines of the living table that are no orders: what frames it, and the one that says how many do not fit.
_FRAME = 6
_NOTHING: frozenset[Attention] = frozenset()

Watch = Callable[[Mapping[str, Order], Mapping[str, int]], None]
"""Shows how far the orders are: those in the ledger, and the confirmations that SkyHub accepted, by SkyHub code."""


class Screen:
    """Standard output; `live` if it is a terminal on which pictures may move."""

    def __init__(self, *, live: bool | None = None) -> None:
        self._live = terminal.moving(stderr=False) is not None if live is None else live
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line, with the seconds since the start."""
        typer.echo(f"[{time.monotonic() - self._started:5.1f} s] {text}")

    @contextmanager
    def watching(self, stories: Sequence[Story]) -> Iterator[Watch]:
        """Give what shows the stories while they go on."""
        if not self._live:
            yield self._changes(stories)
            return
        console = terminal.console()
        with Live(console=console, transient=True, auto_refresh=False) as live:
            yield lambda orders, accepted: live.update(_picture(console, stories, orders, accepted), refresh=True)

    def show_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Print what became of each order, then what was wrong."""
        typer.echo("")
        rows = [
            _row(
                verdict.story,
                verdict.status or "unknown",
                verdict.reason,
                verdict.attention,
                verdict.confirmations,
            )
            for verdict in verdicts
        ]
        show_table(_COLUMNS, rows, folded=("what happened",))
        typer.echo("\naccepted: confirmations that SkyHub accepted, as it counts them itself")
        for verdict in verdicts:
            for fault in verdict.faults:
                typer.echo(f"WRONG {verdict.story.code}: {fault}")

    def _changes(self, stories: Sequence[Story]) -> Watch:
        said: dict[str, str] = {}

        def watch(orders: Mapping[str, Order], _accepted: Mapping[str, int]) -> None:
            for story in stories:
                order = orders.get(story.code)
                if order is None:
                    continue
                now = ", ".join(filter(None, (order.status, order.reason, _shown(order.attention))))
                if said.get(story.code) != now:
                    said[story.code] = now
                    self.say(f"{story.code}: {now}")

        return watch


def _picture(
    console: Console, stories: Sequence[Story], orders: Mapping[str, Order], accepted: Mapping[str, int]
) -> RenderableType:
    shown = fitting(stories, orders, max(1, console.height - _FRAME))
    rows = []
    for story in shown:
        order = orders.get(story.code)
        known = (order.status, order.reason, order.attention) if order is not None else ("", "", _NOTHING)
        rows.append(_row(story, *known, accepted.get(story.code, 0)))
    table = fitted_table(_COLUMNS, rows, ("what happened",), console.width, cut=True)
    picture = table or Text("\n".join(plain_lines([(code, status) for code, _, status, _ in rows])))
    left_out = len(stories) - len(shown)
    return Group(picture, Text(f"and {left_out} more")) if left_out else picture


def fitting(stories: Sequence[Story], orders: Mapping[str, Order], most: int) -> list[Story]:
    """Return so many stories, in their order; left out are those first whose order is where it should be."""
    by_arrival = sorted(stories, key=lambda story: story.ends_with(orders.get(story.code)))
    kept = {story.code for story in by_arrival[:most]}
    return [story for story in stories if story.code in kept]


def _row(story: Story, status: str, reason: str, attention: frozenset[Attention], accepted: int) -> tuple[str, ...]:
    told = "" if status == Status.REQUESTED and accepted else reason  # Then the last column says why.
    happened = "; ".join(filter(None, (story.title, told, _shown(attention))))
    return (story.code, happened, status, str(accepted))


def _shown(attention: frozenset[Attention]) -> str:
    return f"attention: {', '.join(sorted(attention))}" if attention else ""
