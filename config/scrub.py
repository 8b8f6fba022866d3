"""Keeps secrets out of what is written: in the values of known names, and inside any text."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

_HIDDEN = "***"
# Names of fields, headers and parameters that carry a secret, in lower case with `-` as `_`.
_SECRET_NAMES = frozenset(
    {
        "accountmanager_key",
        "admin_password",
        "api_key",
        "apikey",
        "app_key",
        "app_token",
        "authorization",
        "cookie",
        "metrics_token",
        "pages_password",
        "password",
        "set_cookie",
        "token",
        "x_accountmanager_key",
        "x_api_key",
        "x_vtex_api_appkey",
        "x_vtex_api_apptoken",
    }
)
_NAME = "|".join(sorted((name.replace("_", "[-_]?") for name in _SECRET_NAMES), key=len, reverse=True))
# What `config.store_fields` says of a setting that should hold a secret, and then there is none to hide.
_SENTENCE = r":\s(?:the variable '|the file .+? (?:cannot be read|is empty)|is empty;)"
# Most of what is logged are ids; they hold nothing that a pattern below could begin or end with.
_PLAIN = re.compile(r"[\w.-]*")
_SERVER = r"\b(?:rediss?|sentinels?|amqps?)(?:\+cluster)?://"
_IN_TEXT = (
    # `token=…` in a query, `"api_key": "…"` in a body, `Authorization: Bearer …` among headers, `ACME_API_KEY=…`
    re.compile(
        rf"(?P<keep>(?<![^\W_])(?:{_NAME})\b(?!{_SENTENCE})[\"']?\s*[=:]\s*[\"']?(?:(?:bearer|basic)\s+)?)"
        r"[^\s&\"',;}\])]+",
        re.IGNORECASE,
    ),
    # a scheme and its credentials without the header's name
    re.compile(r"(?P<keep>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    # a server's address with a "?" before its "@": where its password begins and ends cannot be told
    re.compile(rf"(?P<keep>{_SERVER})[^\s?@\"'<>]{{0,500}}\?[^\s\"'<>]{{0,500}}@[^\s\"'<>]*", re.IGNORECASE),
    # options of a server's address: a password may stand there under any name
    re.compile(rf"(?P<keep>{_SERVER}[^\s?\"'<>]{{0,500}}\?)[^\s\"'<>]+", re.IGNORECASE),
    # user and password of an address
    re.compile(r"(?P<keep>://)[^\s/@:]{0,200}:[^\s\"'<>]{0,500}(?=@)"),
)


def scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a log event without secrets; a structlog processor, to be the last one before the rendering."""
    return {name: _scrubbed(name, value) for name, value in event.items()}


def scrub_text(text: str) -> str:
    """Return a text with the secrets in it replaced."""
    if _PLAIN.fullmatch(text):
        return text
    for pattern in _IN_TEXT:
        text = pattern.sub(rf"\g<keep>{_HIDDEN}", text)
    return text


def _scrubbed(name: str, value: Any) -> Any:  # noqa: ANN401 -- a log event holds anything
    if name.lower().replace("-", "_") in _SECRET_NAMES:
        return _HIDDEN
    if isinstance(value, str):
        return scrub_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: _scrubbed(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed("", item) for item in value]
    return scrub_text(repr(value))
