from dataclasses import replace

import pytest

from tests.unit.domain.builders import waiting, was_requested
from worker.domain.codes import LedgerId, identify
from worker.domain.order import Order, Status
from worker.entrypoints.demo.judge import Verdict, judge
from worker.entrypoints.demo.script import STORIES
from worker.entrypoints.demo.stories import Story
from worker.sandbox.forms import build
from worker.sandbox.report import Report

_CODE = "Lojas Americanas-285264647201"
_REQUESTED = Story(title="one item", code=_CODE, steps=())
_CLEAN = Report(
    orders=1, accepted={_CODE: (1.0,)}, early=(), second=(), wrong_carrier=(), unexpected=(), lost=(), calls={}
)


def _judged(story: Story, report: Report, order: Order | None) -> Verdict:
    (verdict,) = judge([story], report, {} if order is None else {story.code: order})
    return verdict


def test_a_story_that_ended_as_promised_has_no_fault() -> None:
    """The verdict says what became of it: status, reason, confirmations."""
    verdict = _judged(_REQUESTED, _CLEAN, was_requested())

    assert verdict == Verdict(_REQUESTED, "requested", "accepted by SkyHub", 1, ())


@pytest.mark.parametrize("violation", ["early", "second", "wrong_carrier", "unexpected", "lost"])
def test_what_skyhub_saw_outweighs_what_the_ledger_says(violation: str) -> None:
    """Whatever it reports against an order is that order's fault, and of no other one."""
    other = replace(_REQUESTED, code="Submarino-2")
    accepted = {_CODE: [1.0], other.code: [1.0]}
    verdicts: dict[str, list[str]] = {"early": [], "second": [], "wrong_carrier": [], "unexpected": [], "lost": []}
    found = {**verdicts, violation: ["Submarino-1", _CODE]}
    report = build(Report, {"orders": 2, "accepted": accepted, "calls": {}, **found})

    orders = {_CODE: was_requested(), other.code: was_requested()}
    guilty, innocent = judge([_REQUESTED, other], report, orders)

    assert [fault.partition(":")[0] for fault in guilty.faults] == [violation]
    assert innocent.faults == ()


def test_another_status_is_a_fault_with_its_reason() -> None:
    """Status and reason are what a reader needs to look further."""
    verdict = _judged(replace(_REQUESTED, confirmations=0), replace(_CLEAN, accepted={}), waiting())

    assert verdict.faults == ("it is waiting (1 of 2 units invoiced), and should be requested",)


def test_an_order_that_the_ledger_does_not_know_is_a_fault() -> None:
    """Also where SkyHub has nothing against it."""
    story = replace(_REQUESTED, status=Status.SKIPPED, confirmations=0)

    assert _judged(story, replace(_CLEAN, accepted={}), None).faults == (
        "it never reached the ledger, and should be skipped",
    )


def test_another_number_of_confirmations_is_a_fault() -> None:
    """Found in the panel, it needed none; requested by us, one."""
    found = replace(_REQUESTED, confirmations=0)

    assert _judged(found, _CLEAN, was_requested()).faults == (
        "SkyHub accepted 1 confirmations, and should have accepted 0",
    )
    assert _judged(_REQUESTED, replace(_CLEAN, accepted={}), was_requested()).faults == (
        "SkyHub accepted 0 confirmations, and should have accepted 1",
    )


def test_every_order_of_the_demo_is_one_of_its_own() -> None:
    """Its codes, and the ids that the ledger makes of them, are all different."""
    assert len({story.code for story in STORIES}) == len({story.order_id for story in STORIES}) == len(STORIES)


def test_the_ledger_spells_an_orders_id_as_the_story_does() -> None:
    """Or the demo would look for an order that is there under another name."""
    for story in STORIES:
        for step in story.steps:
            assert identify(step.event["order_id"], None) == LedgerId(story.order_id)
