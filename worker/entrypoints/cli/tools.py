"""`coleta schema`, and what `coleta demo` needs of its process."""

import json
import signal
import sys
from contextlib import AbstractContextManager
from typing import NoReturn

import typer

from config.logging import configure_logging
from worker.adapters.native_event import schema
from worker.entrypoints.signals import heeding


def print_schema() -> None:
    """Print the JSON Schema of the native events."""
    typer.echo(json.dumps(schema(), ensure_ascii=False, indent=2))


def leaving_in_order() -> AbstractContextManager[None]:
    """Let SIGTERM and SIGHUP end this process in order, with what it started."""
    return heeding((signal.SIGTERM, signal.SIGHUP), _leave_by_signal)


def log_to_stderr() -> None:
    """Write what goes wrong on the way to standard error."""
    configure_logging("console", stream=sys.stderr)


def _leave_by_signal(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
