"""Settings whose value is a secret may name a file: a container's secrets and systemd's credentials are files."""

from pathlib import Path

import pytest

from config.settings import SettingsError, doubted_variables, load_settings


def _file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "secret"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """A line end at its end is no part of it; the broker is derived from it as from a written address."""
    file = _file(tmp_path, "redis://:hunter2@redis:6379/0\n")

    settings = load_settings({"COLETA_REDIS_URL": f"file:{file}", "COLETA_ADMIN_PASSWORD": f"file:{file}"})

    assert settings.redis_url == "redis://:hunter2@redis:6379/0"
    assert settings.broker_url == "redis://:hunter2@redis:6379/1"
    assert settings.admin_password is not None
    assert settings.admin_password.get_secret_value() == "redis://:hunter2@redis:6379/0"


def test_a_secrets_file_that_is_of_no_use_refuses_the_start(tmp_path: Path) -> None:
    """Each sentence names the setting, the file and the mend."""
    missing, empty = tmp_path / "missing", _file(tmp_path, "\n")

    with pytest.raises(SettingsError) as refused:
        load_settings({"COLETA_REDIS_URL": f"file:{missing}", "COLETA_BROKER_URL": f"file:{empty}"})

    assert refused.value.problems == (
        f"COLETA_BROKER_URL is 'file:{empty}': the file {empty} is empty; write the secret into it",
        (
            f"COLETA_REDIS_URL is 'file:{missing}': the file {missing} cannot be read (No such file or directory);"
            " create it, or mend its owner and mode"
        ),
    )


def test_what_a_secrets_file_holds_is_never_quoted(tmp_path: Path) -> None:
    """Somebody wrote the password alone into it: the refusal names the file instead."""
    file = _file(tmp_path, "hunter2")

    with pytest.raises(SettingsError, match=rf"^COLETA_REDIS_URL is 'file:{file}': it must begin with") as refused:
        load_settings({"COLETA_REDIS_URL": f"file:{file}"})

    assert "hunter2" not in str(refused.value)


def test_a_setting_that_is_no_secret_names_no_file(tmp_path: Path) -> None:
    """Nobody would expect a number, or the stores file, behind another file."""
    with pytest.raises(SettingsError, match="COLETA_WEB_PORT is 'file:"):
        load_settings({"COLETA_WEB_PORT": f"file:{_file(tmp_path, '8000')}"})


def test_a_secrets_file_that_others_can_read_is_reported(tmp_path: Path) -> None:
    """As the files are that the stores file names."""
    file = _file(tmp_path, "redis://:hunter2@redis:6379/0", mode=0o644)

    (sentence,) = doubted_variables({"COLETA_REDIS_URL": f"file:{file}"})

    assert sentence == f"{file} holds secrets, and every user of this machine can read it: chmod 600 {file}"
    file.chmod(0o600)
    assert doubted_variables({"COLETA_REDIS_URL": f"file:{file}"}) == ()
