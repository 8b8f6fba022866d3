"""Wishes for orders that were chosen some time ago: one that is not meant any more stays as it is."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from tests.unit.domain.builders import canceled
from tests.unit.usecases.situations import WISHES, Wish, failed, granted, heard, undone, waiting
from tests.unit.usecases.world import TimedWorld, event, order_id
from worker.domain.facts import Authority, Carrier
from worker.domain.knowledge import with_carrier
from worker.domain.order import Order, Status
from worker.domain.progress import discard, evaluated
from worker.ports import Change
from worker.usecases.operate import Answer, Denied, Held


def _unless(fits: Callable[[Order], bool]) -> Callable[[Order, int], str]:
    """Object to what does not fit, by its status."""
    return lambda order, _now: "" if fits(order) else f"it is {order.status} now"


def _wished(timed: TimedWorld, wish: Wish, fits: Callable[[Order], bool], ids: Iterable[str]) -> list[Answer]:
    return list(wish(replace(timed.operate(), objection=_unless(fits)), ids))


def test_an_order_that_skyhub_calls_correios_meanwhile_is_not_made_direct(timed: TimedWorld) -> None:
    """It was chosen because nobody knew its carrier; the others of the choice are corrected."""
    timed.hear(event("1", carrier=Carrier.UNKNOWN), event("2", carrier=Carrier.UNKNOWN))

    def skyhub() -> None:
        known = timed.plain.load([order_id("1")])[0][order_id("1")]
        told = with_carrier(known.order, Authority.SKYHUB, Carrier.CORREIOS, timed.now())
        timed.plain.save([Change(order=evaluated(told, timed.policy, timed.now()), version=known.version)])

    timed.raced.faster.append(skyhub)

    first, second = _wished(
        timed,
        lambda operate, ids: operate.set_carrier(ids, Carrier.DIRECT, "label"),
        lambda order: order.carrier is Carrier.UNKNOWN,
        [order_id("1"), order_id("2")],
    )

    assert first == Denied(order_id("1"), "it is skipped now")
    assert timed.statuses("1", "2") == [Status.SKIPPED, Status.DUE]
    assert (heard(timed, "1"), len(granted([second]))) == ([], 1)


def test_an_order_that_a_colleague_discards_meanwhile_is_not_revived(timed: TimedWorld) -> None:
    """A canceled order may be retried, but it was chosen as a failed one."""
    failed(timed, "1")

    def colleague() -> None:
        known = timed.plain.load([order_id("1")])[0][order_id("1")]
        timed.plain.save([Change(order=discard(known.order, "theirs", timed.now()), version=known.version)])

    timed.raced.faster.append(colleague)
    answers = _wished(timed, WISHES["retry"], lambda order: order.status is Status.FAILED, [order_id("1")])

    assert answers == [Denied(order_id("1"), "it is canceled now")]
    assert timed.order("1").reason == "discarded: theirs"


def test_a_cancel_that_comes_meanwhile_is_not_lifted(timed: TimedWorld) -> None:
    """Its pickup was undone, and then its customer changed their mind."""
    undone(timed, "1")
    timed.raced.faster.append(lambda: timed.hear(canceled(order_id=order_id("1"), at=timed.now())))

    (answer,) = _wished(
        timed,
        lambda operate, ids: operate.request_again(ids, "ungrouped"),
        lambda order: order.canceled_at is None,
        [order_id("1")],
    )

    assert answer == Denied(order_id("1"), "it is requested now")
    assert (timed.order("1").round, timed.order("1").canceled_at is None) == (1, False)


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_not_meant_is_denied_before_it_is_saved(timed: TimedWorld, wish: str, *, dry_run: bool) -> None:
    """By every wish, in a dry run too."""
    (waiting if wish in {"release", "set_carrier"} else failed)(timed, "1")
    before = timed.order("1")

    (answer,) = WISHES[wish](
        replace(timed.operate(dry_run=dry_run), objection=lambda _order, _now: "no"), [order_id("1")]
    )

    assert answer == Denied(order_id("1"), "no")
    assert timed.order("1") == before


def test_what_holds_already_is_no_refusal(timed: TimedWorld) -> None:
    """A colleague did the same: it is as wished."""
    failed(timed, "1")
    granted(timed.operate().discard([order_id("1")], "theirs"))

    (answer,) = _wished(timed, WISHES["discard"], lambda order: order.status is Status.FAILED, [order_id("1")])

    assert isinstance(answer, Held)
