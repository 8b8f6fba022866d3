"""Moments as VTEX writes them: in ticks of 100 ns, with 7 fractional digits."""

from datetime import UTC, datetime, timedelta

TICKS_PER_SECOND = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ticks(unix_seconds: float) -> int:
    """Return Unix seconds as ticks since 1970."""
    return round(unix_seconds * TICKS_PER_SECOND)


def stamp(moment: int, zone: str = "Z") -> str:
    """Return ticks since 1970 as VTEX writes a moment in UTC; `zone` is "Z", or "+00:00" as in an order."""
    seconds, fraction = divmod(moment, TICKS_PER_SECOND)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{fraction:07}{zone}"
