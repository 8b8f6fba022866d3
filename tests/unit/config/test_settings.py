import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import Settings, SettingsError, load_settings, variable

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def _refused(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as error:
        load_settings(environ)
    assert "value error" not in str(error.value).lower()  # a library's word
    return str(error.value)


def test_nothing_needs_to_be_set() -> None:
    """Without a single variable the settings are those of one machine with an embedded server."""
    settings = load_settings({})

    assert (settings.redis_url, settings.broker_url) == (None, None)
    assert (settings.data_dir, settings.stores_file) == (Path(".coleta"), Path("config/stores.toml"))
    assert (settings.web_host, settings.web_port) == ("127.0.0.1", 8000)
    assert (settings.sweep_seconds, settings.settling_seconds, settings.confirm_batch) == (10, 60, 25)


def test_the_example_shows_every_setting_with_its_default() -> None:
    """`.env.example` names every setting once, and a value shown there is the default."""
    shown = dict(re.findall(r"^#((?:COLETA|OTEL)_\w+)=(.*)$", EXAMPLE.read_text(), flags=re.MULTILINE))
    of_the_machine = {"COLETA_REDIS_URL", "COLETA_BROKER_URL", "COLETA_LOG_FORMAT"}

    assert set(shown) == set(map(variable, Settings.model_fields))
    as_shown = load_settings({name: value for name, value in shown.items() if name not in of_the_machine})
    assert as_shown.model_dump(exclude={"log_format"}) == load_settings({}).model_dump(exclude={"log_format"})


def test_an_empty_variable_counts_as_unset() -> None:
    """Compose files and shells set empty variables; none of them changes a default."""
    assert load_settings({"COLETA_REDIS_URL": "", "COLETA_SWEEP_SECONDS": ""}).model_fields_set == set()


def test_small_and_fractional_numbers_are_allowed() -> None:
    """A test of the whole may run with seconds where production has minutes."""
    settings = load_settings(
        {"COLETA_SWEEP_SECONDS": "0.5", "COLETA_SETTLING_SECONDS": "1", "COLETA_ORDERS_RATE": "0.2"}
    )

    assert (settings.sweep_seconds, settings.settling_seconds, settings.orders_rate) == (0.5, 1, 0.2)


def test_settings_cannot_be_changed_once_read() -> None:
    """What was checked at the start holds until the end."""
    settings = load_settings({})

    with pytest.raises(ValidationError, match="frozen"):
        settings.sweep_seconds = 1


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"CALL_TIMEOUT_SECONDS": "30", "CLAIM_SECONDS": "45"}, ["CALL_TIMEOUT_SECONDS=30", "LEASE_SECONDS=30"]),
        ({"CALL_TIMEOUT_SECONDS": "20", "LEASE_SECONDS": "21", "CLAIM_SECONDS": "20"}, ["CLAIM_SECONDS=20"]),
        ({"NOT_YET_SECONDS": "1801"}, ["NOT_YET_SECONDS=1801", "NOT_YET_MAX_SECONDS=1800"]),
        ({"BACKOFF_SECONDS": "601"}, ["BACKOFF_SECONDS=601", "BACKOFF_MAX_SECONDS=600"]),
        ({"PROBE_SECONDS": "901"}, ["PROBE_SECONDS=901", "PROBE_MAX_SECONDS=900"]),
        ({"RETENTION_DAYS": "401"}, ["RETENTION_DAYS=401", "KEY_DAYS=400"]),
        ({"CALL_TIMEOUT_SECONDS": "56", "LEASE_SECONDS": "60", "CLAIM_SECONDS": "90"}, ["CALL_TIMEOUT_SECONDS=56"]),
        ({"REDIS_URL": "redis://r/2", "BROKER_URL": "redis://r:6379/2"}, ["REDIS_URL", "BROKER_URL"]),
        ({"REDIS_URL": "redis://r", "BROKER_URL": "redis://other/0;redis://R/?db=0"}, ["REDIS_URL", "BROKER_URL"]),
    ],
)
def test_a_contradiction_refuses_the_start(environ: dict[str, str], named: list[str]) -> None:
    """Settings that cannot hold together are refused by name."""
    message = _refused({f"COLETA_{name}": value for name, value in environ.items()})

    assert all(f"COLETA_{name}" in message for name in named)


