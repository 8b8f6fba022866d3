"""Sentinel and its server over TLS, each with a password of its own: what is not the one to expect is refused."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from config.celeryconfig import celery_settings
from config.settings import load_settings
from tests.fixtures.certificates import Authority
from tests.fixtures.redis_servers import NOT_PERSISTENT, free_port, required, started
from tests.fixtures.running_parts import Part, until
from worker.adapters.redis_clients import brief_client, connect, connect_briefly
from worker.entrypoints.web.redis_check import redis_problem

_SERVERS, _SENTINELS = "of-the-servers", "of-the-sentinels"


@dataclass(frozen=True, slots=True)
class Guarded:
    """A Sentinel that names a server, both known as `localhost`."""

    port: int
    authority: Authority

    def url(self, *, password: str = _SERVERS, sentinel_password: str = _SENTINELS, trusted: Path | None = None) -> str:
        """Return the address for somebody who knows these passwords and trusts this authority."""
        options = f"master_name=main&sentinel_password={sentinel_password}"
        trust = f"ssl_ca_certs={trusted or self.authority.own.file}"
        return f"sentinels://:{password}@localhost:{self.port}/0?{options}&{trust}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Give Debian's programs: the packaged ones have no TLS."""
    folder = tmp_path_factory.mktemp("guarded")
    authority, server, sentinel = Authority(folder / "authority"), free_port(), free_port()
    tls = {
        "tls-cert-file": authority.server.file,
        "tls-key-file": authority.server.key,
        "tls-ca-cert-file": authority.own.file,
        "tls-auth-clients": "no",
    }
    options = [part for name, value in tls.items() for part in (f"--{name}", str(value))]
    lines = [
        "port 0",
        f"tls-port {sentinel}",
        "tls-replication yes",
        f"requirepass {_SENTINELS}",
        "sentinel resolve-hostnames yes",
        "sentinel announce-hostnames yes",
        f"sentinel monitor main localhost {server} 1",
        f"sentinel auth-pass main {_SERVERS}",
        *(f"{name} {value}" for name, value in tls.items()),
    ]
    file = folder / "sentinel.conf"
    file.write_text("\n".join(lines))
    with started(required("redis"), folder / "server", *NOT_PERSISTENT, *options, "--tls-port", str(server)) as running:
        with running.client() as client:
            client.config_set("requirepass", _SERVERS)
        part = Part("sentinel", [str(required("redis")), str(file), "--sentinel"], {}, folder)
        try:
            found = Guarded(sentinel, authority)
            until(lambda: _answers(found), "the Sentinel names its server", lambda: [part])
            yield found
        finally:
            part.kill()


def _answers(guarded: Guarded) -> bool:
    with brief_client(guarded.url()) as client:
        try:
            return bool(client.ping())
        except RedisConnectionError:
            return False


def _reach_broker(url: str) -> None:
    app = Celery("test", set_as_current=False)
    app.conf.update(celery_settings(load_settings({"COLETA_BROKER_URL": url})))
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0)
        connection.default_channel.close()


def _clients(url: str) -> "list[Redis]":
    return [
        make(load_settings({"COLETA_REDIS_URL": url}).redis_url) for make in (connect, connect_briefly, brief_client)
    ]


def test_state_messages_and_probe_reach_the_server_that_the_sentinel_names(guarded: Guarded) -> None:
    """By one address: the server's password in it, the Sentinel's beside it, one authority for both."""
    for client in _clients(guarded.url()):
        with client:
            assert client.ping()
    assert asyncio.run(redis_problem(guarded.url())) is None
    _reach_broker(guarded.url())


@pytest.mark.parametrize("wrong", ["password", "the Sentinel's", "authority"])
def test_who_is_not_to_be_trusted_or_does_not_trust_is_refused(guarded: Guarded, wrong: str, tmp_path: Path) -> None:
    """A wrong password of either, and a certificate of nobody known; no sentence holds a password."""
    url = guarded.url(
        password="of-somebody-else" if wrong == "password" else _SERVERS,
        sentinel_password="of-somebody-else" if wrong == "the Sentinel's" else _SENTINELS,
        trusted=Authority(tmp_path / "stranger").own.file if wrong == "authority" else None,
    )
    with brief_client(url) as client, pytest.raises(RedisConnectionError) as error:
        client.ping()
    problem = asyncio.run(redis_problem(url))
    assert problem is not None
    for text in (str(error.value), problem):
        assert not {_SERVERS, _SENTINELS, "of-somebody-else"} & set(text.replace("'", " ").split())
    with pytest.raises((OperationalError, RedisConnectionError)):
        _reach_broker(url)
