"""Secrets in files of their own: `file:/path` stands for what the file holds, in the stores file and in settings."""

from pathlib import Path

_FILE = "file:"


def file_named(secret: str) -> str | None:
    """Return the path that a secret names, None where it names none."""
    return secret.removeprefix(_FILE) if secret.startswith(_FILE) else None


def read_secret(path: Path) -> str:
    """Return what a secret's file holds; line ends at its end are no part of it. Raises `ValueError`, a sentence."""
    try:
        value = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        msg = f"the file {path} cannot be read ({reason}); create it, or mend its owner and mode"
        raise ValueError(msg) from None
    if not value.strip():
        msg = f"the file {path} is empty; write the secret into it"
        raise ValueError(msg)
    return value
