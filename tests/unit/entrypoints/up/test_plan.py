import os
import re

from worker.entrypoints.up.plan import SELLER, outside_plans, service_plans, usable_cores


def test_the_service_is_its_workers_beat_and_web() -> None:
    """Each worker has a name of its own, by which Celery's tools and the log know it; beat is one only."""
    plans = service_plans(3)

    assert [plan.name for plan in plans] == ["worker-1", "worker-2", "worker-3", "beat", "web"]
    assert ["-n worker-2@%h" in " ".join(plan.arguments) for plan in plans] == [False, True, False, False, False]


def test_the_simulated_skyhub_outlives_those_who_call_it() -> None:
    """It is stopped when everything else is gone, and comes back at the address that the stores file names."""
    plans = {plan.name: plan for plan in [*service_plans(1), *outside_plans(4711, 30.0)]}

    assert [name for name, plan in plans.items() if plan.turn > 0] == ["sandbox"]
    assert plans["sandbox"].arguments == ["--port", "4711"]
    assert plans["seller"].arguments == ["--orders-per-minute", "30.0"]


def test_workers_wait_for_the_seller_who_registers_the_stores() -> None:
    """A worker that is earlier would be refused, and rest for a minute; of a real service none waits."""
    plans = [*service_plans(2, after=SELLER), *outside_plans(4711, 30.0)]

    assert {plan.name for plan in plans if plan.after == SELLER} == {"worker-1", "worker-2"}
    assert SELLER in {plan.name for plan in plans}
    assert {plan.after for plan in service_plans(2)} == {None}


def test_a_worker_is_ready_when_celery_says_so() -> None:
    """Not before: a line that only speaks of it does not count."""
    worker = service_plans(1)[0]

    assert re.search(worker.ready, "worker-1@host ready.")
    assert not re.search(worker.ready, "waiting until Redis is ready for it")


def test_there_is_a_worker_for_each_core_that_may_be_used() -> None:
    """Not for those that a container or `taskset` took away."""
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
