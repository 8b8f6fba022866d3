"""The doors beside HTTP: one event a Celery message, and a file of events on the command line."""

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from config.celeryconfig import INBOX, celery_settings
from tests.bench.bare import bare, bare_producer
from tests.bench.figures import BrokenPromiseError, Figure, Reading
from tests.bench.queues import producer_beside, taken_a_second
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import check_recorded, drained, hold, new_orders, stage, waiting
from tests.fixtures.coleta import COLETA
from tests.fixtures.deployment import environment
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, all_events

STORE = "acme"
_ORDERS = 750
# The start of the command takes as long as ten or twenty thousand of their events.
_SENT_ORDERS = 20_000
_PUBLISHED = 2_000


def _message(plan: Plan) -> Iterator[Readings]:
    draw = Random(3)  # noqa: S311 - the same order in every run
    with stage(plan.folder) as service, bare(service) as reference:
        worker = service.start_worker()
        hold(service, STORE)
        with producer_beside(**celery_settings(service.service.settings)) as app:
            for _ in range(plan.runs):
                sold = new_orders(STORE, plan.scaled(_ORDERS))
                events = all_events(sold)
                draw.shuffle(events)
                for event in events:
                    app.send_task("coleta.order_invoiced", (event,))
                rate = taken_a_second(service, worker, INBOX)
                check_recorded(service, sold)
                yield {"rate": Reading(rate, reference.taken_a_second(len(events), events[0]))}


def _send(plan: Plan) -> Iterator[Readings]:
    with stage(plan.folder) as service, bare_producer(service) as reference:
        sold: list[Sale] = []
        for _ in range(plan.runs):
            # Only the last run's events are recorded in the end: those of the runs before are known to be there.
            service.service.redis.delete(f"coleta:{{{STORE}}}:inbox")
            sold = new_orders(STORE, plan.scaled(_SENT_ORDERS))
            events = all_events(sold)
            rate = len(events) / _seconds_to_send(service, service.folder / "events.ndjson", events)
            check_taken(service, len(events))
            yield {"rate": Reading(rate, reference.sent_a_second(plan.scaled(_PUBLISHED), events[0]))}
        record_all(service, sold)


def _seconds_to_send(service: RunningService, file: Path, events: Sequence[object]) -> float:
    """Return the seconds that the command takes, from its start to its end."""
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    environ = {**environment(service.secrets), **service.variables}
    command = [COLETA, "send", "--json", str(file)]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=service.folder, env=environ, capture_output=True, check=True)
    seconds = time.perf_counter() - begun
    if (accepted := json.loads(done.stdout)["accepted"]) != len(events):
        raise BrokenPromiseError(f"{accepted} of {len(events)} events were accepted")
    return seconds


def check_taken(service: RunningService, acknowledged: int) -> None:
    """Check that every event that was acknowledged is in the inbox; raises `BrokenPromiseError`."""
    # There may be more: a write whose answer was lost is repeated.
    if (found := waiting(service, STORE)) < acknowledged:
        raise BrokenPromiseError(f"{acknowledged} events were acknowledged, {found} are in the inbox")


def record_all(service: RunningService, sold: Sequence[Sale]) -> None:
    """Let a worker record what the inbox holds, and check that these orders are complete by it."""
    hold(service, STORE)
    service.start_worker()
    drained(service, STORE)
    check_recorded(service, sold)


ROWS = (
    Row(
        name="message",
        about="coleta.order_invoiced: one event a message, one worker",
        figures={"rate": Figure(what="messages recorded", unit="/s", against="bare Celery", at_least=0.75)},
        measure=_message,
    ),
    Row(
        name="send",
        about="coleta send with a file of 40,000 events; its start is measured, too",
        figures={"rate": Figure(what="events sent", unit="/s", against="bare Celery publishing", at_least=8)},
        measure=_send,
    ),
)
