"""Which node of a Redis Cluster has which slot, as redis-py keeps it up to date."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry

# redis-py's methods have no types.
_ClusterNode = cast("Any", ClusterNode)


class _Nodes(RedisCluster):
    """Its start would ask the node with the first slots for COMMAND, and fail where that one is away."""

    def command(self, **_options: Any) -> Any:  # noqa: ANN401 - redis-py's
        """Return nothing: `redis_cluster` knows where its commands have their key."""
        return {}


def known_nodes(servers: Sequence[tuple[str, int]], options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - it has no types
    """Ask the first of these that answers for all nodes; raises redis-py's errors. `options` are a connection's."""
    return cast("Any", _Nodes)(
        startup_nodes=[_ClusterNode(host, port) for host, port in servers],
        require_full_coverage=False,  # a node that is away concerns its own stores
        dynamic_startup_nodes=False,  # the named ones may be names that lead elsewhere later
        retry=Retry(NoBackoff(), 0),
        **options,
    )
