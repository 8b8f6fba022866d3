"""The state in Redis (`ports.Fleet`, `ports.Ledger`). Python decided already; the scripts guard and save."""

from worker.adapters.redis_ledger.fleet import RedisFleet
from worker.adapters.redis_ledger.limits import Limits

__all__ = ["Limits", "RedisFleet"]
