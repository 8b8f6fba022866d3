"""Brings into `rejected` what a broker holds of messages that no worker could use: one way a broker."""

import structlog
from celery import Celery
from kombu.exceptions import KombuError
from kombu.transport.pyamqp import Transport as RabbitMQ
from redis.exceptions import RedisError

from worker.bootstrap import Service
from worker.entrypoints.broker import is_rabbitmq
from worker.entrypoints.broker.aside import reject_aside
from worker.entrypoints.broker.dead_letters import reject_dead_letters
from worker.telemetry import Log

log = structlog.get_logger()

_POOL_SECONDS = 10  # for a connection of the pool
_AWAY = (KombuError, RedisError, OSError, *RabbitMQ.connection_errors, *RabbitMQ.channel_errors)


def bring_in(app: Celery, service: Service) -> None:
    """Keep it as rejected: what workers put aside on Redis, the dead letters of RabbitMQ.

    Where broker or state are away it stays where it is, and the next sweep looks again.
    """
    try:
        with app.pool.acquire(block=True, timeout=_POOL_SECONDS) as connection:
            try:
                channel = connection.default_channel
                if is_rabbitmq(app):
                    reject_dead_letters(app, channel, service)
                else:
                    with channel.conn_or_acquire() as client:
                        reject_aside(client, service)
            except _AWAY:
                connection.collect()  # the pool would hand it out again as it is, with what it has taken
                raise
    except _AWAY as error:
        log.warning(Log.BROKER_UNREAD, reason=str(error))
