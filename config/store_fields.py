"""The kinds of values in a stores file, each with its check; secrets are resolved while they are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo

from config.secret_files import file_named, read_secret

_VARIABLE = "env:"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stores file refers to: variables, and files beside it. The context of a validation.

    `files` collects the files that were read.
    """

    environ: Mapping[str, str]
    folder: Path
    files: set[Path] = field(default_factory=set)


def is_reference(secret: str) -> bool:
    """Return whether a secret is named by a reference, not written out."""
    return secret.startswith(_VARIABLE) or file_named(secret) is not None


def _resolved(secret: str, info: ValidationInfo) -> str:
    """Return the secret behind `env:NAME` or `file:/path`."""
    reading = info.context
    if not isinstance(reading, Reading):
        msg = "secrets are read with a Reading as the context"
        raise TypeError(msg)
    if secret.startswith(_VARIABLE):
        return _from_variable(secret.removeprefix(_VARIABLE), reading.environ)
    if (name := file_named(secret)) is not None:
        path = reading.folder / name
        reading.files.add(path)
        return read_secret(path)
    if not secret.strip():
        msg = 'is empty; give it as "env:NAME" or "file:/path"'
        raise ValueError(msg)
    return secret


def _from_variable(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value.strip():
        msg = f"the variable {name!r} is not set, or empty; export it, or put it into .env"
        raise ValueError(msg)
    return value


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        msg = "must be an address like https://api.example.com, without user, query or fragment"
        raise ValueError(msg)
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        msg = "must begin with https://: keys are sent there, and everybody on the way could read them"
        raise ValueError(msg)
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name, and names other than this one may be another machine's
        return host == "localhost"


def _path(path: str) -> str:
    if not path.startswith("/") or "?" in path:
        msg = 'must be a path: it begins with "/" and has no query'
        raise ValueError(msg)
    return path


def _path_with_code(path: str) -> str:
    if path.count("{code}") != 1:
        msg = 'must hold "{code}" once, where the order\'s code goes'
        raise ValueError(msg)
    return path


Text = Annotated[str, Field(min_length=1)]
Secret = Annotated[str, AfterValidator(_resolved)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
UrlPath = Annotated[str, AfterValidator(_path)]
OrderPath = Annotated[UrlPath, AfterValidator(_path_with_code)]
