"""Redis and RabbitMQ over TLS and with users, on real servers: a server that is not the one to expect is refused."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from kombu.transport.pyamqp import Transport as RabbitMQ
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from config.celeryconfig import celery_settings
from config.settings import Settings, load_settings
from tests.fixtures.certificates import Authority
from tests.fixtures.rabbitmq import RabbitPart
from tests.fixtures.redis_servers import NOT_PERSISTENT, free_port, required, started
from tests.fixtures.running_service import RunningService, running
from worker.adapters.redis_clients import brief_client, connect, connect_briefly
from worker.domain.order import Status
from worker.entrypoints.web.redis_check import redis_problem

_PASSWORD = "kept-from-strangers"
_REFUSED = "certificate verify failed"


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A server that speaks TLS as `localhost`, its certificate issued by `authority`."""

    scheme: str
    port: int
    user: str
    password: str
    authority: Authority

    def url(self, *, host: str = "localhost", trusted: Path | None = None, password: str = "") -> str:
        """Return its address under this name, for somebody who trusts its authority, or another one."""
        given = f"{self.user}:{password or self.password}@{host}:{self.port}"
        place = "//" if self.scheme == "amqps" else "/"
        return f"{self.scheme}://{given}{place}?ssl_ca_certs={trusted or self.authority.own.file}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give the authority that everybody here trusts."""
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the certificate of an authority that issued nothing here."""
    return Authority(tmp_path_factory.mktemp("tls") / "stranger").own.file


@pytest.fixture(scope="module")
def redis(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    """Give Debian's server (the packaged one has no TLS), and a user who may do all but look at its configuration."""
    port = free_port()
    files = ("--tls-cert-file", str(authority.server.file), "--tls-key-file", str(authority.server.key))
    tls = ("--tls-port", str(port), *files, "--tls-ca-cert-file", str(authority.own.file), "--tls-auth-clients", "no")
    user = ("--user", "coleta", "on", f">{_PASSWORD}", "~*", "&*", "+@all", "-config")
    with started(required("redis"), tmp_path_factory.mktemp("redis"), *NOT_PERSISTENT, *tls, *user):
        yield Encrypted("rediss", port, "coleta", _PASSWORD, authority)


@pytest.fixture(scope="module")
def rabbitmq(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    """Give a RabbitMQ with a TLS listener, too."""
    port = free_port()
    lines = (
        f"listeners.ssl.1 = 127.0.0.1:{port}",
        f"ssl_options.cacertfile = {authority.own.file}",
        f"ssl_options.certfile = {authority.server.file}",
        f"ssl_options.keyfile = {authority.server.key}",
        "ssl_options.verify = verify_none",
    )
    server = RabbitPart("rabbitmq", tmp_path_factory.mktemp("rabbitmq"), "\n".join(lines))
    try:
        yield Encrypted("amqps", port, server.user, server.password, authority)
    finally:
        server.kill()


def _state(url: str) -> Settings:
    return load_settings({"COLETA_REDIS_URL": url})


def _messages(url: str) -> Settings:
    return load_settings({"COLETA_BROKER_URL": url})


def _reach_broker(settings: Settings) -> None:
    """Open the service's own connection to its broker, once."""
    app = Celery("test", set_as_current=False)
    app.conf.update(celery_settings(settings))
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0)
        connection.default_channel.close()


def _clients(settings: Settings) -> "list[Redis]":
    """Return a client of every kind that the service makes, which repeats nothing."""
    clients = [open_client(settings.redis_url) for open_client in (connect, connect_briefly, brief_client)]
    for client in clients:
        client.set_retry(Retry(NoBackoff(), 0))
    return clients


def test_state_and_messages_go_over_tls_as_a_user(redis: Encrypted) -> None:
    """One address names server, user, password and whom to trust; messages go to the next database, the same way."""
    settings = _state(redis.url())
    for client in _clients(settings):
        with client:
            assert client.acl_whoami() == "coleta"
            with pytest.raises(NoPermissionError):
                client.config_get("*")
    assert asyncio.run(redis_problem(str(settings.redis_url))) is None
    _reach_broker(settings)


