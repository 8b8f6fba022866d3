"""kombu's Redis transport, which no message can bring down: what cannot be delivered is put aside.

Also mended here: a worker survives that Redis dies while it closes its connection (docs/decisions/0016).
"""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from kombu.transport import redis as kombu_redis
from kombu.utils.json import dumps
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from config.celeryconfig import TASK_QUEUES
from worker.entrypoints.broker.aside import Aside, put_aside
from worker.entrypoints.broker.calls import given_up, is_hint, no_message, task_of
from worker.entrypoints.broker.envelope import OF_A_SHAPE, kept_problem, kept_text, message_problem, unreadable
from worker.telemetry import Log

log = structlog.get_logger()

_FAILED = "a worker failed at it, and its log says why"
_OURS = frozenset(TASK_QUEUES.values())
# Taken from a list, and put aside nowhere yet: no other message is taken before they are. Outlives the connection.
_taken: deque[Aside] = deque()


class QoS(kombu_redis.QoS):  # type: ignore[misc] # kombu has no types
    """The messages that are not acknowledged."""

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        """Put it back, or aside: only a hint is thrown away."""
        message = self._delivered.get(delivery_tag)
        if not requeue and message is not None:
            self._put_aside(message)
        super().reject(delivery_tag, requeue=requeue)

    def restore_by_tag(self, tag: bytes, client: Any = None, leftmost: bool = False) -> None:  # noqa: ANN401, FBT001, FBT002 - kombu's
        """Put a message back into its queue, aside if it is none: else all that is behind it would stay."""
        with self.channel.conn_or_acquire(client) as found:
            kept = found.hget(self.unacked_key, tag)
        reason = kept_problem(kept) if kept is not None else ""
        if not reason:
            try:
                super().restore_by_tag(tag, client, leftmost)
            except OF_A_SHAPE as error:
                reason = unreadable(error)
        if reason:
            log.warning(Log.MESSAGE_PUT_ASIDE, queue=self.unacked_key, reason=reason)
            self.channel.put_aside(Aside(f"hash {self.unacked_key}", no_message(reason), kept_text(kept)))
            self._remove_from_indices(tag).execute()

    def restore_unacked_once(self, stderr: Any = None) -> None:  # noqa: ANN401 - kombu's
        """Put everything back when the channel closes; where the connection is gone, the visibility timeout does."""
        if self.channel.is_cut_off:
            self._on_collect.cancel()
        else:
            super().restore_unacked_once(stderr)

    def _put_aside(self, message: Any) -> None:  # noqa: ANN401 - kombu's
        """Put aside what the consumer refused, and a task that failed, unless the sweep repeats it."""
        queue, task, refusal = message.delivery_info["routing_key"], task_of(message), getattr(message, "refusal", "")
        if is_hint(task) and not refusal:
            log.warning(Log.HINT_GIVEN_UP, queue=queue, task=task, reason=_FAILED)
            return
        held = no_message(refusal) if refusal else given_up(task, _FAILED)
        self.channel.put_aside(Aside(f"queue {queue}", held, kept_text(message.body)))


class _Client(Redis):
    """The client that waits for messages; it hands on those that can be delivered."""

    def __init__(self, channel: "Channel", **options: Any) -> None:  # noqa: ANN401 - redis-py's own
        self._channel = channel
        super().__init__(**options)

    def parse_response(self, connection: Any, command_name: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's
        """Return an answer; what BRPOP took and cannot be delivered is put aside, as if it had waited in vain."""
        answer = super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call] # redis-py's
        return None if command_name == "BRPOP" and answer and not self._channel.takes(*answer) else answer


