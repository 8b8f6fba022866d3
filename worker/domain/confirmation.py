"""How a confirmation at SkyHub ended, as values.

The law (design, "Requesting pickups", 4): once a byte of a confirmation may have left, every answer except a clear
success is an unknown outcome. No effect for sure: nothing was sent, 401, 403, 429.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Accepted:
    """2xx whose body is empty, or JSON without `result: erro`."""


class Cause(StrEnum):
    """Why a confirmation had no effect."""

    UNREACHABLE = "unreachable"
    NOT_SENT = "not_sent"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class NoEffect:
    """SkyHub did not act: no byte left us, or it answered 401, 403 or 429. `retry_after` in seconds, if it said so."""

    cause: Cause
    reason: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """400, 422 or a 2xx with `result: erro`: some or all codes were not taken. Which, only the lists know."""

    message: str


@dataclass(frozen=True, slots=True)
class WrongCall:
    """404, 405, 406 or 415: the call itself is wrong, not the orders in it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Bytes may have left and the answer proves nothing: a timeout, a cut connection, 5xx, an unreadable body."""

    reason: str
    retry_after: float | None = None


Outcome = Accepted | NoEffect | Refused | WrongCall | Unclear