@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_redis_server_that_is_not_the_one_to_expect_is_refused(redis: Encrypted, wrong: str, stranger: Path) -> None:
    """Another name than the certificate's, or an authority that nobody named: for state, probes and messages alike."""
    settings = _state(redis.url(host="127.0.0.1") if wrong == "name" else redis.url(trusted=stranger))
    for client in _clients(settings):
        with client, pytest.raises(RedisConnectionError, match=_REFUSED):
            client.ping()
    assert _REFUSED in str(asyncio.run(redis_problem(str(settings.redis_url))))
    with pytest.raises(OperationalError, match=_REFUSED):
        _reach_broker(settings)


def test_a_certificate_of_no_authority_at_all_is_refused(redis: Encrypted) -> None:
    """Whoever names none trusts those of the machine, and no other."""
    url = redis.url().partition("?")[0]
    with connect_briefly(_state(url).redis_url) as client, pytest.raises(RedisConnectionError, match=_REFUSED):
        client.ping()


def test_a_wrong_password_is_refused_and_not_repeated(redis: Encrypted) -> None:
    """The sentence does not hold it."""
    settings = _state(redis.url(password="of-somebody-else"))
    with connect_briefly(settings.redis_url) as client, pytest.raises(AuthenticationError) as error:
        client.ping()
    assert "of-somebody-else" not in str(error.value)


def test_rabbitmq_is_reached_over_tls_as_a_user(rabbitmq: Encrypted) -> None:
    """The authority is named in the address, as for Redis."""
    _reach_broker(_messages(rabbitmq.url()))


@pytest.mark.parametrize("wrong", ["name", "authority", "no authority"])
def test_a_rabbitmq_that_is_not_the_one_to_expect_is_refused(rabbitmq: Encrypted, wrong: str, stranger: Path) -> None:
    """By default neither a certificate's name nor its authority would have to be known."""
    urls = {
        "name": rabbitmq.url(host="127.0.0.1"),
        "authority": rabbitmq.url(trusted=stranger),
        "no authority": rabbitmq.url().partition("?")[0],
    }
    with pytest.raises(OperationalError, match=_REFUSED):
        _reach_broker(_messages(urls[wrong]))


def test_rabbitmq_refuses_a_wrong_password(rabbitmq: Encrypted) -> None:
    """Over TLS, too; the sentence does not hold it."""
    with pytest.raises((*RabbitMQ.connection_errors, *RabbitMQ.channel_errors), match="ACCESS_REFUSED") as error:
        _reach_broker(_messages(rabbitmq.url(password="of-somebody-else")))
    assert "of-somebody-else" not in str(error.value)


@dataclass(frozen=True, slots=True)
class _Broker:
    """Where messages go."""

    url: str


class _OverTls(RunningService):
    """A service that reaches its state, and perhaps a broker apart from it, over TLS as a user."""

    def __init__(self, folder: Path, state: Encrypted, broker: Encrypted | None = None) -> None:
        super().__init__(folder, broker=_Broker(broker.url()) if broker is not None else None)
        self._state = state
        self.secrets |= {"REDIS": state.password, "BROKER": (broker or state).password}

    def open(self) -> None:
        """Start what everything else needs, and use the other server."""
        super().open()
        self.variables["COLETA_REDIS_URL"] = self._state.url()


def _requested(service: RunningService) -> str:
    """Have orders requested, and return what the worker said."""
    worker = service.start_worker()
    service.start_beat()
    sold = service.sold("acme", 3)
    service.invoice(sold)
    service.await_status(sold, Status.REQUESTED)
    assert service.accepted(sold) == [1, 1, 1]
    return worker.text


def test_an_order_is_requested_over_tls(redis: Encrypted, tmp_path: Path) -> None:
    """Workers, beat and their messages: all of it runs on one address."""
    with running(_OverTls(tmp_path, redis)) as service:
        assert f"rediss://coleta:**@localhost:{redis.port}/1" in _requested(service)


def test_an_order_is_requested_over_tls_and_rabbitmq(redis: Encrypted, rabbitmq: Encrypted, tmp_path: Path) -> None:
    """The broker has a certificate and a user of its own."""
    with running(_OverTls(tmp_path, redis, rabbitmq)) as service:
        assert f"amqps://{rabbitmq.user}:**@localhost:{rabbitmq.port}//" in _requested(service)
