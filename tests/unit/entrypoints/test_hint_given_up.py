"""A drain that is to come back, while its message cannot be sent."""

from typing import Any, NoReturn

from celery import Celery
from celery.exceptions import Reject
from structlog.testing import capture_logs

from worker.entrypoints import turns
from worker.ports import Drain
from worker.usecases.store_trouble import Rest


class _Unsent:
    """A task of a worker whose broker is away; Celery gives a retry up then."""

    app = Celery("test", set_as_current=False)

    def retry(self, **_: object) -> NoReturn:
        """Try again later."""
        raise Reject(OSError("no broker"), requeue=False)


def test_a_drain_whose_broker_is_away_ends_quietly() -> None:
    """Given up by Celery, its hint would be shown to operators as an event; the back-off's end brings a new one."""
    task: Any = _Unsent()
    with capture_logs() as logs:
        assert turns._obey(task, "acme", Drain.PICKUPS, Rest("token", 100)) is None

    assert [(line["event"], line["store"], line["reason"]) for line in logs] == [("hint.not_sent", "acme", "no broker")]
