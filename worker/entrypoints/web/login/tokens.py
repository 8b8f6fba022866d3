"""What a browser keeps: signed, so that nobody else can make or change it.

The signing key is the random one in Redis and the password that opened the pages, together. So a password that was
changed ends what it opened, and who has a copy of Redis' data can sign nothing without the passwords.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

# Named anew with every change of a payload's fields: what was signed before is then of no use, and no error.
_SESSION_SALT = "coleta.session.1"
_BROWSER_SALT = "coleta.browser.1"
SESSION_SECONDS = 12 * 3600
BROWSER_SECONDS = 90 * 24 * 3600
_CLOCKS_APART_SECONDS = 300
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Session:
    """A person at the pages of a scope, since `began` (epoch seconds)."""

    scope: str
    name: str
    began: int
    id: str = field(default_factory=lambda: secrets.token_hex(_ID_BYTES))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(_ID_BYTES), repr=False)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser from which the pages of a scope were entered at `began` (epoch seconds)."""

    scope: str
    began: int
    id: str = field(default_factory=lambda: secrets.token_hex(_ID_BYTES))


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signs and reads what browsers keep, by the signing key and the passwords of now; `now` in epoch seconds."""

    key: bytes = field(repr=False)
    passwords: Mapping[str, str] = field(repr=False)
    now: float

    def write(self, kept: Session | Browser) -> str:
        """Return what the browser is to keep."""
        salt = _SESSION_SALT if isinstance(kept, Session) else _BROWSER_SALT
        values = {name: value for name, value in asdict(kept).items() if name != "scope"}
        return f"{kept.scope}:{self._signer(kept.scope, salt).dumps(values)}"

    def session(self, text: str) -> Session | None:
        """Return the session that a browser shows; None if it is not of our making, or older than twelve hours."""
        scope, values = self._read(text, _SESSION_SALT, SESSION_SECONDS)
        return Session(scope=scope, **values) if values else None

    def browser(self, text: str) -> Browser | None:
        """Return the browser that shows this; None if it is not of our making, or older than ninety days."""
        scope, values = self._read(text, _BROWSER_SALT, BROWSER_SECONDS)
        return Browser(scope=scope, **values) if values else None

    def _read(self, text: str, salt: str, seconds: int) -> tuple[str, dict[str, Any] | None]:
        scope, _, signed = text.partition(":")
        if scope not in self.passwords:
            return scope, None
        try:
            values: dict[str, Any] = self._signer(scope, salt).loads(signed)
        except BadData:
            return scope, None
        age = self.now - values["began"]
        return scope, values if -_CLOCKS_APART_SECONDS <= age < seconds else None

    def _signer(self, scope: str, salt: str) -> URLSafeSerializer:
        secret = hmac.digest(self.key, f"{scope}:{self.passwords[scope]}".encode(), "sha256")
        how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeSerializer(secret, salt=salt, signer_kwargs=how)
