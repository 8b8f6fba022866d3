"""The short cut of what SkyHub can do wrong; `make faults` runs all of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.outcome import Row, Run
from tests.faults.skyhub_case import FULL, Case, Ends
from tests.faults.skyhub_cases import STATUSES, cases, poisons
from tests.faults.skyhub_faults import every_fault
from worker.sandbox.faults import Fault

SEED = 5


@pytest.fixture
def short(tmp_path: Path) -> Run:
    """Return the cut that is part of the tests."""
    return Run(folder=tmp_path, seed=SEED, short=True)


def assert_kept(perform: Callable[[Run], list[Row]], run: Run) -> None:
    """Expect each row of a scenario to have kept the promises; show those that did not."""
    rows = perform(run)
    assert rows
    assert [row for row in rows if not row.kept] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_skyhub_answers_each_order_is_requested_once_or_shown(short: Run) -> None:
    """One or two of each kind of outcome, each in a store of its own: requested once, or paused, resting or failed."""
    assert_kept(every_fault, short)


def _on(call: str, *, effect: bool = False) -> dict[str, Case]:
    return {case.fault: case for case in cases(FULL) if case.call == call and case.effect is effect}


@pytest.mark.parametrize("call", ["open", "taken", "order", "orders", "confirm"])
def test_every_answer_is_put_to_every_call(call: str) -> None:
    """The matrix has no hole: a status, a cut, a hang that no call meets would be a promise that nobody tested."""
    faults = {"refused connection", "connection reset", "hang", "200 with an HTML body", "JSON cut off"}
    faults |= {"2xx with `result: erro`", *map(str, STATUSES)}
    assert faults <= _on(call).keys()
    reads = {"slow drip", "200 with an empty body"}
    assert reads <= _on(call, effect=call == "confirm").keys()


def test_every_answer_to_a_confirmation_comes_after_its_effect_too() -> None:
    """What SkyHub says and what it did are two things."""
    assert _on("confirm").keys() - _on("confirm", effect=True).keys() == {"refused connection"}
    assert all(case.ends in (Ends.PASSES, Ends.RESTS) for case in _on("confirm", effect=True).values())


def test_every_fault_is_one_that_the_sandbox_has() -> None:
    """Nothing in the table is left out for being misspelled."""
    for case in (*cases(FULL), *poisons()):
        for shape in (*case.first, *case.faults):
            Fault(**{"call": "confirm", **shape})
