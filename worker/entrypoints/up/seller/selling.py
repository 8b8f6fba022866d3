"""Sells, and tells what is invoiced, for as long as it is asked to; goes on where it was when something was away."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from random import Random

import httpx
import structlog
from celery import Celery
from redis.exceptions import RedisError

from worker.bootstrap import Service
from worker.domain.order import Status
from worker.entrypoints.cli.sending import Sender
from worker.entrypoints.up.seller.sales import Sale, new_sale
from worker.ports import InboxFullError
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.orders import OrderChange

log = structlog.get_logger()

_OPEN = frozenset({Status.WAITING, Status.DUE, Status.REQUESTING})
_SECONDS_BETWEEN_LOOKS = 2.0
_SECONDS_AFTER_TROUBLE = 1.0
# How much sooner or later than the pace says an order may come.
_UNEVEN = (0.5, 1.5)


@dataclass(slots=True)
class Order:
    """A sale, when it was made, and how many of its steps were told."""

    sale: Sale
    sold_at: float
    told: int = 0


class Selling:
    """One seller; `numbers` make the orders' codes. What it has not told yet is lost with it."""

    def __init__(
        self,
        service: Service,
        app: Celery,
        skyhub: Mapping[str, SandboxControl],
        *,
        draw: Random,
        orders_per_minute: float,
        numbers: Iterator[int],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._service = service
        self._app = app
        self._skyhub = skyhub
        self._draw = draw
        self._pause = 60 / orders_per_minute
        self._numbers = numbers
        self._now = now
        self._open: list[Order] = []
        self._registered = False
        self._started = False
        self._next_sale = self._next_look = self._rest_until = 0.0
        self._trouble = ""

    def go_on(self, clock: float) -> None:
        """Do what is to be done at this time, in seconds of a monotonic clock; trouble is logged and tried again."""
        if clock < self._rest_until:
            return
        try:
            self._work(clock)
        except SandboxError as error:
            self._registered = False
            self._rest(clock, "the simulated SkyHub has forgotten what was registered", error)
        except httpx.HTTPError as error:
            self._registered = False
            self._rest(clock, "the simulated SkyHub does not answer", error)
        except (RedisError, InboxFullError) as error:
            self._rest(clock, "events cannot be handed in", error)

    def _work(self, clock: float) -> None:
        if not self._registered:
            self._register_all(clock)
        if clock >= self._next_sale:
            self._next_sale = clock + self._pause * self._draw.uniform(*_UNEVEN)
            self._sell(clock)
        for order in self._open:
            self._tell(order, clock)
        if clock >= self._next_look:
            self._next_look = clock + _SECONDS_BETWEEN_LOOKS
            self._forget_ended()
            for order in self._open[:1]:  # a SkyHub that was started anew does not know it
                self._skyhub[order.sale.store].change([order.sale.code], OrderChange())
            self._trouble = ""

    def _register_all(self, clock: float) -> None:
        """Register the accounts, and what a SkyHub that was started anew has forgotten of the open orders."""
        for name, control in self._skyhub.items():
            account = self._service.store(name).skyhub
            control.register_account(account.user_email, account.api_key, account.accountmanager_key)
        self._forget_ended()
        for order in self._open:
            with suppress(SandboxError):  # it knows this one
                self._register(order, clock)
            for step in order.sale.steps[: order.told]:
                self._tell_skyhub(order.sale, completes=step.completes, cancels=step.cancels)
        self._registered = True
        if not self._started:
            self._started = True
            log.info("seller.started", stores=sorted(self._skyhub))

    def _sell(self, clock: float) -> None:
        sale = new_sale(self._draw, next(self._numbers), self._now(), sorted(self._skyhub))
        order = Order(sale, clock)
        self._open.append(order)  # first: if SkyHub does not take it now, it does with the other open ones
        log.info("order.sold", store=sale.store, order_id=sale.order_id, kind=sale.kind)
        self._register(order, clock)

    def _register(self, order: Order, clock: float) -> None:
        sale, known = order.sale, order.sale.registration
        left = max(0.0, (known.collectable_after_seconds or 0.0) - (clock - order.sold_at))
        account = self._service.store(sale.store).skyhub.user_email
        self._skyhub[sale.store].register_orders(account, [replace(known, collectable_after_seconds=left)])

    def _tell(self, order: Order, clock: float) -> None:
        steps = order.sale.steps
        while order.told < len(steps) and clock >= order.sold_at + steps[order.told].after_seconds:
            step = steps[order.told]
            # SkyHub judges by this whether a request came too early; it must know before the service does.
            self._tell_skyhub(order.sale, completes=step.completes, cancels=step.cancels)
            sender = Sender(self._service, self._app)
            sender.take(step.event)
            sender.flush()
            order.told += 1

    def _tell_skyhub(self, sale: Sale, *, completes: bool, cancels: bool) -> None:
        if completes:
            self._skyhub[sale.store].complete([sale.code])
        if cancels:
            self._skyhub[sale.store].cancel([sale.code])

    def _forget_ended(self) -> None:
        told = [order for order in self._open if order.told == len(order.sale.steps)]
        for name in self._skyhub:
            ids = [order.sale.order_id for order in told if order.sale.store == name]
            known, _ = self._service.ledger(name).load(ids)
            ended = {order_id for order_id, stored in known.items() if stored.order.status not in _OPEN}
            self._open = [order for order in self._open if order.sale.order_id not in ended]

    def _rest(self, clock: float, trouble: str, error: Exception) -> None:
        self._rest_until = clock + _SECONDS_AFTER_TROUBLE
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("seller.waited", reason=f"{trouble} ({error})")


def numbers_since(at: datetime) -> Iterator[int]:
    """Return numbers for orders; a seller that starts later has others, unless one sold 1000 a second."""
    return count(round(at.timestamp() * 1000))


@contextmanager
def controls(service: Service) -> Iterator[dict[str, SandboxControl]]:
    """Give, for each store, what steers the simulated SkyHub that its file names."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(SandboxControl(store.skyhub.base_url)) for name, store in service.stores.items()
        }
