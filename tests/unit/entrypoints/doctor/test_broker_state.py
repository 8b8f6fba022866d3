"""What is said of the broker, by what was seen of it."""

import pytest

from worker.entrypoints.broker.look import BrokerLook
from worker.entrypoints.doctor.broker_state import judge
from worker.entrypoints.doctor.findings import Check, Finding

REDIS = "redis://:secret-word@redis.example:6379/1"
RABBIT = "amqp://coleta:secret-word@rabbit.example:5672/shop"
EMPTY = BrokerLook(waiting={"inbox": 0, "pickups": 0, "upkeep": 0})


def _found(seen: BrokerLook, url: str = REDIS, redis_url: str = "redis://redis.example:6379/0") -> Finding:
    (finding,) = judge(seen, url, redis_url)
    assert "secret-word" not in finding.found
    return finding


def test_a_broker_that_answers_says_what_waits() -> None:
    """Which one it is, whether it shares the state's server, and when a message runs again."""
    assert _found(EMPTY).found == (
        "Redis at redis://redis.example:6379/1, the state's own server: waiting inbox 0, pickups 0, upkeep 0;"
        " a message that nobody acknowledged for 300 s runs again"
    )
    assert "the state's own server" not in _found(EMPTY, redis_url="redis://another.example:6379/0").found
    assert _found(EMPTY, RABBIT).found == (
        "RabbitMQ at amqp://rabbit.example:5672/shop: waiting inbox 0, pickups 0, upkeep 0"
    )


@pytest.mark.parametrize(
    ("seen", "url", "check", "advice"),
    [
        (BrokerLook("Connection refused"), REDIS, Check.BROKER_UNREACHABLE, "start it, or correct COLETA_BROKER_URL"),
        (BrokerLook("WRONGPASS invalid username-password pair"), REDIS, Check.BROKER_REFUSES, "correct the user and"),
        (BrokerLook("timed out"), RABBIT, Check.BROKER_UNREACHABLE, "start it, or correct COLETA_BROKER_URL"),
        (BrokerLook("ACCESS_REFUSED - Login was refused", 403), RABBIT, Check.BROKER_REFUSES, "correct the user and"),
        (
            BrokerLook("NOT_ALLOWED - vhost shop not found", 530),
            RABBIT,
            Check.BROKER_REFUSES,
            "rabbitmqctl add_vhost shop",
        ),
        (
            BrokerLook(waiting={"inbox": 0}, missing=("pickups", "upkeep")),
            RABBIT,
            Check.BROKER_QUEUES_MISSING,
            "start a worker: it makes them",
        ),
        (BrokerLook(waiting={"inbox": 12_000}), REDIS, Check.BROKER_PILED_UP, "start more workers"),
    ],
)
def test_a_broker_of_no_use_is_told_from_one_that_refuses(
    seen: BrokerLook, url: str, check: Check, advice: str
) -> None:
    """Each has another mend."""
    finding = _found(seen, url)

    assert finding.check is check
    assert advice in finding.advice
