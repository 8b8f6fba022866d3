import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from config.settings import Settings, load_settings
from tests.fixtures.running_up import living_below
from worker.entrypoints.embedded import EmbeddedServer, EmbeddedServerError, is_silent, running_url, start_embedded
from worker.entrypoints.embedded.program import packaged_binary, server_binary


def _engines() -> Iterator[str]:
    packaged = packaged_binary()
    if packaged:
        yield str(packaged)
    try:
        yield str(server_binary(None, packaged=lambda: None))
    except EmbeddedServerError:  # this machine has none on its PATH
        return


@pytest.fixture(params=_engines(), ids=lambda binary: Path(binary).name)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Return the settings of a directory with a space in it, once for every server that this machine has."""
    return load_settings({"COLETA_DATA_DIR": f"{tmp_path}/data dir", "COLETA_REDIS_SERVER": request.param})


@pytest.fixture
def careless_umask() -> Iterator[None]:
    """Let everybody read and write what is made without a mode."""
    before = os.umask(0)
    yield
    os.umask(before)


def _kill(server: EmbeddedServer) -> None:
    os.kill(server.pid, signal.SIGKILL)


def _get(url: str, key: str) -> object:
    with Redis.from_url(url, decode_responses=True) as client:
        return client.get(key)


def _put(url: str, key: str, value: str) -> None:
    with Redis.from_url(url) as client:
        client.set(key, value)


def test_what_it_acknowledged_survives_a_restart(settings: Settings) -> None:
    """Stopping the server and starting it again changes nothing that it holds."""
    with start_embedded(settings) as server:
        _put(server.url, "order", "waiting")
    assert not server.running()

    with start_embedded(settings) as server:
        assert _get(server.url, "order") == "waiting"


def test_what_it_acknowledged_survives_a_kill(settings: Settings) -> None:
    """SIGKILL right after a write loses nothing, and clients find the next server at the same address."""
    with start_embedded(settings) as killed:
        _put(killed.url, "order", "waiting")
        _kill(killed)

    with start_embedded(settings) as server:
        assert server.url == killed.url
        assert _get(killed.url, "order") == "waiting"


def test_it_is_as_durable_as_the_shipped_server(settings: Settings) -> None:
    """Every write is on disk before its answer, nothing is evicted, and there is a database for the broker."""
    with start_embedded(settings) as server, Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("append*", "maxmemory-policy", "save").items() >= {
            ("appendonly", "yes"),
            ("appendfsync", "always"),
            ("maxmemory-policy", "noeviction"),
            ("save", ""),
        }
        assert int(client.config_get("databases")["databases"]) >= 2


def test_nobody_else_on_the_machine_can_use_it(settings: Settings) -> None:
    """It listens on loopback alone, wants a password, and the files that hold it are the owner's."""
    settings.data_dir.mkdir(mode=0o755)
    with start_embedded(settings) as server:
        with Redis.from_url(server.url, decode_responses=True) as client:
            assert client.config_get("bind") == {"bind": "127.0.0.1"}
            port = client.connection_pool.connection_kwargs["port"]
        with Redis(port=port, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
        shown = subprocess.run(["ps", "-o", "args=", "-p", str(server.pid)], capture_output=True, text=True, check=True)
        assert str(urlsplit(server.url).password) not in shown.stdout

    with start_embedded(settings):
        assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE((settings.data_dir / "server.json").stat().st_mode) == 0o600


def test_every_file_of_it_is_its_owners_alone(settings: Settings, careless_umask: None) -> None:  # noqa: ARG001
    """Also those that the server makes itself, and whatever the user's own habits are: somebody may open the folder."""
    with start_embedded(settings) as server:
        _put(server.url, "order", "waiting")
        made = [settings.data_dir, *settings.data_dir.rglob("*")]
        assert {path.name for path in made} >= {"server.log", "server.json", "written-by.json", "appendonlydir"}
        assert [path for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_other_commands_find_it_while_it_lives(settings: Settings) -> None:
    """Its address is there for them from its start to its end, also when the end was a kill."""
    assert running_url(settings) is None
    with start_embedded(settings) as server:
        assert running_url(settings) == server.url
        _kill(server)
        server.stop()
        assert running_url(settings) is None
    with start_embedded(settings) as server:
        assert running_url(settings) == server.url
    assert running_url(settings) is None


def test_a_server_that_lives_and_does_not_answer_is_told_from_none(settings: Settings) -> None:
    """Whoever finds none to talk to can say whether to start one, or to look at the one there is."""
    assert not is_silent(settings)
    with start_embedded(settings) as server:
        os.kill(server.pid, signal.SIGSTOP)
        try:
            assert is_silent(settings)
        finally:
            os.kill(server.pid, signal.SIGCONT)
    assert not is_silent(settings)


def test_a_server_that_is_held_up_for_a_moment_is_waited_for(settings: Settings) -> None:
    """A slow disk or a busy machine does not make a command say that none runs."""
    with start_embedded(settings) as server:
        os.kill(server.pid, signal.SIGSTOP)
        waking = threading.Timer(1.5, os.kill, (server.pid, signal.SIGCONT))  # longer than one question lasts
        waking.start()
        try:
            assert running_url(settings) == server.url
        finally:
            waking.join()


def test_a_stranger_on_its_port_never_sees_the_password(settings: Settings) -> None:
    """After a kill the port may be anyone's: nobody connects to it, and the next server answers elsewhere."""
    with start_embedded(settings) as killed:
        _kill(killed)
    port = urlsplit(killed.url).port

    with socket.create_server(("127.0.0.1", port or 0)) as stranger:
        stranger.settimeout(0)
        assert running_url(settings) is None
        with start_embedded(settings) as server:
            assert urlsplit(server.url).port != port
            assert urlsplit(server.url).password != urlsplit(killed.url).password
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_a_second_one_in_the_same_directory_is_refused(settings: Settings) -> None:
    """Two servers would write over each other's files; the first is not disturbed."""
    with start_embedded(settings) as server:
        _put(server.url, "order", "waiting")

        with pytest.raises(EmbeddedServerError, match="already: stop the other one, or name another COLETA_DATA_DIR"):
            start_embedded(settings).stop()

        assert _get(server.url, "order") == "waiting"


def test_one_that_a_killed_owner_left_behind_is_replaced(settings: Settings) -> None:
    """The server outlives a killed `coleta up`: the next start stops it first, and keeps what it holds."""
    left_behind = start_embedded(settings)
    try:
        _put(left_behind.url, "order", "waiting")
        owner_lock = left_behind._owner
        assert owner_lock is not None
        os.close(owner_lock)  # the kernel does this for a killed owner

        with start_embedded(settings) as server:
            assert not left_behind.running()
            assert _get(server.url, "order") == "waiting"
    finally:
        left_behind._process.kill()


def test_stopping_twice_is_harmless(settings: Settings) -> None:
    """A supervisor and a context manager may both stop it."""
    with start_embedded(settings) as server:
        server.stop()

    assert not server.running()


def test_ctrl_c_in_the_terminal_does_not_reach_it(settings: Settings) -> None:
    """The terminal signals its whole group at once; the server must outlive the workers that write to it."""
    with start_embedded(settings) as server:
        assert os.getpgid(server.pid) != os.getpgid(0)


def test_without_any_server_the_error_says_what_to_do(tmp_path: Path) -> None:
    """Install one, name one, or use one that runs."""
    with pytest.raises(EmbeddedServerError) as error:
        server_binary(None, path=str(tmp_path), packaged=lambda: None)

    assert all(way in str(error.value) for way in ("redis-server", "COLETA_REDIS_SERVER", "COLETA_REDIS_URL"))


def test_a_named_server_that_is_no_program_is_refused(tmp_path: Path) -> None:
    """A name that was given is never silently replaced by another server."""
    settings = load_settings({"COLETA_DATA_DIR": str(tmp_path), "COLETA_REDIS_SERVER": "no-such-server"})

    with pytest.raises(EmbeddedServerError, match="COLETA_REDIS_SERVER is 'no-such-server'"):
        start_embedded(settings)


def test_a_server_on_the_path_comes_before_the_packaged_one(tmp_path: Path) -> None:
    """The machine's own server is the one that its administrator keeps up to date."""
    own = tmp_path / "valkey-server"
    own.touch(mode=0o755)

    assert server_binary(None, path=str(tmp_path), packaged=lambda: tmp_path / "packaged") == own


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\necho no memory >&2\nexit 3\n", r"did not come up in .* \(exit 3\); it said:\nno memory"),
        ("#!/bin/sh\necho Address already in use\nexit 1\n", "found no free port on 127.0.0.1 in 5 attempts"),
        ("no program", r"cannot be run \(Exec format error\): name another server in COLETA_REDIS_SERVER"),
    ],
)
def test_a_server_that_does_not_come_up_is_quoted(tmp_path: Path, script: str, said: str) -> None:
    """What it said last is in the error, and the directory is free for the next attempt."""
    broken = tmp_path / "server"
    broken.write_text(script)
    broken.chmod(0o755)
    settings = load_settings({"COLETA_DATA_DIR": f"{tmp_path}/data", "COLETA_REDIS_SERVER": str(broken)})

    for _ in range(2):
        with pytest.raises(EmbeddedServerError, match=said):
            start_embedded(settings)


