"""Where settings come from, and which variables are reported or refused."""

from pathlib import Path

import pytest

from config.doubts import doubts
from config.settings import (
    Settings,
    SettingsError,
    doubted_variables,
    load_settings,
    outranked_variables,
    read_environment,
)


def test_the_process_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` in the working directory is read for settings and secrets; a variable of the process outranks it."""
    (tmp_path / ".env").write_text("COLETA_WEB_PORT=1111\nCOLETA_CONFIRM_BATCH=7\nACME_KEY='from the file'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLETA_WEB_PORT", "2222")
    monkeypatch.setenv("COLETA_CONFIRM_BATCH", "")

    settings = load_settings()

    assert (settings.web_port, settings.confirm_batch) == (2222, 7)
    assert read_environment()["ACME_KEY"] == "from the file"


def test_a_variable_that_outranks_the_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting or a secret, where both are set and differ; never its value."""
    (tmp_path / ".env").write_text("COLETA_WEB_PORT=1111\nCOLETA_CONFIRM_BATCH=7\nACME_KEY=new\nSAME=1\nUNSET=\n")
    monkeypatch.chdir(tmp_path)
    shell = {"COLETA_WEB_PORT": "2222", "COLETA_CONFIRM_BATCH": "", "ACME_KEY": "old", "SAME": "1", "UNSET": "1"}
    for name, value in shell.items():
        monkeypatch.setenv(name, value)

    assert outranked_variables() == ("ACME_KEY", "COLETA_WEB_PORT")


def test_a_pace_that_skyhub_refuses_is_doubted() -> None:
    """It works, and each 429 lets the store rest."""
    assert list(doubts(load_settings({"COLETA_SHIPMENTS_RATE": "8"}))) == []
    (sentence,) = doubts(load_settings({"COLETA_SHIPMENTS_RATE": "20"}))
    assert sentence.startswith("COLETA_SHIPMENTS_RATE=20 is above 8: beyond 9 calls a second SkyHub answers 429")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written by an editor in another encoding, say: the sentence names the file."""
    (tmp_path / ".env").write_bytes("ACME_KEY=ção\n".encode("latin-1"))
    monkeypatch.chdir(tmp_path)

    for read in (read_environment, load_settings, doubted_variables, outranked_variables):
        with pytest.raises(SettingsError, match=rf"^{tmp_path}/\.env cannot be read \(it is not UTF-8 text\)"):
            read()


def test_an_environment_that_is_given_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests and tools decide alone what is set."""
    (tmp_path / ".env").write_text("COLETA_WEB_PORT=1111\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLETA_CONFIRM_BATCH", "7")

    assert load_settings({}).model_fields_set == set()
    assert Settings().model_fields_set == set()


def test_a_misspelled_variable_is_reported_with_the_near_name() -> None:
    """A typing error would else leave a default in place without a word."""
    sentences = doubted_variables({"COLETA_SWEP_SECONDS": "1", "COLETA_SWEEP_SECONDS": "1", "PATH": "/bin"})

    assert sentences == ("COLETA_SWEP_SECONDS is not a setting; did you mean COLETA_SWEEP_SECONDS?",)


@pytest.mark.parametrize("in_a_file", [False, True])
def test_an_administrators_password_that_is_easily_guessed_is_reported(tmp_path: Path, *, in_a_file: bool) -> None:
    """Written out or in a file; it is not shown."""

    def reported(password: str) -> tuple[str, ...]:
        file = tmp_path / "password"
        file.write_text(f"{password}\n")
        file.chmod(0o600)
        return doubted_variables({"COLETA_ADMIN_PASSWORD": f"file:{file}" if in_a_file else password})

    (sentence,) = reported("hunter2hunt")
    assert sentence.startswith("COLETA_ADMIN_PASSWORD has fewer than 12 characters; whoever guesses it reads orders")
    assert "hunter2" not in sentence
    assert reported("hunter2hunte") == ()
    assert doubted_variables({"COLETA_ADMIN_PASSWORD": ""}) == ()


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL"])
def test_a_variable_that_celery_would_obey_instead_is_refused(name: str) -> None:
    """Celery's own broker variables overrule COLETA_BROKER_URL without a word; the sentence names both."""
    with pytest.raises(SettingsError, match=rf"{name} is set.*COLETA_BROKER_URL"):
        load_settings({name: "redis://localhost:6379/9"})


@pytest.mark.parametrize(("name", "mend"), [("SSLKEYLOGFILE", "over TLS"), ("CELERY_LOADER", "from elsewhere")])
def test_a_variable_that_undoes_what_is_safe_is_refused(name: str, mend: str) -> None:
    """OpenSSL would write down the keys of every connection, Celery would read settings that nobody checked."""
    with pytest.raises(SettingsError, match=rf"^{name} is set: .*{mend}.*; unset it$"):
        load_settings({name: "somewhere"})
