"""Tells the stories: each step when its moment comes, in the world that the demo started."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from worker.domain.order import Order
from worker.entrypoints.demo.children import DemoError
from worker.entrypoints.demo.deeds import AtPickAndPack, AtSkyHub, AtVtex, Told, Wished
from worker.entrypoints.demo.stories import Step, Story
from worker.entrypoints.demo.world import World
from worker.entrypoints.operating import hinting
from worker.entrypoints.up.seller.handing_in import NotTakenError
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
        return not self.untold and self.story.ends_with(order)


def tell(world: World, tellings: Sequence[Telling], orders: Mapping[str, Order], now: float) -> None:
    """Let happen what is to happen now; the events of a store that come one after the other are handed in together."""
    for telling in tellings:
        story = telling.story
        for step in telling.due(orders.get(story.code), now):
            if step.completes:
                world.control.complete([story.code])
            if isinstance(step.deed, Told):
                _hand_in(world, story, step.deed)
            else:
                world.hand_in.flush()
                _do(world, story, step.deed)
    world.hand_in.flush()


def _do(world: World, story: Story, deed: AtSkyHub | AtVtex | AtPickAndPack | Wished) -> None:
    match deed:
        case AtSkyHub(change=change):
            world.control.change([story.code], change)
        case AtVtex(act=act):
            act(world.control.vtex, story.store, story.vtex_id)
        case AtPickAndPack(status=status):
            world.control.pick_and_pack.set_status(story.store, story.vtex_id, status)
        case Wished():
            _wish(world, story, deed)
        case _:
            assert_never(deed)


def _hand_in(world: World, story: Story, told: Told) -> None:
    try:
        world.hand_in(told.door, story.store, {"store": story.store, "order_id": story.vtex_id, **told.event})
    except NotTakenError as error:
        raise NotTakenError(f"{story.code}: {error}") from error


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
