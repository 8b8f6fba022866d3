"""The Redis that docs/deploy.md sets up with Debian's package: what is typed makes the durable one, with a password."""

import os
import subprocess
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from tests.fixtures.deploying import commands
from tests.fixtures.redis_servers import free_port, required
from tests.fixtures.running_parts import ROOT, Part, until

# The lines of Debian's own file that the service could not live with.
_DEBIANS = "save 3600 1\nappendonly no\nappendfsync everysec\n"
_ONCE = Retry(NoBackoff(), 0)


def test_what_is_typed_makes_a_redis_that_forgets_nothing(tmp_path: Path) -> None:
    """Its lines win over those of the package; the addresses that the services get hold its password."""
    (tmp_path / "redis").mkdir()
    (tmp_path / "coleta" / "credentials").mkdir(parents=True)
    (tmp_path / "redis" / "redis.conf").write_text(_DEBIANS)
    typed = commands("umask 077\n").replace("-g redis ", "").replace("/etc/", f"{tmp_path}/")
    subprocess.run(["sh", "-euc", typed], cwd=ROOT, check=True)
    credentials = {path.name: path.read_text().strip() for path in (tmp_path / "coleta" / "credentials").iterdir()}
    port = free_port()
    address = credentials["redis_url"].replace(":6379", f":{port}")

    command = [str(required("redis")), str(tmp_path / "redis" / "redis.conf"), "--port", str(port), "--dir"]
    server = Part("redis", [*command, str(tmp_path)], os.environ, tmp_path)
    try:
        with (
            Redis.from_url(address, decode_responses=True, retry=_ONCE) as client,
            Redis(port=port, retry=_ONCE) as stranger,
        ):
            until(lambda: _answers(client), "Redis answers")
            found = client.config_get("append*", "maxmemory*", "save")
            with pytest.raises(AuthenticationError):
                stranger.ping()
    finally:
        server.kill()

    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "maxmemory": str(2 << 30)}
    assert found | wanted | {"save": ""} == found
    assert credentials["broker_url"] == f"{credentials['redis_url'][:-1]}1"
    assert len(credentials["metrics_token"]) == 48


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False
