"""Addresses of Sentry and of a collector: what is refused, in words that give no key away."""

import pytest

from config import reports
from config.settings import SettingsError, doubted_variables, load_settings

_DSN = "https://publickey@sentry.example/42"


def test_both_are_off_unless_they_are_set() -> None:
    """Nobody is told of anything by default."""
    settings = load_settings({"COLETA_SENTRY_DSN": "", "OTEL_EXPORTER_OTLP_ENDPOINT": ""})

    assert (settings.sentry_dsn, settings.otlp_endpoint) == (None, None)


@pytest.mark.parametrize("dsn", [_DSN, "http://k@127.0.0.1:9000/1", "https://k@host.example/below/1"])
def test_a_dsn_is_taken_and_not_shown(dsn: str) -> None:
    """It holds a key."""
    settings = load_settings({"COLETA_SENTRY_DSN": dsn})

    assert settings.sentry_dsn is not None
    assert settings.sentry_dsn.get_secret_value() == dsn
    assert dsn not in repr(settings)


@pytest.mark.parametrize("dsn", ["publickey", "https://sentry.example/42", "https://publickey@sentry.example"])
def test_what_is_no_dsn_is_refused_without_being_quoted(dsn: str) -> None:
    """The sentence says where the right one is found."""
    with pytest.raises(
        SettingsError, match=r"^COLETA_SENTRY_DSN is not shown here: it is no DSN; copy it from"
    ) as told:
        load_settings({"COLETA_SENTRY_DSN": dsn})

    assert "publickey" not in str(told.value)


@pytest.mark.parametrize("address", ["collector:4317", "grpc://h:4317", "http://", "http://h:x", "http://h/?token=1"])
def test_what_is_no_collector_is_refused(address: str) -> None:
    """OTLP over HTTP is the one that is spoken."""
    with pytest.raises(SettingsError, match=r"^OTEL_EXPORTER_OTLP_ENDPOINT is .*: name a collector that takes OTLP"):
        load_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": address})


def test_the_collector_has_one_name() -> None:
    """OpenTelemetry's; one that looks like ours is none, and is said to be none."""
    given = {"COLETA_OTLP_ENDPOINT": "http://localhost:4318"}

    assert load_settings(given).otlp_endpoint is None
    assert doubted_variables(given) == (
        "COLETA_OTLP_ENDPOINT is not a setting; did you mean OTEL_EXPORTER_OTLP_ENDPOINT?",
    )


@pytest.mark.parametrize(
    ("name", "value", "package", "extra"),
    [
        ("COLETA_SENTRY_DSN", _DSN, "sentry_sdk", "sentry"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318", "opentelemetry.exporter.otlp.proto.http", "otel"),
    ],
)
def test_an_address_without_its_package_is_refused(
    name: str, value: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command that installs it."""
    monkeypatch.setattr(reports, "find_spec", lambda asked: None if asked == package else object())

    with pytest.raises(SettingsError, match=rf"^{name} is set, .*: pip install -e '\.\[{extra}\]'; or unset it$"):
        load_settings({name: value})
