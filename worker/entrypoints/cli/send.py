"""`coleta send`: native events from a file or standard input."""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NoReturn

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from worker.entrypoints.cli.bodies import Body, NoEventsError, bodies
from worker.entrypoints.cli.connected import connected
from worker.entrypoints.cli.sending import Sender
from worker.entrypoints.cli.terminal import complain, moving
from worker.entrypoints.process import leave
from worker.entrypoints.tasks import app
from worker.entrypoints.words import counted
from worker.ports import InboxFullError

_BODIES_A_LOOK = 100


def send(file: str, store: str, *, as_json: bool) -> None:
    """Send what `file` holds; ends the process with 1 if anything was rejected or could not be sent."""
    rejected: list[tuple[Body, str]] = []
    with _opened(file) as stream, connected() as service:
        service.examine_redis()
        if store:
            service.store(store)
        sender = Sender(service, app, store)
        try:
            with _progress(stream) as show:
                for count, body in enumerate(bodies(stream), 1):
                    reason = sender.take(body.content)
                    if reason is not None:
                        rejected.append((body, reason))
                        _say_rejected(body, reason, as_json=as_json)
                    if count % _BODIES_A_LOOK == 0:
                        show(count)
                sender.flush()
        except NoEventsError as error:
            leave(f"{'standard input' if file == '-' else file} {error}")
        except InboxFullError as full:
            _report(sender.accepted, rejected, as_json=as_json)
            _leave_full(full, sender.accepted)
        except BaseException:
            _report(sender.accepted, rejected, as_json=as_json)
            raise
    _report(sender.accepted, rejected, as_json=as_json)
    if rejected:
        raise SystemExit(1)


def _report(accepted: int, rejected: list[tuple[Body, str]], *, as_json: bool) -> None:
    if as_json:
        lines = [{"line": body.number, "reason": reason} for body, reason in rejected]
        typer.echo(json.dumps({"accepted": accepted, "rejected": lines}, ensure_ascii=False))
        return
    kept = " (kept: coleta rejected list)" if rejected else ""
    typer.echo(f"sent {accepted}, rejected {len(rejected)}{kept}")


def _say_rejected(body: Body, reason: str, *, as_json: bool) -> None:
    if not as_json:
        complain(f"{body.place}: {reason}")


def _leave_full(full: InboxFullError, accepted: int) -> NoReturn:
    mend = "See that a worker runs, or raise the limit; then send all of it again: nothing is counted twice."
    sent = f"{counted(accepted, 'event')} {'was' if accepted == 1 else 'were'} sent"
    leave(f"{full}: {sent}, the rest was not. {mend}")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = open(file, "rb")  # noqa: PTH123, SIM115 - closed below; only opening may fail this way
    except OSError as error:
        leave(f"{file} cannot be read ({error.strerror})")
    with stream:
        yield stream


@contextmanager
def _progress(stream: BinaryIO) -> Iterator[Callable[[int], None]]:
    """Give what shows how many events were read, on a terminal; elsewhere it shows nothing."""
    screen = moving()
    if screen is None:
        yield lambda _count: None
        return
    about = os.fstat(stream.fileno())
    size = about.st_size if stat.S_ISREG(about.st_mode) else None
    columns = (TextColumn("{task.fields[read]}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        bar = progress.add_task("", total=size, read=counted(0, "event"))
        yield lambda count: progress.update(bar, completed=stream.tell() if size else 0, read=counted(count, "event"))