def test_a_full_disk_is_said_and_leaves_no_server_behind(settings: Settings) -> None:
    """Its address cannot be kept, so nobody would find it, and nobody would stop it."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "from config.settings import load_settings; from worker.entrypoints.embedded import start_embedded\n"
        "start_embedded(load_settings())"
    )
    environ = {"COLETA_DATA_DIR": str(settings.data_dir), "COLETA_REDIS_SERVER": str(settings.redis_server)}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )

    said = done.stderr.splitlines()[-1]
    assert f"{settings.data_dir} cannot be used (File too large): make room" in said
    assert "COLETA_DATA_DIR" in said
    assert living_below(settings.data_dir) == {}
    assert not list(settings.data_dir.glob("server.json*"))


def test_whatever_interrupts_its_start_leaves_no_server_behind(settings: Settings) -> None:
    """Ctrl-C or SIGTERM of a command, between the server's first moment and its first answer."""
    with pytest.raises(KeyboardInterrupt):
        start_embedded(settings, canceled=_interrupt)

    assert living_below(settings.data_dir) == {}


def _interrupt() -> bool:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "found", ['{"url": 5, "pid": 1}', '{"url": "nowhere", "pid": 1}', '{"url": "redis://h"}', "[]"]
)
def test_an_address_that_cannot_be_one_is_as_good_as_none(settings: Settings, found: str) -> None:
    """Somebody wrote to the file: the next start makes a new one."""
    settings.data_dir.mkdir()
    (settings.data_dir / "server.json").write_text(found)

    assert running_url(settings) is None
    with start_embedded(settings) as server:
        assert running_url(settings) == server.url


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file in the directory's place is refused with the variable to change."""
    (tmp_path / "data").touch()
    settings = load_settings({"COLETA_DATA_DIR": f"{tmp_path}/data", "COLETA_REDIS_SERVER": "/bin/true"})

    with pytest.raises(EmbeddedServerError, match=r"data cannot be used .* COLETA_DATA_DIR"):
        start_embedded(settings)
