from typing import Any

import pytest

from config.celeryconfig import TASK_QUEUES
from tests.unit.entrypoints.broker.calls_app import message, tasks_app
from worker.entrypoints.broker.calls import call_problem, given_up, is_hint, task_of


def test_only_two_messages_are_a_record() -> None:
    """An event at the Celery door, and an operator's retry; what any other is about stands in the ledger."""
    assert [task for task in TASK_QUEUES if not is_hint(task)] == ["coleta.order_invoiced", "coleta.retry_order"]
    assert not is_hint("of.another.service")


def test_every_task_of_ours_is_told() -> None:
    """A new task is a hint or a record, and has a queue."""
    assert {name for name in tasks_app().tasks if name.startswith("coleta.")} == TASK_QUEUES.keys()


@pytest.mark.parametrize(
    ("task", "mend"),
    [
        ("coleta.order_invoiced", "coleta rejected resend"),
        ("coleta.retry_order", "coleta order STORE ORDER_ID retry"),
    ],
)
def test_what_was_given_up_says_how_it_is_repeated(task: str, mend: str) -> None:
    """It was a message of ours, and no other has to be sent in its place."""
    said = given_up(task, "its worker died")

    assert said.startswith(f"a call of {task} that was given up: its worker died")
    assert mend in said
    assert "no message of ours" not in said


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (message("coleta.drain_inbox", "acme"), ""),
        (message("coleta.order_invoiced", {}, {}), ""),
        (message("coleta.sweep", {"store": "acme"}), "coleta.sweep takes other arguments"),
        (message("of.another.service", 1, 2), ""),
    ],
)
def test_a_call_that_fits_its_task_is_told_from_one_that_does_not(found: Any, problem: str) -> None:  # noqa: ANN401 - kombu's
    """A task that is unknown fits nothing and is told elsewhere."""
    told = call_problem(tasks_app(), found)

    assert told.startswith(problem)
    assert bool(told) == bool(problem)


@pytest.mark.parametrize("name", [None, ["coleta.sweep"], {}, ""])
def test_a_name_that_is_no_text_names_no_task(name: object) -> None:
    """Whatever stands where a task is named."""
    assert task_of(message(name)) == ""
