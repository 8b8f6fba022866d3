from functools import partial
from socket import create_server, socket
from threading import Thread

import pytest

from config.settings import load_settings
from tests.fixtures.redis_servers import free_port
from worker.entrypoints.broker.rabbitmq_start import mend_of, rabbitmq_refusal

LOGIN = "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN."
FOREIGN = "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'inbox' in vhost '/'"


@pytest.mark.parametrize(
    ("code", "found", "asked", "mend"),
    [
        (403, LOGIN, "", "correct the user and the password in COLETA_BROKER_URL"),
        (
            403,
            "ACCESS_REFUSED - access to queue 'inbox' refused",
            "queue inbox",
            "rabbitmqctl set_permissions -p sales",
        ),
        (530, "NOT_ALLOWED - vhost sales not found", "", "rabbitmqctl add_vhost sales"),
        (530, "NOT_ALLOWED - access to vhost 'sales' refused", "", "rabbitmqctl set_permissions -p sales"),
        (406, FOREIGN, "queue inbox", "rabbitmqctl delete_queue inbox -p sales --if-empty"),
        (406, FOREIGN, "queue inbox", "the exchange `coleta` and the routing key `inbox`"),
        (406, FOREIGN, "exchange coleta", "rabbitmqadmin -V sales delete exchange name=coleta"),
    ],
)
def test_a_refusal_says_what_mends_it(code: int, found: str, asked: str, mend: str) -> None:
    """With the command to type where there is one."""
    said = mend_of(code, found, asked, "sales")

    assert said is not None
    assert mend in said


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (530, "NOT_ALLOWED - access to vhost '/' refused for user 'coleta': connection limit (9) is reached"),
        (541, "INTERNAL_ERROR - access to vhost '/' refused for user 'coleta': vhost '/' is down"),
        (320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"),
        (None, ""),
    ],
)
def test_what_may_pass_by_itself_is_no_reason_to_end(code: int | None, found: str) -> None:
    """The workers wait for it."""
    assert mend_of(code, found, "", "/") is None


@pytest.mark.parametrize("broker", ["amqp://u:p@127.0.0.1:{port}//", "redis://127.0.0.1:1/1", ""])
def test_a_broker_that_is_away_or_no_rabbitmq_is_no_reason_to_end(broker: str) -> None:
    """A service may come up before its broker."""
    url = broker.format(port=free_port())
    assert rabbitmq_refusal(load_settings({"COLETA_BROKER_URL": url})) is None


def test_what_speaks_no_amqp_is_no_reason_to_end() -> None:
    """It closes each connection, as a proxy does whose broker is away."""
    with create_server(("127.0.0.1", 0)) as server:
        closing = Thread(target=partial(_close_each, server), daemon=True)
        closing.start()
        url = f"amqp://u:p@127.0.0.1:{server.getsockname()[1]}//"
        assert rabbitmq_refusal(load_settings({"COLETA_BROKER_URL": url})) is None
        closing.join()


def _close_each(server: socket) -> None:
    for _ in range(2):
        server.accept()[0].close()
