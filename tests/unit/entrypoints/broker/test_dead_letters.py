import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from config.celeryconfig import DEAD_LETTERS, DELIVERY_LIMIT
from tests.fixtures.sales import Sale
from tests.unit.entrypoints.broker.calls_app import message, tasks_app
from tests.unit.entrypoints.broker.test_aside import Kept
from worker.entrypoints.broker import dead_letters

EVENT = Sale("acme", 285264647201).event(0)


def _brought(letters: Iterable[Any], monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Bring these letters in; returns what is kept."""
    kept, left = Kept(), list(letters)

    class Letters:
        name = "coleta.dead"

        def __call__(self, _: object) -> "Letters":
            return self

        def get(self) -> Any:  # noqa: ANN401 - kombu's
            return left.pop(0) if left else None

    monkeypatch.setattr(dead_letters, "DEAD_LETTERS", Letters())
    dead_letters.reject_dead_letters(tasks_app(), None, kept.service)
    return kept


@pytest.mark.parametrize(
    ("letter", "said", "mend"),
    [
        (message("coleta.order_invoiced", EVENT, died="rejected"), "given up: a worker refused it", "rejected resend"),
        (
            message("coleta.order_invoiced", EVENT, died="delivery_limit"),
            f"given up: it came back {DELIVERY_LIMIT} times",
            "rejected resend",
        ),
        (message("coleta.retry_order", "acme", "1", "so", died="delivery_limit"), "given up: it came back", "retry`"),
        (message("of.another.service", EVENT, died="rejected"), "there is no task of.another.service", "send the task"),
        (message("", EVENT, died="rejected"), "no message of ours: it names no task", "send the task"),
        (message("coleta.order_invoiced", body=b"\xff", died="rejected"), "no message of ours", "send the task"),
        (message("coleta.sweep", EVENT, died="rejected"), "no message of ours: coleta.sweep takes", "send the task"),
    ],
)  # fmt: skip
def test_a_dead_letter_says_the_truth(letter: Any, said: str, mend: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - kombu's
    """An event at which a worker failed is one of ours, and is handed in again."""
    (kept,) = _brought([letter], monkeypatch)

    assert kept.reason.startswith("queue inbox held ")
    assert said in kept.reason
    assert mend in kept.reason
    assert letter.acknowledged


def test_a_hint_that_died_is_no_rejected_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was about stands in the ledger, and the sweep hints again; the log says so."""
    letter = message("coleta.drain_inbox", "acme", died="delivery_limit")
    with capture_logs() as logs:
        kept = _brought([letter], monkeypatch)

    assert kept == []
    assert [(line["event"], line["task"]) for line in logs] == [("hint.given_up", "coleta.drain_inbox")]
    assert letter.acknowledged


@pytest.mark.parametrize("deaths", [None, "text", [], ["text"], {"reason": "rejected"}])
def test_what_others_say_of_a_death_holds_nothing_up(deaths: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may publish to the exchange may write anything there."""
    letter = message("coleta.order_invoiced", EVENT)
    letter.headers["x-death"] = deaths

    (kept,) = _brought([letter], monkeypatch)

    assert kept.reason.startswith(
        "queue coleta.dead held a call of coleta.order_invoiced that was given up: the broker"
    )


def test_a_letter_is_not_acknowledged_before_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the state is away, it stays the broker's."""
    letter = message("coleta.order_invoiced", EVENT, died="rejected")

    def refuse(_: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(Kept, "keep", lambda _, unreadable: refuse(unreadable))
    with pytest.raises(RedisConnectionError):
        _brought([letter], monkeypatch)
    assert not letter.acknowledged


def test_no_command_pays_for_celerys_worker() -> None:
    """Every process of ours imports the tasks, and only a worker needs its consumer."""
    asked = "import sys, worker.entrypoints.tasks; print([name for name in sys.modules if 'worker.consumer' in name])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"


def test_a_dead_letter_may_come_back_without_end() -> None:
    """RabbitMQ 4 deletes what came back 20 times unless the queue has a limit; 3.x knows none that means none."""
    assert DEAD_LETTERS.queue_arguments["x-delivery-limit"] == 2**31 - 1
