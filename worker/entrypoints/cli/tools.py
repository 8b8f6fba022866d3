"""`coleta schema`, `coleta sandbox` and `coleta demo`."""

import json
import signal
import sys
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import NoReturn

import typer

from config.logging import configure_logging
from worker.adapters.native_event import schema
from worker.entrypoints.process import leave
from worker.entrypoints.signals import heeding

_SANDBOX_NEEDS = ("starlette", "uvicorn")


def print_schema() -> None:
    """Print the JSON Schema of the native events."""
    typer.echo(json.dumps(schema(), ensure_ascii=False, indent=2))


def require_sandbox() -> None:
    """End the process with a sentence where the simulated SkyHub cannot run."""
    missing = [name for name in _SANDBOX_NEEDS if find_spec(name) is None]
    if missing:
        leave(f"the simulated SkyHub needs {' and '.join(missing)}: install this package with its extra `sandbox`")


def leaving_in_order() -> AbstractContextManager[None]:
    """Let SIGTERM and SIGHUP end this process in order, with what it started."""
    return heeding((signal.SIGTERM, signal.SIGHUP), _leave_by_signal)


def log_to_stderr() -> None:
    """Write what goes wrong on the way to standard error."""
    configure_logging("console", stream=sys.stderr)


def _leave_by_signal(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
