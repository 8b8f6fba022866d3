"""Producers that go on selling orders and handing in their invoices, and send again what was not acknowledged."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from typing import Any, Self

import httpx
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tests.faults.redis_world import RedisWorld
from tests.faults.waves import WITH_OMS, WITHOUT_OMS, Wave, bill, sell
from tests.fixtures.sales import Sale

# VTEX waits this long for an answer (contracts/vtex-oms.md).
MOST_SECONDS = 5.0
_AGAIN_SECONDS = 0.2
_JOIN_SECONDS = 90.0
_AT_ONCE = 5
_CELERY, _HTTP = "celery", "http"
# The Celery door takes orders of the store with an OMS only: a broker on Redis may lose what it said it has.
_WHO = ((WITH_OMS, _HTTP), (WITH_OMS, _CELERY), (WITHOUT_OMS, _HTTP), (WITHOUT_OMS, _HTTP))
Deliver = Callable[[Mapping[str, Any]], bool]


@dataclass
class Producers:
    """Threads that sell into a wave, at least `least` orders each; a context manager.

    It ends when all is acknowledged. `refused` counts what the HTTP door answered but 202, `problems` holds what a door
    must not do.
    """

    world: RedisWorld
    wave: Wave
    seed: int
    least: int
    orders_a_second: float
    refused: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    problems: list[str] = field(default_factory=list)
    _enough: Event = field(default_factory=Event)
    _given_up: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        _ = self.world.app  # made before threads share it
        for number, (store, door) in enumerate(_WHO):
            arguments = (store, door, Random(self.seed * len(_WHO) + number))  # noqa: S311 - no secret
            self._threads.append(Thread(target=self._guarded, args=arguments, daemon=True))
            self._threads[-1].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Sell no more, and wait until all is acknowledged; nothing that a door must not do may have happened."""
        self._enough.set()
        try:
            if kind is None:
                self.world.until(self._all_handed_in, "all is acknowledged", supervised=True)
        finally:
            self._given_up.set()
            for thread in self._threads:
                thread.join(_JOIN_SECONDS)
        if kind is None:
            assert self.problems == [], self.problems
            assert self.slowest < MOST_SECONDS, f"a door answered after {self.slowest:.1f} s"

    def _all_handed_in(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _guarded(self, store: str, door: str, draw: Random) -> None:
        try:
            with httpx.Client(base_url=self.world.web, trust_env=False, timeout=4 * MOST_SECONDS) as client:
                self._produce(store, draw, self.over_celery if door == _CELERY else self.over_http(client))
        except Exception as error:  # noqa: BLE001 - told to the scenario, which fails by it
            self.problems.append(repr(error))

    def _produce(self, store: str, draw: Random, deliver: Deliver) -> None:
        sold = 0
        while sold < self.least or not self._enough.is_set():
            some = sell(self.world.sandbox, store, _AT_ONCE, draw)
            self.wave.add(some)
            for sale in some.all:
                self.hand_in(sale, len(sale.skus) - (sale in some.incomplete), deliver)
                self._given_up.wait(len(_WHO) / self.orders_a_second)
            sold += _AT_ONCE

    def hand_in(self, sale: Sale, units: int, deliver: Deliver) -> None:
        """Invoice the first units of an order, and hand each invoice in until it is acknowledged."""
        for index in range(units):
            bill(self.world.sandbox, sale, index)
            while not self._given_up.is_set() and not deliver(sale.event(index)):
                self._given_up.wait(_AGAIN_SECONDS)

    def over_http(self, client: httpx.Client) -> Deliver:
        """Return what hands an event in over HTTP."""

        def deliver(event: Mapping[str, Any]) -> bool:
            store = event["store"]
            headers = {"Authorization": f"Bearer {self.world.token(store)}"}
            began = time.monotonic()
            answer = client.post(f"/v1/{store}/order-invoiced", json=event, headers=headers)
            self.slowest = max(self.slowest, time.monotonic() - began)
            if answer.status_code == httpx.codes.ACCEPTED:
                return True
            self.refused[answer.status_code] += 1
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or "Retry-After" not in answer.headers:
                self.problems.append(f"{answer.status_code} with {dict(answer.headers)}: {answer.text}")
            return False

        return deliver

    def over_celery(self, event: Mapping[str, Any]) -> bool:
        """Hand an event in as a task."""
        try:
            self.world.app.send_task("coleta.order_invoiced", args=[dict(event)], retry=False)
        except (OperationalError, RedisError, OSError):
            return False
        return True


def hand_in_again(world: RedisWorld, sold: list[Sale]) -> None:
    """Hand in every invoice of these orders once more, as a producer does that was told of a loss."""
    again = Producers(world, Wave(), seed=0, least=0, orders_a_second=1.0)
    with httpx.Client(base_url=world.web, trust_env=False, timeout=4 * MOST_SECONDS) as client:
        for sale in sold:
            again.hand_in(sale, len(sale.skus), again.over_http(client))
    assert again.problems == [], again.problems
