"""Where errors and traces are reported to: off unless an address is set, refused where its extra is not installed."""

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

OTLP_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""OpenTelemetry's own variable; the spans go to `/v1/traces` below it (opentelemetry.io, "OTLP Exporter")."""

# What is set, the extra that it needs, and the packages that this one brings.
_NEEDS = (
    ("COLETA_SENTRY_DSN", "sentry", ("sentry_sdk",)),
    (OTLP_ENDPOINT, "otel", ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")),
)
# https://KEY@HOST/PROJECT (docs.sentry.io, "DSN"); a server below a path has that before the project.
_DSN = re.compile(r"https?://[^\s/@:]+@[^\s/@]+(?:/[^\s?#]*)?/\d+")


def missing_extras(given: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each variable that asks for what is not installed."""
    for name, extra, packages in _NEEDS:
        if given.get(name) and not all(map(_installed, packages)):
            mend = f"in the project's folder: pip install -e '.[{extra}]'; or unset it"
            yield f"{name} is set, and what it needs is not installed; {mend}"


def dsn_problem(value: str) -> str | None:
    """Return why a text is no Sentry DSN, without quoting it; None: it is one."""
    if _DSN.fullmatch(value):
        return None
    return "it is no DSN; copy it from the project's settings in Sentry, https://KEY@HOST/PROJECT"


def otlp_problem(value: str) -> str | None:
    """Return why a text is no address of a collector; None: it is one."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        sound = sound and not (parts.query or parts.fragment)
    except ValueError:
        sound = False
    return None if sound else "name a collector that takes OTLP over HTTP, for instance http://localhost:4318"


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # what it is a part of is not there
        return False
