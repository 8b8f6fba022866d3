"""An app with tasks of our names, and messages to them as kombu hands them out."""

import json
from types import SimpleNamespace
from typing import Any

from celery import Celery

import worker.entrypoints.tasks  # noqa: F401 - they are there once it is imported


def tasks_app() -> Celery:
    """Return an app with our tasks, which Celery shares among all apps of a process, and none of our settings."""
    app = Celery("test", broker="memory://", set_as_current=False)
    app.finalize()
    return app


def message(task: object, *arguments: object, died: str = "", body: bytes | None = None) -> Any:  # noqa: ANN401 - kombu's
    """Return a message that calls a task, or has another `body`; `died`: why it is a dead letter."""
    call = [list(arguments), {}, {}]
    headers: dict[str, object] = {"task": task, "id": "1"}
    if died:
        headers["x-death"] = [{"reason": died, "queue": "inbox"}]
    made = SimpleNamespace(headers=headers, body=body or json.dumps(call).encode(), acknowledged=False)
    made.payload = call if body is None else None
    made.ack = lambda: setattr(made, "acknowledged", True)
    return made
