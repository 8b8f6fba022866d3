"""What Celery is told: names that it knows, and what no behaviour shows in the time of a test."""

import re
import ssl
from pathlib import Path

import pytest
from celery import Celery
from celery.app.defaults import NAMESPACES, flatten
from kombu import Connection
from kombu.transport import redis as kombu_redis

from config.celeryconfig import DEAD_LETTERS, TASK_QUEUES, celery_settings
from config.contradictions import STOP_GRACE_SECONDS
from config.settings import SettingsError, load_settings

COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"
REDIS = {"COLETA_REDIS_URL": "redis://redis/0"}


def _app(**environ: str) -> Celery:
    configured = Celery("test", set_as_current=False)
    configured.conf.update(celery_settings(load_settings({**REDIS, **environ})))
    return configured


@pytest.mark.parametrize(
    "broker", ["redis://redis/1", "sentinel://sentinel/1?master_name=main", "amqp://rabbit", "rediss://redis/1"]
)
def test_celery_knows_every_setting(broker: str) -> None:
    """Celery ignores a name that it does not know: every one of ours is one of its own."""
    names = {name for name, _ in flatten(NAMESPACES)}

    assert set(celery_settings(load_settings({**REDIS, "COLETA_BROKER_URL": broker}))) <= names


def test_the_transport_knows_every_option() -> None:
    """Kombu ignores an option that it does not know, too."""
    options = _app().conf.broker_transport_options

    assert set(options) <= set(kombu_redis.Channel.from_transport_options)


def test_a_message_waits_for_a_worker_that_lives() -> None:
    """No thread takes more than it can run now, and what died in a process of its own comes back as well."""
    conf = _app().conf

    assert (conf.worker_prefetch_multiplier, conf.task_reject_on_worker_lost) == (1, True)


def test_no_drain_outlives_its_message() -> None:
    """A message that is being worked on must not come back: the longest drain ends well before that."""
    assert _app().conf.broker_transport_options["visibility_timeout"] > 2 * STOP_GRACE_SECONDS


def test_compose_grants_the_grace_that_drains_count_on() -> None:
    """A worker that is killed earlier leaves its orders to the settling delay."""
    graces = re.findall(r"stop_grace_period: (\d+)s", COMPOSE.read_text())

    assert graces
    assert min(map(float, graces)) >= STOP_GRACE_SECONDS


def test_a_broker_that_is_away_is_waited_for() -> None:
    """No outage is long enough to end a process; a publisher gives up after a bounded time."""
    conf = _app().conf

    assert conf.broker_connection_max_retries is None
    assert conf.broker_channel_error_retry is True
    assert conf.broker_pool_acquire_timeout == 10


def test_only_json_and_no_results() -> None:
    """A pickled message from outside would be code; outcomes live in the ledger."""
    conf = _app().conf

    assert conf.accept_content == ["json"]
    assert conf.task_ignore_result is True


@pytest.mark.parametrize("broker", ["redis://redis/1", "amqp://rabbit"])
def test_every_task_has_a_queue_that_workers_read(broker: str) -> None:
    """No task goes to a queue by accident, and a misspelled queue is an error."""
    configured = _app(COLETA_BROKER_URL=broker)

    queues = {task: configured.amqp.router.route({}, task)["queue"].name for task in TASK_QUEUES}

    assert queues == TASK_QUEUES
    assert set(configured.amqp.queues.consume_from) == {"inbox", "pickups", "upkeep"}
    assert configured.conf.task_create_missing_queues is False


def test_the_settings_reach_celery() -> None:
    """Threads, the sweep's pace and the place of beat's memory are the deployment's."""
    conf = _app(COLETA_WORKER_THREADS="7", COLETA_SWEEP_SECONDS="0.5", COLETA_DATA_DIR="/data").conf

    assert (conf.worker_pool, conf.worker_concurrency) == ("threads", 7)
    assert conf.beat_schedule == {"sweep": {"task": "coleta.sweep", "schedule": 0.5}}
    assert conf.beat_schedule_filename == "/data/celerybeat-schedule"
    assert conf.broker_url == "redis://redis/1"


def test_certificates_are_checked_whatever_kombu_would_do() -> None:
    """Its own default asks rediss:// for no certificate and amqps:// for no name."""
    over_redis = _app(COLETA_BROKER_URL="rediss://redis/1?ssl_cert_reqs=required").connection()
    over_amqp = _app(COLETA_BROKER_URL="amqps://user:pw@localhost:5671/host").connection()

    assert over_redis.ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    assert over_amqp.ssl == {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "localhost"}
    assert over_amqp.virtual_host == "host"


def test_every_address_of_a_broker_is_checked_alike() -> None:
    """The one that takes over, too."""
    connection = _app(COLETA_BROKER_URL="rediss://one/1;rediss://two/1").connection()
    connection.maybe_switch_next()

    assert connection.hostname == "two"
    assert connection.ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}


def test_sentinel_gets_the_group_from_the_address() -> None:
    """One variable names servers, group and database."""
    conf = _app(COLETA_BROKER_URL="sentinel://:pw@one:26379/1;sentinel://:pw@two:26379/1?master_name=main").conf

    assert conf.broker_transport_options["master_name"] == "main"
    with Connection(conf.broker_url) as connection:
        assert (connection.virtual_host, len(connection.alt)) == ("1", 2)


@pytest.mark.parametrize(
    ("environ", "mend"),
    [
        ({"COLETA_BROKER_URL": "sentinel://:hunter2@one/1"}, "end it with ?master_name=NAME"),
        ({}, "set COLETA_REDIS_URL, for instance redis://localhost:6379/0"),
    ],
)
def test_a_broker_that_cannot_be_reached_is_refused(environ: dict[str, str], mend: str) -> None:
    """What is missing is said, without the password."""
    with pytest.raises(SettingsError) as error:
        celery_settings(load_settings(environ))

    assert mend in str(error.value)
    assert "hunter2" not in str(error.value)


def test_rabbitmq_keeps_what_it_confirmed() -> None:
    """Quorum queues, confirmed publishing, delayed delivery over a topic exchange, dead letters kept."""
    conf = _app(COLETA_BROKER_URL="amqp://rabbit").conf

    assert conf.broker_transport_options["confirm_publish"] is True
    assert all(route["mandatory"] is True for route in conf.task_routes.values())
    assert conf.task_default_queue_type == "quorum"
    for queue in conf.task_queues:
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-dead-letter-exchange"] == DEAD_LETTERS.exchange.name
        assert queue.queue_arguments["x-delivery-limit"] > 0
        assert queue.exchange.type == "topic"
