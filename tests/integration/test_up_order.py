"""The order in which the supervisor starts processes, where one needs another."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fixtures.running_parts import until
from tests.fixtures.up_stage import Stage
from worker.entrypoints.up.plan import Plan


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a stage; its programs end with it."""
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


def test_a_process_waits_for_the_one_that_it_names_and_only_the_first_time(stage: Stage) -> None:
    """It is started when that one works; it is not kept from coming back while that one is away."""
    seller = Plan(name="seller", module="steady", ready="^working")
    stage.run(Plan(name="worker-1", module="steady", ready="^working", after="seller"), seller)
    assert stage.ready.wait(30)
    first, second = stage.children
    assert (first.plan.name, second.plan.name) == ("seller", "worker-1")
    until(lambda: stage.said()[:2] == ["seller is ready", "worker-1 is ready"], "it is said in this order")

    for child in (second, first):
        os.kill(child.pid, signal.SIGKILL)
    until(lambda: {"seller is ready again", "worker-1 is ready again"} <= set(stage.said()), "both work again")


def test_nothing_waits_for_a_process_that_has_yet_to_work(stage: Stage) -> None:
    """But the one that names it: all others are started meanwhile."""
    never = Plan(name="seller", module="steady", ready="^never")
    waiting = Plan(name="worker-1", module="steady", ready="^working", after="seller")
    stage.run(waiting, never, Plan(name="web", module="steady", ready="^working"))
    until(lambda: "web is ready" in stage.said(), "the other one works")

    assert {child.plan.name for child in stage.children} == {"seller", "web"}
