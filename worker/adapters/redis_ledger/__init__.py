"""The state in Redis (`ports.Fleet`, `ports.Ledger`, `ports.Meters`). Python decides, the scripts guard and save."""

from worker.adapters.redis_ledger.fleet import RedisFleet
from worker.adapters.redis_ledger.limits import Limits
from worker.adapters.redis_ledger.meters import RedisMeters
from worker.adapters.redis_ledger.tally import GatheringTally

__all__ = ["GatheringTally", "Limits", "RedisFleet", "RedisMeters"]
