"""The path of an order, from its inbox until it is settled: each task on it, and what it works on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults import crash_before as before
from tests.faults.crash_stage import CrashStage
from tests.faults.crash_worlds import World
from tests.fixtures.deployment import secret

Arguments = Callable[[World], list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A task of the path. `least` is how many crash points it surely has.

    `prepare` brings worlds to where the task has its work. `again` does in each world what the outside world does
    after a crash: a sender without an answer sends again, a message without an acknowledgement comes again; everything
    else is lost. In a step of `shared` worlds every crash strikes the same ones.
    """

    name: str
    failure: str
    call: str
    least: int
    arguments: Arguments
    named: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[CrashStage, Sequence[World]], None] = before.nothing
    again: Callable[[CrashStage, Sequence[World]], None] = before.nothing
    before_each: Callable[[CrashStage], None] = lambda _stage: None
    oms: bool = False
    feed: bool = False
    says_carrier: bool = True
    listed: bool = False
    shared: int = 0

    def world(self, number: int) -> World:
        """Return a new world of this step."""
        return World(
            f"{self.name}-{number}", oms=self.oms, feed=self.feed, says_carrier=self.says_carrier, listed=self.listed
        )


def _door(world: World) -> list[Any]:
    return [f"/v1/{world.store}/order-invoiced", secret(world.store, "ingress.token"), world.events()]


def _store(world: World) -> list[Any]:
    return [world.store]


def _event(world: World) -> list[Any]:
    return [world.last]


def _retried(world: World) -> list[Any]:
    return [world.store, world.sold[0].order_id, "it was canceled by mistake"]


PICKUPS = Step(
    name="pickups", failure="request_pickups dies", call="coleta.request_pickups", arguments=_store,
    prepare=before.keep_and_record, least=50,
)  # fmt: skip
UNCERTAIN = Step(
    name="uncertain", failure="request_pickups dies again, after a crash", call="coleta.request_pickups",
    arguments=_store, prepare=before.crash_confirming, least=50,
)  # fmt: skip
INBOX = Step(
    name="inbox", failure="drain_inbox dies", call="coleta.drain_inbox", arguments=_store, prepare=before.keep, least=40
)
# The sweep comes first: one of a later crash would see the stores of all the others, and hold them.
PATH = (
    Step(
        name="sweep", failure="sweep dies", call="coleta.sweep", arguments=lambda _world: [],
        prepare=before.work_for_a_sweep, before_each=before.let_sweep, shared=6, least=30,
    ),
    Step(
        name="door", failure="a door dies (web)", call="door", arguments=_door, again=before.knock_again, least=15
    ),
    Step(
        name="event", failure="order_invoiced dies", call="coleta.order_invoiced", arguments=_event,
        prepare=before.record_but_the_last, again=before.deliver_again("coleta.order_invoiced", _event), least=30,
    ),
    INBOX,
    Step(
        name="learn", failure="learn_order dies (SkyHub)", call="coleta.learn_order", arguments=_store,
        prepare=before.keep_and_record, says_carrier=False, least=40,
    ),
    Step(
        name="reread", failure="learn_order dies (OMS)", call="coleta.learn_order", arguments=_store,
        named={"source": "oms"}, prepare=before.announce, oms=True, least=40,
    ),
    PICKUPS,
    UNCERTAIN,
    Step(
        name="reconcile", failure="reconcile dies", call="coleta.reconcile", arguments=_store, oms=True,
        listed=True, least=40,
    ),
    Step(
        name="feed", failure="poll_feed dies", call="coleta.poll_feed", arguments=_store, oms=True, feed=True, least=30
    ),
    Step(
        name="retry", failure="retry_order dies", call="coleta.retry_order", arguments=_retried, prepare=before.cancel,
        again=before.deliver_again("coleta.retry_order", _retried), least=20,
    ),
)  # fmt: skip
