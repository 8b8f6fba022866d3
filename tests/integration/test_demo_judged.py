import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fixtures.demo_sabotage import confirm, wrong
from tests.fixtures.demo_stories import CODE, CORREIOS, OTHER_CODE, REQUESTED, WAITING
from worker.domain.order import Status
from worker.entrypoints.demo.deeds import AtSkyHub, released, requested_again
from worker.entrypoints.demo.play import run_demo
from worker.entrypoints.demo.screen import Screen
from worker.entrypoints.demo.stories import SEVERAL_SWEEPS, Step, invoices, status
from worker.sandbox.skyhub.orders import OrderChange


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the demo's directory be made below the test's."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_pickup_requested_early_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """SkyHub accepted it while an item was not invoiced; the order is named."""
    faults = wrong([WAITING], capsys, lambda world: confirm(world, WAITING))

    assert faults[0] == f"{CODE}: early: its pickup was requested before its last item was invoiced"


def test_a_pickup_requested_twice_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """The service requested it, and somebody with the same keys did again; the order is named."""
    faults = wrong([REQUESTED], capsys, lambda world: confirm(world, REQUESTED))

    assert faults[0] == f"{CODE}: second: its pickup was requested more than once"


def test_a_pickup_that_was_lost_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """The seller invoiced the last item, and no request came; the order is named."""
    faults = wrong([WAITING], capsys, lambda world: world.control.complete([CODE]))

    assert faults == [f"{CODE}: lost: it is complete, and its pickup was never requested"]


def test_a_pickup_requested_for_correios_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """Direct does not carry it; the order is named."""
    faults = wrong([CORREIOS], capsys, lambda world: confirm(world, CORREIOS))

    assert faults[0] == f"{CODE}: wrong_carrier: its pickup was requested though Direct does not carry it"


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


def test_an_operator_who_never_acts_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """The order is where it should be, and the story's moment never came."""
    idle = replace(WAITING, steps=(*WAITING.steps, Step(released("sold out"), moment=status(Status.FAILED))))

    assert f"{CODE}: the moment of 1 of its 2 steps never came" in wrong([idle], capsys, seconds=3)


def test_a_wish_that_is_denied_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason that an operator would read."""
    late = Step(released("sold out"), moment=status(Status.REQUESTED))

    assert run_demo([replace(REQUESTED, steps=(*REQUESTED.steps, late))], Screen(live=False)) == 1

    denied = f"failed: {CODE}: what the operator wished was denied: only a waiting order can be released"
    assert denied in capsys.readouterr().out
