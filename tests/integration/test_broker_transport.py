"""What cannot be used in a broker on Redis is put aside by the transport, and holds nothing up."""

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from kombu import Connection, Consumer, Queue
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from tests.faults.poison_shapes import BAD_CALL, BAD_ENVELOPE, NO_MESSAGE, PUT_BACK, UNACKNOWLEDGED, Outcome, envelope
from tests.fixtures.redis_servers import ENGINES, Servers, redis_servers
from tests.fixtures.running_parts import until
from tests.fixtures.sales import sales
from worker.entrypoints.broker.aside import ASIDE
from worker.entrypoints.broker.redis_transport import Transport

__all__ = ["redis_servers"]

_SOON_SECONDS = 0.2
_PAST = 1.0


@dataclass
class Inbox:
    """A consumer of the list `inbox` through our transport, and what it was given."""

    redis: "Redis"
    connection: Connection
    given: list[Any] = field(default_factory=list)

    def drain(self) -> None:
        """Take what comes now."""
        with suppress(TimeoutError):
            self.connection.drain_events(timeout=_SOON_SECONDS)

    def await_given(self, count: int) -> None:
        """Take messages until so many were given."""

        def enough() -> bool:
            self.drain()
            return len(self.given) == count

        until(enough, f"{count} messages are delivered")

    @property
    def aside(self) -> list[tuple[str, str, str]]:
        """What was put aside, the newest first: where it was found, what that held, and what is kept of it."""
        return [tuple(json.loads(row)) for row in self.redis.lrange(ASIDE, 0, -1)]


@pytest.fixture(params=ENGINES)
def inbox(redis_servers: Servers, request: pytest.FixtureRequest) -> Iterator[Inbox]:
    """Give an empty inbox."""
    server = redis_servers.get(request.param)
    url = f"redis://127.0.0.1:{server.port}/5"
    with server.client(db=5) as client, Connection(url, transport=Transport) as connection:
        client.flushdb()
        inbox = Inbox(client, connection)
        with Consumer(connection.default_channel, [Queue("inbox")], on_message=inbox.given.append):
            yield inbox
        client.config_set("maxmemory", 0)


def test_what_is_no_message_is_put_aside_and_the_next_is_delivered(inbox: Inbox) -> None:
    """Every shape that kombu would die of, and a sound message behind them."""
    sold = sales("acme", len(NO_MESSAGE) + len(BAD_ENVELOPE) + 1)
    for shape, sale in zip([*NO_MESSAGE, *BAD_ENVELOPE], sold, strict=False):
        inbox.redis.lpush("inbox", shape.make(sale))
    inbox.redis.lpush("inbox", json.dumps(envelope(sold[-1])))

    inbox.await_given(1)

    assert inbox.redis.llen("inbox") == 0
    assert [str(sale.number) in text for sale, (_, _, text) in zip(sold, reversed(inbox.aside), strict=False)] == [
        True
    ] * (len(sold) - 1)
    assert all(found == "queue inbox" and held.startswith("what is no message") for found, held, _ in inbox.aside)


def test_what_was_taken_is_not_lost_when_the_broker_is_full(inbox: Inbox) -> None:
    """It is put aside before anything else is taken."""
    inbox.redis.lpush("inbox", b"no JSON 1", b"no JSON 2")
    inbox.redis.config_set("maxmemory-policy", "noeviction")
    inbox.redis.config_set("maxmemory", 1)
    until(lambda: _is_refused(inbox), "the first cannot be put aside")
    left = inbox.redis.lrange("inbox", 0, -1)
    inbox.redis.config_set("maxmemory", 0)
    inbox.connection.close()
    with Consumer(inbox.connection.default_channel, [Queue("inbox")]):
        until(lambda: _drained(inbox) and len(inbox.aside) == 2, "both are put aside")

    assert left == ["no JSON 2"]
    assert [text for _, _, text in inbox.aside] == ["no JSON 2", "no JSON 1"]


def _drained(inbox: Inbox) -> bool:
    inbox.drain()
    return True


def _raises(inbox: Inbox, words: str) -> bool:
    try:
        inbox.drain()
    except RuntimeError as error:
        return words in str(error)
    return False


def _is_refused(inbox: Inbox) -> bool:
    try:
        inbox.drain()
    except RedisError as error:
        return "maxmemory" in str(error)
    return False


def test_a_message_that_is_refused_for_good_is_put_aside(inbox: Inbox) -> None:
    """With the reason that the consumer gave, and nothing of it is unacknowledged any more."""
    (sale,) = sales("acme")
    inbox.redis.lpush("inbox", json.dumps(envelope(sale)))
    inbox.await_given(1)
    (message,) = inbox.given
    message.refusal = "it names no task"
    message.reject()

    ((found, held, text),) = inbox.aside
    assert (found, json.loads(text)) == ("queue inbox", sale.event(0))
    assert held.startswith("what is no message of ours: it names no task; send the task coleta.order_invoiced")
    assert not inbox.redis.exists("unacked", "unacked_index")


@pytest.mark.parametrize("task", ["coleta.order_invoiced", "coleta.retry_order"])
def test_a_task_that_failed_is_put_aside_as_what_it_is(inbox: Inbox, task: str) -> None:
    """It was a message of ours, and can be repeated."""
    (sale,) = sales("acme")
    inbox.redis.lpush("inbox", json.dumps(envelope(sale, headers={"task": task, "id": "1"})))
    inbox.await_given(1)
    inbox.given[0].reject()

    ((_, held, text),) = inbox.aside
    assert held.startswith(f"a call of {task} that was given up: a worker failed at it")
    assert json.loads(text) == sale.event(0)


