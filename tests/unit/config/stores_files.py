"""Stores files as tests write them."""

from pathlib import Path

import pytest

from config.stores import Stores, StoresError, load_stores


def store(name: str, *, user: str | None = None, key: str = "env:KEY", more: str = "") -> str:
    """Describe a store with an account at SkyHub, and more lines of that."""
    return (
        f'[stores.{name}.skyhub]\nuser_email = "{user or f"{name}@example.com"}"\n'
        f'api_key = "{key}"\naccountmanager_key = "env:KEY"\n{more}\n'
    )


def loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Stores:
    """Load this file; unless given, the environment holds one secret."""
    file = folder / "stores.toml"
    file.write_text(text)
    file.chmod(0o600)
    return load_stores(file, {"KEY": "the-secret"} if environ is None else environ)


def refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    """Return why this file is refused."""
    with pytest.raises(StoresError) as error:
        loaded(folder, text, environ)
    assert "the-secret" not in str(error.value)
    assert "value error" not in str(error.value).lower()  # a library's word
    return error.value.problems
