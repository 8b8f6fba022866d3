"""How Celery runs here: each setting with its reason, most of them learnt from what Celery does by default.

Measured on celery 5.7, kombu 5.7 and redis-py 8.1, on Redis and RabbitMQ.
"""

from kombu import Connection, Exchange, Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import groups, tls, urls
from config.settings import Settings, SettingsError

INBOX, PICKUPS, UPKEEP = _QUEUES = "inbox", "pickups", "upkeep"

TASK_QUEUES = {
    "coleta.order_invoiced": INBOX,
    "coleta.drain_inbox": INBOX,
    "coleta.request_pickups": PICKUPS,
    "coleta.retry_order": PICKUPS,
    "coleta.learn_order": PICKUPS,
    "coleta.sweep": UPKEEP,
    "coleta.reconcile": UPKEEP,
    "coleta.poll_feed": UPKEEP,
}

# A message that no worker acknowledged for this long runs again: five drains fit in, and a killed worker's work
# is back before a person would notice. The sweep is quicker; this is for `order_invoiced`, which is the record.
VISIBILITY_SECONDS = 300
# A longer countdown would let the message run twice: it waits unacknowledged in one worker. Longer waits live in
# the indexes.
MAX_COUNTDOWN_SECONDS = VISIBILITY_SECONDS / 5

# RabbitMQ: a message that took its worker down this often is put aside, or it would take every worker down for ever.
DELIVERY_LIMIT = 20
# Where it is put. No worker reads it, so none declares it unasked: worker/entrypoints/broker/dead_letters.py does.
# It goes back there whenever the state is away as a sweep brings it in, without end: RabbitMQ 4 deletes it after 20
# returns unless a limit is set. Not -1, which means "none" since 4.0 only: 3.x takes it for a limit that is reached.
_NO_LIMIT = 2**31 - 1
DEAD_LETTERS = Queue(
    "coleta.dead",
    Exchange("coleta.dead", type="fanout"),
    queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": _NO_LIMIT},
)
# How long RabbitMQ is waited for.
_ANSWER_SECONDS = 5


def celery_settings(settings: Settings) -> dict[str, object]:
    """Return Celery's configuration, in its own lower-case names. Raises `SettingsError` where no broker is known."""
    if settings.broker_url is None:
        mend = "set COLETA_REDIS_URL, for instance redis://localhost:6379/0 (and COLETA_BROKER_URL for another broker)"
        raise SettingsError([f"no broker is known: start all of it with `coleta up`, or {mend}"])
    broker = _rabbitmq if urls.scheme(settings.broker_url).startswith("amqp") else _redis
    of_broker = broker(settings.broker_url)
    encrypted = tls.broker_options(settings.broker_url)
    try:
        Connection(of_broker["broker_url"], ssl=encrypted or False)  # connects when it is used
    except (TypeError, ValueError, LookupError):
        found = urls.without_password(settings.broker_url)
        mend = "kombu does not take its options (after the ?), or not with these values; mend them, or leave them out"
        raise SettingsError([f"COLETA_BROKER_URL is {found!r}: {mend}"]) from None
    return {
        **_COMMON,
        **of_broker,
        **({"broker_use_ssl": encrypted} if encrypted else {}),
        **_beat(settings),
        "worker_concurrency": settings.worker_threads,
    }


