"""Which program opens a directory that another start wrote: with real servers of both engines."""

import stat
from pathlib import Path

import pytest
from redis import Redis

from config.settings import Settings, load_settings
from tests.fixtures.redis_servers import required
from worker.entrypoints.embedded import EmbeddedServerError, start_embedded
from worker.entrypoints.embedded.program import Program, examined, server_binary

_MEMORY = "written-by.json"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a directory; no program is named."""
    return load_settings({"COLETA_DATA_DIR": str(tmp_path / "data")})


@pytest.fixture
def debians() -> Path:
    """Return Debian's server, or skip the test; to be asked for before PATH changes."""
    return required("redis")


@pytest.fixture
def packaged(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the packaged server write an order into the directory, on a machine that has no other one; returns it."""
    program = required("valkey")
    (tmp_path / "nothing").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    _write(settings)
    return program


def _write(settings: Settings) -> None:
    with start_embedded(settings) as server, Redis.from_url(server.url) as client:
        client.set("order", "waiting")


def _read(settings: Settings) -> tuple[object, str]:
    """Start the server; returns what it holds, and which engine it says it is."""
    with start_embedded(settings) as server, Redis.from_url(server.url, decode_responses=True) as client:
        return client.get("order"), str(client.info("server").get("server_name", "redis"))


def _named(settings: Settings, program: Path | str) -> Settings:
    return load_settings({"COLETA_DATA_DIR": str(settings.data_dir), "COLETA_REDIS_SERVER": str(program)})


def _refused(settings: Settings) -> str:
    with pytest.raises(EmbeddedServerError) as error:
        start_embedded(settings)
    return str(error.value)


def _script(path: Path, said: str, version: str) -> Path:
    """Make a server that says something and ends."""
    path.write_text(f"""#!/bin/sh
        if [ "$1" = --version ]; then echo "{version}"; exit 0; fi
        echo "{said}"; exit 1
        """)
    path.chmod(0o755)
    return path


# ---- the same program again


def test_the_program_that_wrote_it_opens_it_again(
    debians: Path, packaged: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redis-server that was installed since, and could not read the files, changes nothing."""
    assert packaged != debians
    monkeypatch.setenv("PATH", str(debians.parent))

    assert _read(settings) == ("waiting", "valkey")
    assert server_binary(None) == debians  # which an empty directory would get


def test_a_program_that_left_the_path_is_found_where_it_was(
    debians: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal with another PATH serves the same orders with the same program."""
    monkeypatch.setenv("PATH", str(debians.parent))
    _write(settings)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert _read(settings) == ("waiting", "redis")


def test_a_program_that_is_gone_is_replaced_as_in_an_empty_directory(
    debians: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packaged server reads what Debian's wrote, and is the one that wrote it from then on."""
    required("valkey")
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "redis-server"
    link.symlink_to(debians)
    monkeypatch.setenv("PATH", str(link.parent))
    _write(settings)
    link.unlink()

    assert _read(settings) == ("waiting", "valkey")
    monkeypatch.setenv("PATH", str(debians.parent))
    assert _read(settings) == ("waiting", "valkey")


def test_the_packaged_one_is_found_where_its_package_is_now(tmp_path: Path) -> None:
    """A .venv that was made anew elsewhere holds the same server; one on PATH does not take its place."""
    on_path = _script(tmp_path / "redis-server", "", "")
    here = tmp_path / "new" / "valkey-server"
    last = Program(str(tmp_path / "old" / "valkey-server"), packaged=True, version="Valkey server v=9.1.2")

    assert server_binary(None, last=last, path=str(tmp_path), packaged=lambda: here) == here
    assert server_binary(None, last=last, path=str(tmp_path), packaged=lambda: None) == on_path


def test_a_program_that_is_named_comes_before_the_last_one(tmp_path: Path) -> None:
    """COLETA_REDIS_SERVER is the operator's word."""
    named = _script(tmp_path / "named", "", "")
    last = Program(str(_script(tmp_path / "last", "", "")), packaged=False, version="")

    assert server_binary(str(named), last=last, packaged=lambda: None) == named
    assert server_binary(None, last=last, path=str(tmp_path), packaged=lambda: None) == Path(last.path)


def test_a_packaged_server_that_was_named_is_known_as_such(settings: Settings) -> None:
    """Naming it once mends a directory; it need not stay named."""
    _write(_named(settings, required("valkey")))

    assert examined(required("valkey")).packaged
    assert '"packaged": true' in (settings.data_dir / _MEMORY).read_text()


@pytest.mark.usefixtures("packaged")
def test_what_is_remembered_is_the_owners(settings: Settings) -> None:
    """It names a program that is run."""
    assert stat.S_IMODE((settings.data_dir / _MEMORY).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "found", ["", "[]", '{"path": "redis-server", "packaged": false, "version": ""}', '{"path": 5}']
)
@pytest.mark.usefixtures("packaged")
def test_a_memory_that_cannot_be_one_is_as_good_as_none(settings: Settings, found: str) -> None:
    """Somebody wrote to the file: the first program that is found runs, and is remembered."""
    (settings.data_dir / _MEMORY).write_text(found)

    assert _read(settings) == ("waiting", "valkey")
    assert '"packaged": true' in (settings.data_dir / _MEMORY).read_text()


# ---- another program, which cannot open it


def test_another_program_that_cannot_read_it_names_the_one_that_can(
    debians: Path, packaged: Path, settings: Settings
) -> None:
    """It is named with its version, so is the one that was tried; and its files are as they were."""
    said = _refused(_named(settings, debians))

    assert f"written by {packaged} (Valkey server v=" in said
    assert f"; {debians} (Redis server v=" in said
    assert "was tried: name the first in COLETA_REDIS_SERVER, or install it again." in said
    assert "Do NOT run the `--fix` tool" in said
    assert _read(settings) == ("waiting", "valkey")


def test_a_directory_of_an_earlier_version_says_so_in_general_words(
    debians: Path, packaged: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody noted who wrote it; naming the program once mends it for good."""
    (settings.data_dir / _MEMORY).unlink()
    monkeypatch.setenv("PATH", str(debians.parent))

    said = _refused(settings)

    assert f"If another program than {debians} (Redis server v=" in said
    assert "name the one that wrote it in COLETA_REDIS_SERVER, or install it again." in said
    assert f"The packaged one is {packaged}." in said
    assert "Do NOT run the `--fix` tool" in said
    assert _read(_named(settings, packaged)) == ("waiting", "valkey")
    assert _read(settings) == ("waiting", "valkey")


def test_a_server_that_would_begin_anew_beside_the_orders_is_refused(
    settings: Settings, packaged: Path, tmp_path: Path
) -> None:
    """One before Redis 7 does not see the files of a later one: it would come up empty, and be believed."""
    old = _script(tmp_path / "server", "ready", "Redis server v=6.2.16 sha=0")

    said = _refused(_named(settings, old))

    assert f"{old} (Redis server v=6.2.16) is too old for the files in {settings.data_dir}" in said
    assert f"written by {packaged} (Valkey server v=" in said
    assert _read(settings) == ("waiting", "valkey")


@pytest.mark.usefixtures("packaged")
def test_the_advice_to_cut_its_files_is_never_left_alone(settings: Settings, tmp_path: Path) -> None:
    """Whatever program gives it, also one that replaced another in its place."""
    own = _script(tmp_path / "server", "run ./valkey-check-aof --fix <filename>", "Some server v=1 sha=0")
    (settings.data_dir / _MEMORY).write_text(f'{{"path": "{own}", "packaged": false, "version": "Some server v=2"}}')

    replaced = _refused(settings)

    assert f"written by {own} (Some server v=2); {own} (Some server v=1) was tried" in replaced
    assert replaced.index("--fix <filename>") < replaced.index("Do NOT run the `--fix` tool")


def test_harmed_files_are_not_to_be_cut_either(settings: Settings, packaged: Path) -> None:
    """The program is the same, so it is not to blame."""
    (written,) = settings.data_dir.glob("appendonlydir/*.incr.aof")
    written.write_bytes(b"*3\r\n$broken" + written.read_bytes())

    said = _refused(settings)

    assert f"written by the same program, {packaged} (Valkey" in said
    assert "Do NOT run the `--fix` tool" in said


def test_an_empty_directory_gets_no_such_advice(settings: Settings, tmp_path: Path) -> None:
    """There is nothing to lose, and nobody wrote it."""
    said = _refused(_named(settings, _script(tmp_path / "server", "no memory", "")))

    assert said.endswith("it said:\nno memory")
