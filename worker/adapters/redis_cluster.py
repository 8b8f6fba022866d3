"""A Redis Cluster as one client: each command goes to the primary of its key's slot.

redis-py's own client knows the nodes. Alone it would connect when it is made, and fail a pipeline of all stores while
one node is away. Here such a node fails what is its own (docs/decisions/0026).
"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline
from redis.cluster import ClusterNode
from redis.exceptions import (
    AskError,
    AuthenticationError,
    ClusterDownError,
    ReadOnlyError,
    RedisClusterException,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from worker.adapters.redis_nodes import known_nodes

Command = tuple[tuple[Any, ...], dict[str, Any]]

# The node is away, or another one has the slot by now, or will have it soon. A moved slot is an `AskError`, too.
_ELSEWHERE = (
    RedisConnectionError,
    RedisTimeoutError,
    AskError,
    TryAgainError,
    ClusterDownError,
    ReadOnlyError,
    RedisClusterException,
)
# A node that is silent is not asked again: the stores of the others wait meanwhile.
_ONCE = (RedisTimeoutError, AuthenticationError)
_OF_ANY_NODE = frozenset({"PING", "TIME", "INFO", "CONFIG GET", "ACL WHOAMI"})
_PAUSE_SECONDS = 0.1


class ClusterClient(Redis):
    """Redis Cluster; connects when it is first used. All keys of a command, and of a script, lie in one slot.

    A command is tried so many times, and where its slot is now is asked between. `options` are a connection's.
    """

    def __init__(self, servers: Sequence[tuple[str, int]], tries: int, **options: Any) -> None:  # noqa: ANN401 - redis-py's
        super().__init__(**options)  # it never connects: it encodes, and knows what answers mean
        self._servers = servers
        self._tries = tries
        self._options = options
        self._known: Any = None
        self._making = threading.Lock()

    def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's
        """Run one command; raises `ConnectionError` where no node takes it now."""
        if args[0] == "SCRIPT LOAD":
            return self._ask_several(args, options)[0]
        if args[0] in _OF_ANY_NODE:
            return self._ask_several(args, options, enough=1)[0]
        (answer,) = self.run([(args, options)])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:  # noqa: ANN401, ARG002, FBT001, FBT002 - redis-py's
        """Return a pipeline, whose commands may go to several nodes; it is no transaction."""
        return _ClusterPipeline(self)

    def run(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands, those of a node in one round trip and in their order; returns answers and errors."""
        answers: list[Any] = [None] * len(commands)
        left = list(range(len(commands)))
        for failures in range(1, self._tries + 1):
            self._run_once(commands, left, answers)
            left = [number for number in left if isinstance(answers[number], _ELSEWHERE)]
            if left:
                self._look_again()
            left = [number for number in left if not isinstance(answers[number], _ONCE)]
            if not left or failures == self._tries:
                break
            time.sleep(_PAUSE_SECONDS * failures)
        return [_trouble(answer) if isinstance(answer, _ELSEWHERE) else answer for answer in answers]

    def nodes(self) -> dict[str, Redis]:
        """Return a client of each node, by host and port; raises `ConnectionError` where none answers."""
        return {node.name: self._client_of(node) for node in self._cluster().get_nodes()}

    def close(self) -> None:
        """Close every connection."""
        with self._making:
            known, self._known = self._known, None
        if known is not None:
            known.close()

    def _run_once(self, commands: Sequence[Command], numbers: Iterable[int], answers: list[Any]) -> None:
        by_node: defaultdict[ClusterNode, list[int]] = defaultdict(list)
        for number in numbers:
            args, _ = commands[number]
            try:
                by_node[self._node_of(args)].append(number)
            except _ELSEWHERE as error:
                answers[number] = error
        for node, its in by_node.items():
            for number, answer in zip(its, self._ask(node, [commands[number] for number in its]), strict=True):
                answers[number] = answer

    def _ask(self, node: ClusterNode, commands: Sequence[Command]) -> list[Any]:
        try:
            with self._client_of(node).pipeline(transaction=False) as pipe:
                for args, options in commands:
                    cast("Any", pipe).execute_command(*args, **options)
                return pipe.execute(raise_on_error=False)
        except _ELSEWHERE as error:
            return [error] * len(commands)

    def _ask_several(self, args: tuple[Any, ...], options: dict[str, Any], enough: int = -1) -> list[Any]:
        """Return what the primaries answer that are there; raises only where none is."""
        answers: list[Any] = []
        away: Exception = RedisConnectionError("the cluster has no primary")
        nodes = self._cluster().get_primaries()
        for node in random.sample(nodes, k=len(nodes)):
            (answer,) = self._ask(node, [(args, options)])
            if isinstance(answer, _ELSEWHERE):
                away = answer
                continue
            if isinstance(answer, Exception):
                raise answer
            answers.append(answer)
            if len(answers) == enough:
                break
        if not answers:
            self._look_again()
            raise _trouble(away)
        return answers

    def _node_of(self, args: Sequence[Any]) -> ClusterNode:
        key = args[3] if args[0] in {"EVALSHA", "EVAL"} else args[1]
        return cast("ClusterNode", self._cluster().get_node_from_key(key))

    def _client_of(self, node: ClusterNode) -> Redis:
        return cast("Redis", self._cluster().get_redis_connection(node))

    def _look_again(self) -> None:
        """Ask which node has which slot; where none says it, what was known stays."""
        try:
            cluster = self._cluster()
            cluster.nodes_manager.initialize([(node.host, node.port) for node in cluster.get_nodes()])
        except (*_ELSEWHERE, IndexError):
            return

    def _cluster(self) -> Any:  # noqa: ANN401 - see above
        with self._making:
            if self._known is None:
                try:
                    self._known = known_nodes(self._servers, self._options)
                except IndexError:
                    raise RedisConnectionError("no node of the cluster has any slot") from None
                except RedisClusterException as error:
                    raise _trouble(error) from None
            return self._known


class _ClusterPipeline(Pipeline):
    def __init__(self, cluster: ClusterClient) -> None:
        super().__init__(cluster.connection_pool, cluster.response_callbacks, transaction=False, shard_hint=None)
        self._cluster = cluster

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - redis-py's
        """Return the answers; with `raise_on_error` the first error is raised, else they stand among the answers."""
        commands, self.command_stack = self.command_stack, []
        answers = self._cluster.run(commands)
        for answer in answers if raise_on_error else ():
            if isinstance(answer, Exception):
                raise answer
        return answers


def _trouble(error: Exception) -> Exception:
    """Return what says that a node is away as any server says it."""
    cause = error.__cause__ if isinstance(error, RedisClusterException) else error
    if isinstance(cause, RedisConnectionError | RedisTimeoutError):
        return cause
    return RedisConnectionError(f"no node of the cluster takes it now: {error}")
