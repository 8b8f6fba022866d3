"""RabbitMQ as broker: the kill storm, and the broker itself killed; what it confirmed is recorded without a resend."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL

from tests.faults.outcome import Row, Run
from tests.faults.rabbitmq_deaths import deaths
from tests.faults.scenarios import Scenario
from tests.faults.storm_plans import WHOLE, Plan, short
from tests.faults.storms import storm
from tests.fixtures.rabbitmq import RabbitPart

_PART = "RabbitMQ"


@contextmanager
def _rabbit(folder: Path) -> Iterator[RabbitPart]:
    """Let a broker live as long as the block."""
    rabbit = RabbitPart("rabbit", folder)
    try:
        yield rabbit
    finally:
        rabbit.kill()


def _storm(run: Run) -> list[Row]:
    with _rabbit(run.folder) as rabbit:
        plan = Plan(signal=SIGKILL, strikes=40, loads={"celery": WHOLE["celery"]}, broker=rabbit, part=_PART)
        return storm(run, short(plan) if run.short else plan)


def _deaths(run: Run) -> list[Row]:
    with _rabbit(run.folder) as rabbit:
        return [deaths(run, rabbit, _PART)]


SCENARIOS = (
    Scenario(name="rabbitmq-storm", perform=_storm, seconds=120),
    Scenario(name="rabbitmq-deaths", perform=_deaths, seconds=130),
)
