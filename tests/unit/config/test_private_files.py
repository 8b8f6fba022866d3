"""Whoever may read a file with secrets has them; the sentence names the file and the command that mends it."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.private_files import exposed
from config.settings import doubted_variables
from config.stores import load_stores

_STORE = '[stores.acme.skyhub]\nuser_email = "a@acme.example"\napi_key = "{key}"\naccountmanager_key = "env:KEY"\n'


def _warnings(folder: Path, key: str, **modes: int) -> tuple[str, ...]:
    (folder / "stores.toml").write_text(_STORE.format(key=key))
    for name, mode in modes.items():
        (folder / name.replace("_", ".")).chmod(mode)
    return load_stores(folder / "stores.toml", {"KEY": "the-secret"}).warnings


@pytest.mark.parametrize(
    ("mode", "can"),
    [(0o644, "read"), (0o640, ""), (0o600, ""), (0o604, "read"), (0o602, "write"), (0o666, "read and write")],
)
def test_a_secrets_file_that_others_can_open_is_warned_of(tmp_path: Path, mode: int, can: str) -> None:
    """A group is somebody's choice; everybody is nobody's."""
    (tmp_path / "acme.key").write_text("the-secret")

    warnings = _warnings(tmp_path, "file:acme.key", stores_toml=0o644, acme_key=mode)

    file = tmp_path / "acme.key"
    sentence = f"{file} holds secrets, and every user of this machine can {can} it: chmod 600 {file}"
    assert warnings == ((sentence,) if can else ())


def test_a_stores_file_with_a_secret_in_it_is_a_secrets_file(tmp_path: Path) -> None:
    """With references only it may be read by everybody, who learns no secret from it."""
    (_, warning) = _warnings(tmp_path, "the-secret", stores_toml=0o644)

    assert warning.endswith(f"can read it: chmod 600 {tmp_path}/stores.toml")
    assert len(_warnings(tmp_path, "the-secret", stores_toml=0o600)) == 1
    assert _warnings(tmp_path, "env:KEY", stores_toml=0o644) == ()


def test_a_stores_file_that_others_can_write_is_warned_of(tmp_path: Path) -> None:
    """Whoever writes its addresses gets the keys that are sent there."""
    (warning,) = _warnings(tmp_path, "env:KEY", stores_toml=0o646)

    assert warning.endswith(f"have keys sent elsewhere: chmod o-w {tmp_path}/stores.toml")


def test_a_dotenv_that_others_can_read_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the secrets of all stores; one that is not there is no fault."""
    monkeypatch.chdir(tmp_path)
    assert doubted_variables() == ()

    (tmp_path / ".env").write_text("KEY=the-secret\n")
    (tmp_path / ".env").chmod(0o644)

    assert doubted_variables()[-1].endswith(f"can read it: chmod 600 {tmp_path}/.env")
    assert doubted_variables({}) == ()
    (tmp_path / ".env").chmod(0o600)
    assert doubted_variables() == ()


def test_a_file_whose_mode_nobody_can_change_is_not_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are mounted into containers read-only, with a mode that is not ours to choose."""
    secret = tmp_path / "acme.key"
    secret.write_text("the-secret")
    secret.chmod(0o444)
    assert exposed(secret) is not None

    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert exposed(secret) is None
