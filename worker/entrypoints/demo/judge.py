"""Judges the demo, purely: what the simulated SkyHub saw and what the ledger says, against what each story promises."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from worker.domain.order import Attention, Order
from worker.entrypoints.demo.stories import Story
from worker.entrypoints.words import counted
from worker.sandbox.report import Report

_VIOLATIONS = {
    "early": "its pickup was requested before its last item was invoiced",
    "second": "its pickup was requested more than once",
    "wrong_carrier": "its pickup was requested though Direct does not carry it",
    "unexpected": "its pickup was requested though none was wanted",
    "lost": "it is complete, and its pickup was never requested",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a story: where the order stands in the ledger (status "" = not there), and what was wrong."""

    story: Story
    status: str
    reason: str
    attention: frozenset[Attention]
    confirmations: int
    faults: tuple[str, ...]


def judge(
    stories: Iterable[Story],
    report: Report,
    orders: Mapping[str, Order],
    untold: Mapping[str, int],
    not_taken: Mapping[str, int],
) -> list[Verdict]:
    """Return a verdict a story; `orders` are the ledger's, `untold` the steps that never came, by SkyHub code.

    `not_taken` counts the messages to a store's doors, by store, that none of them took.
    """
    return [
        _verdict(story, report, orders.get(story.code), untold.get(story.code, 0), not_taken.get(story.store, 0))
        for story in stories
    ]


def _verdict(story: Story, report: Report, order: Order | None, untold: int, not_taken: int) -> Verdict:
    return Verdict(
        story=story,
        status=order.status if order is not None else "",
        reason=order.reason if order is not None else "",
        attention=order.attention if order is not None else frozenset(),
        confirmations=len(report.accepted.get(story.code, ())),
        faults=(
            *_violations(story, report),
            *_differences(story, report, order),
            *_untold(story, untold),
            *_not_taken(story, not_taken),
        ),
    )


def _violations(story: Story, report: Report) -> Iterator[str]:
    for name, codes in report.violations.items():
        if story.code in codes:
            yield f"{name}: {_VIOLATIONS[name]}"


def _differences(story: Story, report: Report, order: Order | None) -> Iterator[str]:
    if order is None:
        yield f"it never reached the ledger, and should be {story.status}"
    elif order.status is not story.status:
        reason = f" ({order.reason})" if order.reason else ""
        yield f"it is {order.status}{reason}, and should be {story.status}"
    elif story.reason not in order.reason:
        yield f"it is {order.status} because: {order.reason or 'no reason'}; this should name {story.reason!r}"
    else:
        yield from _unshown(story, order)
        yield from _gaps(story, order)
    accepted = len(report.accepted.get(story.code, ()))
    if accepted != story.confirmations:
        yield f"SkyHub accepted {counted(accepted, 'confirmation')}, and should have accepted {story.confirmations}"


def _unshown(story: Story, order: Order) -> Iterator[str]:
    for attention in sorted(story.attention - order.attention):
        yield f"nothing shows an operator {attention}"


def _gaps(story: Story, order: Order) -> Iterator[str]:
    """Say where the order's history leaves the story's; only the first gap, the others follow from it."""
    happened = iter(entry.event for entry in order.history)
    for event in story.history:
        if event not in happened:
            yield f"its history has no {event} where the story has it: {' → '.join(story.history)}"
            return


def _untold(story: Story, untold: int) -> Iterator[str]:
    if untold:
        yield f"the moment of {untold} of its {counted(len(story.steps), 'step')} never came"


def _not_taken(story: Story, not_taken: int) -> Iterator[str]:
    if not_taken:
        yield f"{counted(not_taken, 'message')} to the doors of {story.store} never got through"
