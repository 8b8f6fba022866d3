from dataclasses import replace

import pytest

from tests.unit.domain.builders import NOW, due, waiting, was_requested
from worker.domain.codes import LedgerId, identify
from worker.domain.order import Attention, Order, Status
from worker.domain.progress import requested
from worker.entrypoints.demo.deeds import label_printed, released
from worker.entrypoints.demo.judge import Verdict, judge
from worker.entrypoints.demo.script import STORIES
from worker.entrypoints.demo.stores import simulated
from worker.entrypoints.demo.stories import Step, Story
from worker.sandbox.forms import build
from worker.sandbox.report import Report
from worker.sandbox.vtex.bodies import AFFILIATE

_CODE = "Lojas Americanas-285264647201"
_REQUESTED = Story(title="one item", code=_CODE, steps=())
_CLEAN = Report(
    orders=1, accepted={_CODE: (1.0,)}, early=(), second=(), wrong_carrier=(), unexpected=(), lost=(), calls={}
)


def _judged(story: Story, report: Report, order: Order | None, untold: int = 0, not_taken: int = 0) -> Verdict:
    orders = {} if order is None else {story.code: order}
    (verdict,) = judge([story], report, orders, {story.code: untold}, {story.store: not_taken})
    return verdict


def test_a_story_that_ended_as_promised_has_no_fault() -> None:
    """The verdict says what became of it: status, reason, attention, confirmations."""
    verdict = _judged(_REQUESTED, _CLEAN, was_requested())

    assert verdict == Verdict(_REQUESTED, "requested", "accepted by SkyHub", frozenset(), 1, ())


@pytest.mark.parametrize("violation", ["early", "second", "wrong_carrier", "unexpected", "lost"])
def test_what_skyhub_saw_outweighs_what_the_ledger_says(violation: str) -> None:
    """Whatever it reports against an order is that order's fault, and of no other one."""
    other = replace(_REQUESTED, code="Submarino-2")
    accepted = {_CODE: [1.0], other.code: [1.0]}
    verdicts: dict[str, list[str]] = {"early": [], "second": [], "wrong_carrier": [], "unexpected": [], "lost": []}
    found = {**verdicts, violation: ["Submarino-1", _CODE]}
    report = build(Report, {"orders": 2, "accepted": accepted, "calls": {}, **found})

    orders = {_CODE: was_requested(), other.code: was_requested()}
    guilty, innocent = judge([_REQUESTED, other], report, orders, {}, {})

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
        "SkyHub accepted 1 confirmation, and should have accepted 0",
    )
    assert _judged(_REQUESTED, replace(_CLEAN, accepted={}), was_requested()).faults == (
        "SkyHub accepted 0 confirmations, and should have accepted 1",
    )


def test_another_reason_is_a_fault() -> None:
    """An order that is skipped because of its carrier must not be skipped for a reason of another kind."""
    story = replace(_REQUESTED, reason="found")

    assert _judged(story, _CLEAN, requested(due(), "found among SkyHub's requested orders", NOW)).faults == ()
    assert _judged(story, _CLEAN, was_requested()).faults == (
        "it is requested because: accepted by SkyHub; this should name 'found'",
    )


def test_a_history_that_leaves_the_storys_is_a_fault() -> None:
    """The same end does not prove that what the story is about has happened; what stands between does not matter."""
    happened = replace(_REQUESTED, history=("order.due", "order.requested"))
    never = replace(_REQUESTED, history=("order.due", "order.waiting", "order.due", "order.requested"))

    assert _judged(happened, _CLEAN, was_requested()).faults == ()
    (fault,) = _judged(never, _CLEAN, was_requested()).faults
    assert fault.startswith("its history has no order.waiting where the story has it: order.due → order.waiting →")


def test_a_step_that_was_not_told_is_a_fault() -> None:
    """The order may be where it should be without it."""
    story = replace(_REQUESTED, steps=(Step(released("sold out")), Step(label_printed())))

    assert _judged(story, _CLEAN, was_requested(), untold=1).faults == ("the moment of 1 of its 2 steps never came",)


def test_what_an_operator_should_be_shown_and_is_not_is_a_fault() -> None:
    """An order that waits without a word could wait for ever; more than the story names may be shown."""
    shown = replace(waiting(), flags=frozenset({Attention.COLLECTABLE_BUT_UNKNOWN, Attention.WAITING_LONG}))
    story = replace(_REQUESTED, status=Status.WAITING, confirmations=0, attention=frozenset({Attention.WAITING_LONG}))

    assert _judged(story, replace(_CLEAN, accepted={}), shown).faults == ()
    assert _judged(story, replace(_CLEAN, accepted={}), waiting()).faults == ("nothing shows an operator waiting_long",)


def test_a_message_that_no_door_took_is_a_fault() -> None:
    """Another way may have told the same: the order may be where it should be, and the door is broken all the same."""
    verdict = _judged(_REQUESTED, _CLEAN, was_requested(), not_taken=2)

    assert verdict.faults == ("2 messages to the doors of acme never got through",)


def test_every_order_of_the_demo_is_one_of_its_own() -> None:
    """Its codes, and the ids that the ledger makes of them, are all different."""
    assert len({story.code for story in STORIES}) == len({story.order_id for story in STORIES}) == len(STORIES)


def test_the_ledger_spells_an_orders_id_as_the_story_does() -> None:
    """Or the demo would look for an order that is there under another name."""
    for story in STORIES:
        affiliate = AFFILIATE if simulated(story.store).vtex else None
        assert identify(story.vtex_id, affiliate) == LedgerId(story.order_id)