_COMMON: dict[str, object] = {
    # A message is acknowledged after its task, not before: a killed worker's message comes back.
    "task_acks_late": True,
    # The same where only the process that ran the task dies.
    "task_reject_on_worker_lost": True,
    # A thread takes what it can run now; with late acknowledgement the rest stays for other workers.
    "worker_prefetch_multiplier": 1,
    # Outcomes live in the ledger. With no result backend either, a task costs Redis nothing beyond its message.
    "task_ignore_result": True,
    # JSON only: a pickle from outside would be code.
    "task_serializer": "json",
    "accept_content": ["json"],
    # A broker that is away, at the start or later, is waited for without end: giving up would lose hints quietly.
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    # An error in a channel (a full Redis, a failover) reconnects, too; by default it ends the worker.
    "broker_channel_error_retry": True,
    # Without it `apply_async` can wait for ever for a connection of the pool; the door would hang with it.
    "broker_pool_acquire_timeout": 10,
    # Celery's own dies of some malformed messages, and deletes others.
    "worker_consumer": "worker.entrypoints.broker.consumer:Consumer",
    # The work is input and output, and threads stop on SIGTERM at once; prefork took up to 32 s of the grace.
    "worker_pool": "threads",
    # config/logging.py is the one that sets logging up.
    "worker_hijack_root_logger": False,
    # A misspelled queue is an error, not a new queue that nobody reads.
    "task_create_missing_queues": False,
    "task_default_queue": INBOX,
    "task_routes": {task: {"queue": queue} for task, queue in TASK_QUEUES.items()},
}


def _redis(url: str) -> dict[str, object]:
    options: dict[str, object] = {
        "visibility_timeout": VISIBILITY_SECONDS,
        # Look for messages past that every 5 s; the defaults look every 100 s.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # A peer that vanished without a word is noticed: kombu waits for ever by default. Blocking reads last 1 s.
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }
    settings: dict[str, object] = {
        "broker_url": tls.without_options(url),
        "broker_transport_options": options,
        "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in _QUEUES],
    }
    if groups.is_sentinel(url):
        options["master_name"] = groups.sentinel_group(url)
        options["sentinel_kwargs"] = {**_ASKING, **groups.sentinel_credentials(url), **_sentinel_tls(url)}
        settings["broker_url"] = _as_kombu_spells(url)
    return settings


# One Sentinel that is away or silent must not keep the next one waiting.
_ASKING: dict[str, object] = {"socket_timeout": 2, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)}


def _sentinel_tls(url: str) -> dict[str, object]:
    encrypted = tls.broker_options(url)
    return {"ssl": True, **encrypted} if encrypted else {}


def _as_kombu_spells(url: str) -> str:
    """Return the addresses without options, in the one scheme that kombu has; TLS is said by `broker_use_ssl`."""
    bare = (address.partition("?")[0] for address in url.split(";"))
    return ";".join(f"sentinel://{address.partition('://')[2]}" for address in bare)


def _rabbitmq(url: str) -> dict[str, object]:
    arguments = {
        # Replicated and safe on disk: with confirmed publishing, no message was lost in our kills.
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD_LETTERS.exchange.name,
        # A dead letter must not get lost on its way either; that strategy demands this overflow.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    exchange = Exchange("coleta", type="topic")  # native delayed delivery works with topic exchanges only
    return {
        "broker_url": tls.without_options(url),
        # A publish returns when the broker has the message, and says so when it has not.
        # A broker that is silent, or short of memory or disk, would keep it waiting for ever.
        "broker_transport_options": {
            "confirm_publish": True,
            "read_timeout": _ANSWER_SECONDS,
            "write_timeout": _ANSWER_SECONDS,
        },
        # It says so as well when there is no such queue.
        "task_routes": {task: {"queue": queue, "mandatory": True} for task, queue in TASK_QUEUES.items()},
        "task_default_queue_type": "quorum",
        "task_default_exchange_type": "topic",
        "task_queues": [Queue(name, exchange, routing_key=name, queue_arguments=arguments) for name in _QUEUES],
    }


def _beat(settings: Settings) -> dict[str, object]:
    return {
        # A message of beat is a hint as well; it has no expiry, for an expired message is lost without a trace.
        "beat_schedule": {"sweep": {"task": "coleta.sweep", "schedule": settings.sweep_seconds}},
        # Makes the folder of the file below, which Celery's own expects to be there.
        "beat_scheduler": "worker.entrypoints.beat:Scheduler",
        # Beat's memory of when it last sent what; by default it lands in the working directory.
        "beat_schedule_filename": str(settings.data_dir / "celerybeat-schedule"),
    }
