"""What a message calls for: whether a thread could run it, and what is said of it when it is given up."""

from typing import Any

from celery import Celery

from config.celeryconfig import TASK_QUEUES
from worker.entrypoints.broker.envelope import arguments
from worker.ports import UnreadableBodyError

_MOST_SHOWN = 100
# Their messages are the only record of what somebody wants. Every other task is a hint, and the sweep hints again.
_RECORDS = {
    "coleta.order_invoiced": "hand it in again with `coleta rejected resend`",
    "coleta.retry_order": "do that retry again with `coleta order STORE ORDER_ID retry`",
}
_HINTS = TASK_QUEUES.keys() - _RECORDS
_SEND = "send the task coleta.order_invoiced with the event as its only argument, to queue inbox"


def task_of(message: Any) -> str:  # noqa: ANN401 - kombu's
    """Return the task that a message names, by either protocol of Celery's; "" where it names none."""
    try:
        name = message.headers.get("task") or message.payload["task"]
    except Exception:  # noqa: BLE001 - it cannot be read, then
        return ""
    return name if isinstance(name, str) else ""


def call_problem(app: Celery, message: Any) -> str:  # noqa: ANN401 - kombu's
    """Return why a thread would fail to call a task of ours, "" where it would not; raises what reading it raises."""
    body, task = message.payload, app.tasks.get(task_of(message))
    try:
        args, kwargs = arguments(body)
        if task is not None:
            task.__header__(*args, **kwargs)
    except UnreadableBodyError as error:
        return error.reason
    except TypeError as error:
        return f"{task.name} takes other arguments: {str(error)[:_MOST_SHOWN]}"
    return ""


def task_problem(app: Celery, message: Any) -> str:  # noqa: ANN401 - kombu's
    """Return why there is nothing to run for a message, "" where there is."""
    task = task_of(message)
    if task in app.tasks:
        return ""
    return f"there is no task {task[:_MOST_SHOWN]}" if task else "it names no task"


def is_hint(task: str) -> bool:
    """Whether nothing is lost with a message that calls this task."""
    return task in _HINTS


def no_message(reason: str) -> str:
    """Say what was held that can be used for nothing."""
    return f"what is no message of ours: {reason}; {_SEND}"


def given_up(task: str, reason: str) -> str:
    """Say what was held that could be run, and was not run to its end."""
    return f"a call of {task} that was given up: {reason}; {_RECORDS.get(task, _SEND)}"
