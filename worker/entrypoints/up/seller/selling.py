"""Sells, and tells what is invoiced, for as long as it is asked to; goes on where it was when something was away."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from random import Random

import httpx
import structlog
from redis.exceptions import RedisError

from worker.bootstrap import Service
from worker.domain.order import Status
from worker.entrypoints.up.sandbox_stores import Door
from worker.entrypoints.up.seller.handing_in import HandingIn, NotTakenError
from worker.entrypoints.up.seller.sale import Packed, Sale
from worker.entrypoints.up.seller.sales import new_sale
from worker.entrypoints.up.seller.world import World
from worker.sandbox.control import SandboxError

log = structlog.get_logger()

_OPEN = frozenset({Status.WAITING, Status.DUE, Status.REQUESTING})
_SECONDS_BETWEEN_LOOKS = 2.0
_SECONDS_AFTER_TROUBLE = 1.0
# What a start of all processes takes: until then it is no trouble that something does not answer.
_SECONDS_TO_START = 15.0
# How much sooner or later than the pace says an order may come.
_UNEVEN = (0.5, 1.5)


@dataclass(slots=True)
class OpenSale:
    """A sale, when it was made, and how many of its steps happened and were told."""

    sale: Sale
    sold_at: float
    happened: int = 0
    told: int = 0

    @property
    def is_told(self) -> bool:
        """Whether all of it was told."""
        return self.told == len(self.sale.steps)


class Selling:
    """One seller; `numbers` make the orders' codes. What it has not told yet is lost with it."""

    def __init__(
        self,
        service: Service,
        world: World,
        hand_in: HandingIn,
        *,
        draw: Random,
        orders_per_minute: float,
        numbers: Iterator[int],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._service = service
        self._world = world
        self._hand_in = hand_in
        self._stores = world.known
        self._draw = draw
        self._pause = 60 / orders_per_minute
        self._numbers = numbers
        self._now = now
        self._open: list[OpenSale] = []
        self._registered = False
        self._started = False
        self._patient_until: float | None = None
        self._next_sale = self._next_look = self._rest_until = 0.0
        self._trouble = ""

    def go_on(self, clock: float) -> None:
        """Do what is to be done at this time, in seconds of a monotonic clock; trouble is logged and tried again."""
        if self._patient_until is None:
            self._patient_until = clock + _SECONDS_TO_START
        if clock < self._rest_until:
            return
        try:
            self._work(clock)
        except SandboxError as error:
            done = "has forgotten what was registered" if self._registered else "does not take what is registered"
            self._registered = False
            self._rest(clock, f"the simulated world {done}", error)
        except httpx.HTTPError as error:
            self._registered = False
            self._rest(clock, "the simulated world does not answer", error)
        except RedisError as error:
            self._rest(clock, "the orders cannot be looked at", error)
        except NotTakenError as error:
            self._rest(clock, "events cannot be handed in", error)

    def _work(self, clock: float) -> None:
        if not self._registered:
            self._register_all(clock)
        if clock >= self._next_sale:
            self._next_sale = clock + self._pause * self._draw.uniform(*_UNEVEN)
            self._sell(clock)
        self._tell_all(clock)
        if clock >= self._next_look:
            self._next_look = clock + _SECONDS_BETWEEN_LOOKS
            self._forget_ended()
            for order in self._open[:1]:  # a world that was started anew does not know it
                self._world.require(order.sale)
            self._trouble = ""

    def _register_all(self, clock: float) -> None:
        """Register the accounts and doors, and what a world that was started anew has forgotten of the open orders."""
        self._world.open()
        self._forget_ended()
        for order in self._open:
            with suppress(SandboxError):  # it knows this one
                self._register(order, clock)
            for step in order.sale.steps[: order.happened]:
                self._world.carry_out(order.sale, step.deed)
        self._registered = True
        if not self._started:
            self._started = True
            log.info("seller.started", stores=[store.name for store in self._stores])

    def _sell(self, clock: float) -> None:
        sale = new_sale(self._draw, next(self._numbers), self._now(), self._stores)
        order = OpenSale(sale, clock)
        self._open.append(order)  # first: if the world does not take it now, it does with the other open ones
        log.info("order.sold", store=sale.store, order_id=sale.order_id, kind=sale.kind, door=sale.door)
        self._register(order, clock)

    def _register(self, order: OpenSale, clock: float) -> None:
        seconds = order.sale.registration.collectable_after_seconds
        left = None if seconds is None else max(0.0, seconds - (clock - order.sold_at))
        self._world.register(order.sale, left)

    def _tell_all(self, clock: float) -> None:
        """Tell what is to be told by now; a door that is away keeps only its own orders waiting."""
        away: dict[Door, NotTakenError] = {}
        for order in self._open:
            if order.sale.door not in away:
                try:
                    self._tell(order, clock)
                except NotTakenError as error:
                    away[order.sale.door] = error
        if away:
            raise next(iter(away.values()))

    def _tell(self, order: OpenSale, clock: float) -> None:
        sale = order.sale
        while not order.is_told and clock >= order.sold_at + sale.steps[order.told].after_seconds:
            deed = sale.steps[order.told].deed
            if order.happened == order.told:
                # SkyHub judges by this whether a request came too early; it must know before the service does.
                self._world.carry_out(sale, deed)
                order.happened += 1
            if not isinstance(deed, Packed):
                self._hand_in(sale.door, sale.store, deed.event)
                self._hand_in.flush()
            order.told += 1

    def _forget_ended(self) -> None:
        for store in self._stores:
            ids = [order.sale.order_id for order in self._open if order.is_told and order.sale.store == store.name]
            known, _ = self._service.ledger(store.name).load(ids)
            ended = {order_id for order_id, stored in known.items() if stored.order.status not in _OPEN}
            self._open = [order for order in self._open if order.sale.order_id not in ended]

    def _rest(self, clock: float, trouble: str, error: Exception) -> None:
        self._rest_until = clock + _SECONDS_AFTER_TROUBLE
        starting = not self._started and clock < (self._patient_until or 0.0)
        if trouble != self._trouble and not starting:
            self._trouble = trouble
            log.warning("seller.waited", reason=f"{trouble} ({error})")


def numbers_since(at: datetime) -> Iterator[int]:
    """Return numbers for orders; a seller that starts later has others, unless one sold 1000 a second."""
    return count(round(at.timestamp() * 1000))