def test_a_hint_that_failed_is_not_put_aside(inbox: Inbox) -> None:
    """The sweep hints again, and an operator has nothing to do; one that carries what it cannot be is none."""
    for sale in sales("acme", 2):
        inbox.redis.lpush("inbox", json.dumps(envelope(sale, headers={"task": "coleta.drain_inbox", "id": "1"})))
    inbox.await_given(2)
    failed, refused = inbox.given
    refused.refusal = "coleta.drain_inbox takes other arguments"
    failed.reject()
    refused.reject()

    assert ["takes other arguments" in held for _, held, _ in inbox.aside] == [True]
    assert not inbox.redis.exists("unacked", "unacked_index")


def test_a_workers_own_trouble_puts_no_message_aside(inbox: Inbox) -> None:
    """Which was sound: it comes back when the worker ends."""
    (sale,) = sales("acme")

    def fail(_: object) -> None:
        raise RuntimeError("can't start new thread")

    inbox.redis.lpush("inbox", json.dumps(envelope(sale)))
    with Consumer(inbox.connection.default_channel, [Queue("inbox")], on_message=fail):
        until(lambda: _raises(inbox, "new thread"), "it is taken")
    assert inbox.redis.hlen("unacked") == 1
    inbox.connection.default_channel.close()

    assert (inbox.redis.llen("inbox"), inbox.redis.exists("unacked"), inbox.aside) == (1, 0, [])


def test_a_message_goes_back_to_the_list_it_came_from(inbox: Inbox) -> None:
    """Whatever it says of itself."""
    (sale,) = sales("acme")
    lost = {**envelope(sale)["properties"], "delivery_info": {"exchange": "nowhere", "routing_key": "nobody"}}
    inbox.redis.lpush("inbox", json.dumps(envelope(sale, properties=lost)))
    inbox.await_given(1)
    inbox.given[0].requeue()
    inbox.await_given(2)

    assert [message.delivery_tag for message in inbox.given] == [lost["delivery_tag"]] * 2


def test_poison_among_what_is_unacknowledged_holds_nothing_up(inbox: Inbox) -> None:
    """It is put aside, and the message behind it is put back."""
    *poisoned, sound = sales("acme", len(UNACKNOWLEDGED) + 1)
    for index, (shape, sale) in enumerate(zip(UNACKNOWLEDGED, poisoned, strict=True)):
        inbox.redis.hset("unacked", f"poison-{index}", shape.make(sale))
        inbox.redis.zadd("unacked_index", {f"poison-{index}": _PAST})
    inbox.redis.hset("unacked", "sound", json.dumps([envelope(sound), "", "inbox"]))
    inbox.redis.zadd("unacked_index", {"sound": _PAST / 2})
    inbox.connection.default_channel.qos.restore_visible(interval=1)

    assert len(inbox.aside) == len(UNACKNOWLEDGED)
    assert inbox.redis.llen("inbox") == 1
    assert not inbox.redis.exists("unacked", "unacked_index")


def test_what_kombu_cannot_put_back_is_put_back_or_aside(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    """Kombu would delete it, and write its body into the log."""
    sold = sales("acme", len(PUT_BACK))
    for shape, sale in zip(PUT_BACK, sold, strict=True):
        inbox.redis.hset("unacked", shape.name, shape.make(sale))
        inbox.redis.zadd("unacked_index", {shape.name: _PAST})
    with caplog.at_level(logging.DEBUG):
        inbox.connection.default_channel.qos.restore_visible(interval=1)

    assert inbox.redis.llen("inbox") == len(PUT_BACK) - 1
    assert ["LookupError" in held for _, held, _ in inbox.aside] == [True]
    assert not inbox.redis.exists("unacked", "unacked_index")
    assert "Could not restore" not in caplog.text


def test_a_message_without_headers_survives_the_end_of_its_worker(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A channel that closes puts back what was not acknowledged; kombu fails at headers that are null."""
    (old,) = [shape for shape in BAD_CALL if shape.outcome is Outcome.RECORDED and "null" in shape.name]
    (sale,) = sales("acme")
    inbox.redis.lpush("inbox", old.make(sale))
    inbox.await_given(1)
    ((message, *_),) = map(json.loads, inbox.redis.hvals("unacked"))
    with caplog.at_level(logging.DEBUG):
        inbox.connection.default_channel.close()

    assert message["headers"] == {}  # so that whoever puts it back can, a worker of another version too

    assert inbox.redis.llen("inbox") == 1
    assert not inbox.redis.exists("unacked", ASIDE)
    assert "Could not restore" not in caplog.text


def test_a_channel_whose_connection_was_given_up_ends_in_peace(inbox: Inbox) -> None:
    """Its task may end later: the message comes back, and the worker does not die of an AttributeError."""
    (sale,) = sales("acme")
    inbox.redis.lpush("inbox", json.dumps(envelope(sale)))
    inbox.await_given(1)
    channel = inbox.connection.default_channel
    channel.connection.client = None  # as Celery leaves it when Redis died while it closed the connection
    channel._disconnect_pools()
    channel.close()

    with pytest.raises(RedisConnectionError, match="gone"):
        inbox.given[0].ack()
    assert inbox.redis.hlen("unacked") == 1
