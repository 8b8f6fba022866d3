"""The service for somebody who waits for a page: its Redis answers within seconds, or fails."""

from collections.abc import Callable
from dataclasses import replace

from redis import Redis

from worker import wiring
from worker.bootstrap import Service


def briefly(service: Callable[[], Service], redis: Redis) -> Callable[[], Service]:
    """Return the service as it is now, its state read and written through this client."""
    fleet = wiring.fleet(service().settings, redis)
    known: tuple[Service, Service] | None = None

    def current() -> Service:
        nonlocal known
        now = service()
        if known is None or known[0] is not now:
            known = now, replace(now, redis=redis, fleet=fleet)
        return known[1]

    return current
