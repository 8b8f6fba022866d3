"""What a Redis server that is away raises, and whether others may answer meanwhile."""

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.groups import is_cluster
from worker.bootstrap import Service

AWAY = (RedisConnectionError, RedisTimeoutError)


def on_cluster(service: Service) -> bool:
    """Whether each store's server may be away alone."""
    return is_cluster(service.settings.redis_url or "")


def lost_elsewhere(service: Service) -> tuple[type[Exception], ...]:
    """Return what is raised where another store's server is away, while the one that is acted on may answer."""
    return AWAY if on_cluster(service) else ()
