"""What the service says about a Redis server: on real servers, in the configurations that deployments have."""

from collections.abc import Iterator

import pytest
from redis import Redis

from config.settings import load_settings
from tests.fixtures.redis_servers import ENGINES, Servers, redis_servers
from worker.adapters.redis_safety import Findings, examine
from worker.bootstrap import UnsafeRedisError, build

__all__ = ["redis_servers"]

DURABLE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
FORGETS = "the Redis server keeps no append-only file (appendonly no) and forgets orders when it restarts"


@pytest.fixture(params=ENGINES)
def client(redis_servers: Servers, request: pytest.FixtureRequest) -> Iterator["Redis"]:
    """Give a client of a server as it should be."""
    server = redis_servers.get(request.param, "--loglevel", "warning")
    with server.client() as client:
        _configure(client, **DURABLE)
        yield client
        _configure(client, appendonly="no")


def _configure(client: "Redis", **settings: str) -> None:
    for name, value in settings.items():
        client.config_set(name.replace("_", "-"), value)


def test_a_durable_server_is_fine(client: "Redis") -> None:
    """The shipped configuration gives nothing to say."""
    assert examine(client) == Findings()


def test_a_server_without_an_append_only_file_is_unsafe(client: "Redis") -> None:
    """It would forget what was acknowledged; how often it would write the file does not matter then."""
    _configure(client, appendonly="no", appendfsync="everysec")
    assert examine(client) == Findings(unsafe=(FORGETS,))


@pytest.mark.parametrize("fsync", ["everysec", "no"])
def test_a_server_that_writes_late_works_and_is_reported(client: "Redis", fsync: str) -> None:
    """A crash may lose the last second: worth saying, no reason to refuse."""
    _configure(client, appendfsync=fsync)
    findings = examine(client)
    assert findings.unsafe == ()
    assert [f"appendfsync is {fsync}" in sentence for sentence in findings.worth_saying] == [True]


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-random", "volatile-lru", "volatile-ttl"])
def test_a_server_that_evicts_is_unsafe(client: "Redis", policy: str) -> None:
    """Any policy but noeviction throws away orders or idempotency keys."""
    _configure(client, maxmemory_policy=policy)
    (sentence,) = examine(client).unsafe
    assert f"maxmemory-policy {policy}" in sentence


def test_every_fault_is_named(client: "Redis") -> None:
    """One look is enough to mend all of it."""
    _configure(client, appendonly="no", maxmemory_policy="allkeys-lru")
    assert len(examine(client).unsafe) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_a_server_that_hides_its_configuration_is_trusted_with_a_word(redis_servers: Servers, engine: str) -> None:
    """Managed servers have no CONFIG: the service starts, and says what somebody should make sure of."""
    server = redis_servers.get(engine, "--rename-command", "CONFIG", '""')
    with server.client() as client:
        findings = examine(client)
    assert findings.unsafe == ()
    (sentence,) = findings.worth_saying
    assert all(name in sentence for name in DURABLE)


def test_a_user_without_the_right_to_config_is_trusted_with_a_word(client: "Redis") -> None:
    """The same where an access list forbids it."""
    client.acl_setuser("limited", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", "-config"])
    port = client.connection_pool.connection_kwargs["port"]
    with Redis(port=port, username="limited", password="pw", decode_responses=True) as limited:
        findings = examine(limited)
    assert findings.unsafe == ()
    assert len(findings.worth_saying) == 1


class _OldServer(Redis):
    """A server older than can be had here."""

    def info(self, *_: object, **__: object) -> dict[str, str]:
        return {"redis_version": "6.0.16"}

    def config_get(self, *_: object, **__: object) -> dict[str | None, str | None]:
        return dict(DURABLE.items())


def test_an_old_server_is_unsafe() -> None:
    """Scripts need 6.2; the sentence says which version was found."""
    (sentence,) = examine(_OldServer()).unsafe
    assert "6.0.16" in sentence
    assert "6.2" in sentence


def test_the_service_refuses_an_unsafe_server_unless_that_is_allowed(client: "Redis") -> None:
    """The refusal names the fault, the mend and the setting that allows it; with that setting it is only said."""
    _configure(client, appendonly="no")
    url = f"redis://127.0.0.1:{client.connection_pool.connection_kwargs['port']}/0"
    given = {"COLETA_REDIS_URL": url}
    with pytest.raises(UnsafeRedisError, match=r"appendonly no.*appendonly yes.*COLETA_ALLOW_UNSAFE_REDIS=1"):
        build(load_settings(given), {}, redis=client).examine_redis()

    allowed = load_settings({**given, "COLETA_ALLOW_UNSAFE_REDIS": "1"})
    assert build(allowed, {}, redis=client).examine_redis().unsafe == (FORGETS,)
