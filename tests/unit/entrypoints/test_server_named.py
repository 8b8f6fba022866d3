"""What the state's server is called, and what the doctor says where there is none."""

from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from worker.entrypoints.doctor.examine import examine
from worker.entrypoints.doctor.findings import Check
from worker.entrypoints.doctor.preparing import Prepared
from worker.entrypoints.embedded import server_named
from worker.entrypoints.embedded.folder import Address, Folder

_URL = "redis://:secret-word@127.0.0.1:40123/0"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings that name no server, with a directory of their own."""
    return load_settings({"COLETA_DATA_DIR": str(tmp_path / "data")})


def test_the_embedded_server_is_named_by_its_directory(settings: Settings) -> None:
    """Nobody set COLETA_REDIS_URL for it; the setting is named where it is what to correct. No password is shown."""
    Folder(settings.data_dir).make_private()
    Folder(settings.data_dir).write_address(Address(_URL, 1))

    embedded = server_named(settings.with_redis_url(_URL))
    named = server_named(settings.with_redis_url("redis://redis:6379/0"))

    assert embedded == f"the embedded server in {settings.data_dir} (redis://127.0.0.1:40123/0)"
    assert named == "the Redis server at redis://redis:6379/0 (COLETA_REDIS_URL)"


def test_without_any_server_both_ways_to_one_are_named(settings: Settings) -> None:
    """The variable that is not set, and the directory in which none runs."""
    finding = next(each for each in examine(Prepared(settings)).findings if each.check is Check.REDIS_NOT_NAMED)

    assert finding.found == f"COLETA_REDIS_URL is not set, and no embedded server runs in {settings.data_dir}"
    assert "coleta up" in finding.advice
