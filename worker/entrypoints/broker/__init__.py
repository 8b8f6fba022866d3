"""The broker's side of the service: what Celery and kombu do with a message that they cannot use, done our way."""

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

_GUARDED = "worker.entrypoints.broker.redis_transport"


def guard_redis() -> None:
    """Let every Redis address of this process lead to our transport; before kombu first looks one up.

    Not the setting `broker_transport`: a connection that moves on to the next Sentinel goes by the address again.
    """
    TRANSPORT_ALIASES.update(
        redis=f"{_GUARDED}:Transport", rediss=f"{_GUARDED}:Transport", sentinel=f"{_GUARDED}:SentinelTransport"
    )


def is_rabbitmq(app: Celery) -> bool:
    """Whether messages go through RabbitMQ; else they go through Redis."""
    return bool(app.conf.task_default_queue_type == "quorum")
