"""`coleta order STORE ORDER_ID --logs FILE|-`: what the service's log says of an order; needs no Redis."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from worker.entrypoints.cli.story_lines import Line, Story, named_in
from worker.entrypoints.cli.tables import print_json_list, show_table
from worker.entrypoints.cli.terminal import complain
from worker.entrypoints.process import leave
from worker.entrypoints.words import counted

# What a person knows already, or reads elsewhere in the row.
_UNSHOWN = frozenset(
    {
        *("store", "event", "timestamp", "level", "logger", "process", "exception", "stack"),
        *("order_id", "order_ids", "due_ids", "unnamed", "task_id", "trace_id", "trace_ids"),
    }
)


def show_story(store: str, name: str, file: str, *, as_json: bool) -> None:
    """Show it; ends the process with 1 if no line names the order, or several orders fit."""
    story = Story(store, name)
    with _opened(file) as lines:
        story.read(lines)
    told = story.lines()
    where = "standard input" if file == "-" else file
    if not told:
        hint = (
            f"; {_incomplete(story)}"
            if story.incomplete
            else ": it takes the service's JSON lines (COLETA_LOG_FORMAT=json)"
        )
        leave(f"no line of {where} names order {name} of store {store}{hint}")
    if len(story.orders) > 1:
        leave(f"{name} fits several orders of store {store}, name one: {', '.join(sorted(story.orders))}")
    if as_json:
        print_json_list(told)
        return
    show_table(("at", "event", "detail"), [_row(line, story.spellings) for line in told], folded=("detail",))
    if story.incomplete:
        complain(f"{_incomplete(story)}: coleta order {store} {shlex.quote(*story.orders)} shows its history")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == "-":
        sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr] # it is a stream of text
        yield sys.stdin
        return
    try:
        stream = Path(file).open(encoding="utf-8", errors="replace")  # noqa: SIM115 - closed below
    except OSError as error:
        leave(f"{file} cannot be read: {error.strerror}")
    with stream:
        yield stream


def _incomplete(story: Story) -> str:
    lines = counted(story.incomplete, "line")
    return f"{lines} of this store had more orders than {'it names' if story.incomplete == 1 else 'they name'}"


def _row(line: Line, order_ids: set[str]) -> tuple[str, str, str]:
    said = [str(line.get("level"))] if line.get("level") != "info" else []
    named = {*named_in(line)}
    said += ["due"] if not order_ids.isdisjoint(line.get("due_ids", ())) else []
    others = len(named - order_ids) + int(line.get("unnamed", 0))
    said += [f"with {counted(others, 'other order')}"] if others and named & order_ids else []
    said += [
        f"{name}={_value(value)}" for name, value in line.items() if name not in _UNSHOWN and value not in ("", [])
    ]
    return line["timestamp"], line["event"], " ".join(said)


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if " " not in text else json.dumps(text, ensure_ascii=False)
