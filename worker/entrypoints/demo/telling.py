"""Tells the stories: each step when its moment comes, in the world that the demo started."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from worker.domain.order import Order
from worker.entrypoints.cli.sending import Sender
from worker.entrypoints.demo.children import DemoError
from worker.entrypoints.demo.deeds import AtSkyHub, Told, Wished
from worker.entrypoints.demo.stories import Step, Story
from worker.entrypoints.demo.world import World
from worker.entrypoints.operating import hinting
from worker.usecases.operate import Denied, Granted, Held


@dataclass(slots=True)
class Telling:
    """How far a story was told; `since`: when the moment of its next step came."""

    story: Story
    untold: list[Step]
    since: float | None = None

    def due(self, order: Order | None, now: float) -> Iterator[Step]:
        """Yield the steps whose time has come; they count as told."""
        while self.untold and self.untold[0].moment(order):
            if self.since is None:
                self.since = now
            if now - self.since < self.untold[0].seconds_later:
                return
            self.since = None
            yield self.untold.pop(0)

    def has_ended(self, order: Order | None) -> bool:
        """Whether all was told, and the order is where the story ends."""
        return not self.untold and order is not None and order.status is self.story.status


def tell(world: World, tellings: Sequence[Telling], orders: Mapping[str, Order], now: float) -> None:
    """Let happen what is to happen now; the events of a store that come one after the other are handed in together."""
    sender = Sender(world.service, world.app)
    for telling in tellings:
        story = telling.story
        for step in telling.due(orders.get(story.code), now):
            if step.completes:
                world.control.complete([story.code])
            match step.deed:
                case Told() as told:
                    _hand_in(world, sender, story, told)
                case AtSkyHub(change=change):
                    sender.flush()
                    world.control.change([story.code], change)
                case Wished() as wished:
                    sender.flush()
                    _wish(world, story, wished)
                case _:
                    assert_never(step.deed)
    sender.flush()


def _hand_in(world: World, sender: Sender, story: Story, told: Told) -> None:
    event = {"store": story.store, "order_id": story.vtex_id, **told.event}
    match told.door:
        case "celery":
            world.app.send_task("coleta.order_invoiced", args=[event])
        case "inbox":
            reason = sender.take(event)
            if reason is not None:
                raise DemoError(f"{story.code}: the event was rejected: {reason}")
        case _:
            assert_never(told.door)


def _wish(world: World, story: Story, wished: Wished) -> None:
    """Wish it as `coleta order` does."""
    answers = wished.wish(world.service.operate(story.store), [story.order_id])
    for answer in hinting(world.service, world.app, story.store, answers):
        match answer:
            case Granted():
                pass
            case Held():
                raise DemoError(f"{story.code}: what the operator wished was so already")
            case Denied(reason=reason):
                raise DemoError(f"{story.code}: what the operator wished was denied: {reason}")
            case _:
                assert_never(answer)
