"""Settings that can be used, and are most likely a mistake."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings

_MOST_SHIPMENTS = 8
"""Calls a second: with it SkyHub never sees more than the 9 that it allows (worker/adapters/limits.py)."""


def doubts(settings: "Settings") -> Iterator[str]:
    """Yield a sentence for each setting that works against its purpose."""
    if settings.shipments_rate > _MOST_SHIPMENTS:
        yield (
            f"COLETA_SHIPMENTS_RATE={settings.shipments_rate:g} is above {_MOST_SHIPMENTS}: beyond 9 calls a second"
            f" SkyHub answers 429, and the store rests after each; leave it unset for {_MOST_SHIPMENTS}"
        )