@pytest.mark.parametrize(
    "environ",
    [
        {"LEASE_SECONDS": "45"},
        {"CALL_TIMEOUT_SECONDS": "1", "CLAIM_SECONDS": "2"},
        {"NOT_YET_SECONDS": "1800"},
        {"CALL_TIMEOUT_SECONDS": "55", "LEASE_SECONDS": "60", "CLAIM_SECONDS": "90"},
        {"CALL_TIMEOUT_SECONDS": "29"},
        {"REDIS_URL": "redis://r/2", "BROKER_URL": "redis://r/3"},
        {"REDIS_URL": "redis://r/2", "BROKER_URL": "redis://r:6380/2"},
        {"REDIS_URL": "redis://r/2", "BROKER_URL": "amqp://r/2"},
    ],
)
def test_what_just_holds_together_is_accepted(environ: dict[str, str]) -> None:
    """The limits themselves are no contradictions."""
    load_settings({f"COLETA_{name}": value for name, value in environ.items()})


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
@pytest.mark.parametrize("name", ["SWEEP_SECONDS", "CONFIRM_BATCH", "SHIPMENTS_RATE", "KEY_DAYS", "INBOX_LIMIT"])
def test_a_number_that_is_no_amount_is_refused(name: str, value: str) -> None:
    """Durations, counts and rates are positive; the message repeats what was found and names the default."""
    message = _refused({f"COLETA_{name}": value})

    assert f"COLETA_{name} is '{value}'" in message
    assert "leave it unset for" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SETTLING_SECONDS", "0"),
        ("WORKER_THREADS", "1"),
        ("WEB_PORT", "65536"),
        ("LOG_FORMAT", "xml"),
        ("ALLOW_UNSAFE_REDIS", "perhaps"),
        ("REDIS_URL", "http://redis:6379/0"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://redis:port/0"),
        ("REDIS_URL", "redis://redis/zero"),
        ("REDIS_URL", "redis://[redis/0"),
        ("REDIS_URL", "redis://redis/0?foo=1"),
        ("REDIS_URL", "redis://redis/0?socket_timeout=soon"),
        ("REDIS_URL", "rediss://redis/0?ssl_cert_reqs=foo"),
        ("BROKER_URL", "kafka://redis"),
        ("BROKER_URL", "redis://redis/1;nonsense"),
    ],
)
def test_an_impossible_value_is_refused(name: str, value: str) -> None:
    """What cannot be a port, a format or an address is named with its variable."""
    assert _refused({f"COLETA_{name}": value}).startswith(f"COLETA_{name} is ")


def test_everything_wrong_is_said_at_once() -> None:
    """Nobody mends one variable a start."""
    with pytest.raises(SettingsError) as values:
        load_settings({"COLETA_WEB_PORT": "x", "COLETA_CONFIRM_BATCH": "0"})
    with pytest.raises(SettingsError) as contradictions:
        load_settings({"COLETA_NOT_YET_SECONDS": "9999", "COLETA_BACKOFF_SECONDS": "9999"})

    assert (len(values.value.problems), len(contradictions.value.problems)) == (2, 2)


def test_a_wrong_redis_url_is_one_problem() -> None:
    """The broker's default is made of it and is not reported as well."""
    assert len(_refused({"COLETA_REDIS_URL": "http://redis"}).splitlines()) == 1


@pytest.mark.parametrize(
    "environ",
    [
        {"COLETA_REDIS_URL": "http://user:hunter2@redis"},
        {"COLETA_REDIS_URL": "redis://:hunter2#@redis:6379/0"},
        {"COLETA_REDIS_URL": "redis://:hun[ter2hunter2@redis:6379/0"},
        {"COLETA_BROKER_URL": "redis://:hunter2@redis/x"},
        {"COLETA_REDIS_URL": "redis://:hunter2@one/0;redis://:hunter2@two/0"},
        {"COLETA_REDIS_URL": "redis://:hunter2@r/1", "COLETA_BROKER_URL": "redis://:hunter2@r/1"},
    ],
)
def test_an_error_never_shows_a_password(environ: dict[str, str]) -> None:
    """Errors end up in logs and tickets."""
    assert "ter2" not in _refused(environ)


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("redis://redis", "redis://redis/1"),
        ("redis://:p%40ss@redis:7000/3?socket_timeout=3", "redis://:p%40ss@redis:7000/4"),
        ("rediss://redis/0?ssl_cert_reqs=required", "rediss://redis/1?ssl_cert_reqs=required"),
        ("redis://redis/?db=7", "redis://redis/8"),
    ],
)
def test_the_broker_is_the_next_database_of_the_same_server(redis_url: str, broker_url: str) -> None:
    """One address is enough; options that only redis-py knows are left behind."""
    assert load_settings({"COLETA_REDIS_URL": redis_url}).broker_url == broker_url


def test_a_server_started_later_brings_the_broker_along() -> None:
    """The embedded server's address is known after the settings; a broker that was named stays."""
    alone = load_settings({}).with_redis_url("redis://127.0.0.1:7000/0")
    named = load_settings({"COLETA_BROKER_URL": "amqp://rabbit"}).with_redis_url("redis://127.0.0.1:7000/0")

    assert (alone.redis_url, alone.broker_url) == ("redis://127.0.0.1:7000/0", "redis://127.0.0.1:7000/1")
    assert (named.redis_url, named.broker_url) == ("redis://127.0.0.1:7000/0", "amqp://rabbit")


def test_nothing_is_requested_after_a_restart_for_as_long_as_a_claim_and_the_lists_may_take() -> None:
    """What is shown as the end of the wait is made of the settings that the rounds use."""
    settings = load_settings({"COLETA_CLAIM_SECONDS": "30", "COLETA_SETTLING_SECONDS": "5"})

    assert (settings.quarantine_seconds, load_settings({}).quarantine_seconds) == (35, 105)
