"""The reference of the bench: a bare Celery worker whose task does nothing, as fast as Celery goes with late acks."""

import os

from celery import Celery

NOTHING = "bare.nothing"

app = Celery("bare", broker=os.environ.get("BARE_BROKER_URL", "memory://"), set_as_current=False)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_pool="threads",
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name=NOTHING)  # type: ignore[untyped-decorator]
def nothing(event: object) -> None:
    """Take an event and do nothing with it."""