class Channel(kombu_redis.Channel):  # type: ignore[misc] # kombu has no types
    """A channel to one server."""

    QoS = QoS
    _one_client: Any = None

    def takes(self, key: bytes, item: bytes) -> bool:
        """Whether a list's message can be delivered; else it is put aside, at the latest before the next is taken."""
        reason = message_problem(item)
        if not reason:
            return True
        queue = key.decode(errors="backslashreplace").partition(self.sep)[0]
        log.warning(Log.MESSAGE_PUT_ASIDE, queue=queue, reason=reason)
        _taken.append(Aside(f"queue {queue}", no_message(reason), kept_text(item)))
        with suppress(RedisError):
            self._put_taken_aside()
        return False

    def _create_client(self, asynchronous: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - kombu's
        """Return the one client of this channel's connections: kombu makes one for each message, and each answer."""
        if asynchronous:
            return super()._create_client(asynchronous)
        if self._one_client is None or self._one_client.connection_pool is not self.pool:
            self._one_client = super()._create_client()
        return self._one_client

    def put_aside(self, message: Aside) -> None:
        """Put a message aside that is kept elsewhere until it is; raises redis-py's errors."""
        with self.conn_or_acquire() as client:
            put_aside(client, [message])

    @property
    def is_cut_off(self) -> bool:
        """Whether its connection was given up; a task may still end, and acknowledge its message here."""
        return self.connection is None or self.connection.client is None

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - kombu's
        if self.is_cut_off:
            raise RedisConnectionError("the connection of this channel is gone")  # kombu's own error ends the worker
        return dict(super()._connparams(asynchronous))

    def _do_restore_message(
        self,
        payload: Any,  # noqa: ANN401 - JSON is anything
        exchange: str,
        routing_key: str,
        pipe: Any,  # noqa: ANN401 - redis-py's
        leftmost: bool = False,  # noqa: FBT001, FBT002 - kombu's
    ) -> None:
        """Put a message back, or raise what is wrong with it: kombu deletes it then, its body in the log."""
        payload["headers"] = {**(payload.get("headers") or {}), "redelivered": True}
        payload["properties"]["delivery_info"]["redelivered"] = True
        queues = self._lookup(exchange, routing_key)
        if not queues:
            raise LookupError("no queue takes it")
        push = pipe.lpush if leftmost else pipe.rpush
        for queue in queues:
            push(self._q_for_pri(queue, self._get_message_priority(payload, reverse=False)), dumps(payload))

    def _put_taken_aside(self) -> None:
        while _taken:
            self.put_aside(_taken[0])
            _taken.popleft()

    def _brpop_start(self, timeout: int | None = None) -> None:
        self._put_taken_aside()
        super()._brpop_start(timeout)

    def _get_client(self) -> "Callable[..., Redis]":
        super()._get_client()  # kombu asks whether redis-py is new enough
        return partial(_Client, self)


class SentinelChannel(Channel, kombu_redis.SentinelChannel):  # type: ignore[misc] # kombu has no types
    """A channel to the server that a Sentinel names."""


class Transport(kombu_redis.Transport):  # type: ignore[misc] # kombu has no types
    """Redis as broker."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> None:  # noqa: ANN401 - JSON is anything
        try:
            # kombu could not put back what has none: it writes into them that it did.
            message["headers"] = message.get("headers") or {}
            if queue in _OURS:
                # Whatever it says of itself, and also when the bindings are gone: it goes back to where it came from.
                message["properties"]["delivery_info"].update(exchange="", routing_key=queue)
            super()._deliver(message, queue)
        except OF_A_SHAPE as error:  # kombu would take the worker along
            self._drop(message, queue, type(error).__name__)

    def _drop(self, message: Any, queue: str, error: str) -> None:  # noqa: ANN401 - JSON is anything
        """Put a message aside that was looked at, and raised something all the same; a broadcast is only logged."""
        log.error(Log.MESSAGE_PUT_ASIDE, queue=queue, reason=error)
        if queue not in _OURS:
            return
        channel, tag = self.channels[0], message["properties"]["delivery_tag"]
        channel.put_aside(
            Aside(f"queue {queue}", no_message(f"it cannot be delivered ({error})"), kept_text(dumps(message)))
        )
        channel.qos.ack(tag)


class SentinelTransport(Transport, kombu_redis.SentinelTransport):  # type: ignore[misc] # kombu has no types
    """Redis behind Sentinel as broker."""

    Channel = SentinelChannel
