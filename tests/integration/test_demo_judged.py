from dataclasses import replace

import pytest

from tests.fixtures.demo_sabotage import below_the_test, confirm, wrong
from tests.fixtures.demo_stories import CODE, CORREIOS, OTHER_CODE, REQUESTED, WAITING
from worker.domain.order import Status
from worker.entrypoints.demo.children import DemoError
from worker.entrypoints.demo.deeds import AtSkyHub, Told, released, requested_again
from worker.entrypoints.demo.play import run_demo
from worker.entrypoints.demo.screen import Screen
from worker.entrypoints.demo.stories import SEVERAL_SWEEPS, Step, invoices, status
from worker.entrypoints.demo.telling import Telling, tell
from worker.entrypoints.demo.world import World
from worker.sandbox.skyhub.orders import OrderChange

__all__ = ["below_the_test"]


def test_a_promise_broken_at_skyhub_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """A pickup early, twice, never, or for a carrier that is not Direct: each order is named, with what was broken."""
    early = replace(WAITING, title="requested early", code="Submarino-285264640081")
    second = replace(REQUESTED, title="requested twice", code="Submarino-285264640082")
    lost = replace(WAITING, title="complete, and not requested", code="Submarino-285264640083")
    correios = replace(CORREIOS, title="Direct does not carry it", code="Submarino-285264640084")

    def sabotage(world: World) -> None:
        for story in (early, second, correios):
            confirm(world, story)
        world.control.complete([lost.code])

    faults = wrong([early, second, lost, correios], capsys, sabotage)

    assert [fault for fault in faults if "SkyHub accepted" not in fault] == [
        f"{early.code}: early: its pickup was requested before its last item was invoiced",
        f"{second.code}: second: its pickup was requested more than once",
        f"{lost.code}: lost: it is complete, and its pickup was never requested",
        f"{correios.code}: wrong_carrier: its pickup was requested though Direct does not carry it",
        f"{correios.code}: unexpected: its pickup was requested though none was wanted",
    ]


@pytest.mark.slow
def test_a_wish_counts_for_no_more_than_it_is_worth(capsys: pytest.CaptureFixture[str]) -> None:
    """An operator who does not vouch for the rest releases early; who asks again without need requests twice."""
    released_early = replace(
        WAITING,
        title="released by mistake",
        steps=(*WAITING.steps, Step(released("a mistake"), moment=invoices(1))),
        status=Status.REQUESTED,
        confirmations=1,
    )
    not_allowed = AtSkyHub(change=OrderChange(requested=False))
    requested_twice = replace(
        REQUESTED,
        title="requested again without need",
        code=OTHER_CODE,
        steps=(
            *REQUESTED.steps,
            Step(not_allowed, moment=status(Status.REQUESTED)),
            Step(requested_again("a mistake"), seconds_later=SEVERAL_SWEEPS),
        ),
        confirmations=2,
    )

    assert wrong([released_early, requested_twice], capsys) == [
        f"{CODE}: early: its pickup was requested before its last item was invoiced",
        f"{OTHER_CODE}: second: its pickup was requested more than once",
    ]


def test_what_the_service_refuses_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """A wish with the reason that an operator would read, an event with the door's own words."""
    late = Step(released("sold out"), moment=status(Status.REQUESTED))
    unreadable = Step(Told(event={"occurred_at": "yesterday"}, door="native over HTTP"))

    def sabotage(world: World) -> None:
        orders = world.orders([REQUESTED])
        denied = f"^{CODE}: what the operator wished was denied: only a waiting order can be released"
        with pytest.raises(DemoError, match=denied):
            tell(world, [Telling(REQUESTED, [late])], orders, now=0)
        tell(world, [Telling(REQUESTED, [unreadable])], orders, now=0)

    assert run_demo([REQUESTED], Screen(live=False), before_judging=sabotage) == 1

    said = capsys.readouterr().out
    assert f"failed: {CODE}: the door answered 422: " in said
    assert "occurred_at" in said
