import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from config.logging import configure_logging
from config.scrub import scrub_text
from config.settings import LogFormat
from config.stores import StoresError, load_stores


@pytest.fixture(autouse=True)
def _logging_of_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_events_are_json_lines_with_what_is_bound() -> None:
    """Each line is one event with its fields, its time and the fields bound for the task."""
    stream = io.StringIO()
    configure_logging("json", stream=stream)
    structlog.contextvars.bind_contextvars(store="acme", task_id="t-1")

    structlog.get_logger("worker").info("pickup.requested", orders=2)

    (line,) = _lines(stream)
    assert line["timestamp"].endswith("Z")
    assert line | {"timestamp": ""} == {
        "event": "pickup.requested",
        "orders": 2,
        "store": "acme",
        "task_id": "t-1",
        "level": "info",
        "logger": "worker",
        "timestamp": "",
    }


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("term", "no_color", "coloured"), [("xterm", "", True), ("xterm", "1", False), ("dumb", "", False)]
)
def test_lines_for_a_person_are_coloured_where_a_terminal_takes_it(
    term: str, no_color: str, *, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everything else that is printed there."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("NO_COLOR", no_color)
    stream = _Terminal()
    configure_logging("console", stream=stream)

    structlog.get_logger("worker").info("pickup.requested")

    assert ("\x1b[" in stream.getvalue()) is coloured


def test_the_standard_library_writes_into_the_same_log() -> None:
    """Celery, uvicorn and warnings come out as the same lines, with what is bound."""
    stream = io.StringIO()
    configure_logging("json", stream=stream)
    structlog.contextvars.bind_contextvars(store="acme")

    logging.getLogger("celery.worker").warning("%s is away", "redis")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", stacklevel=1)

    celery, python = _lines(stream)
    assert (celery["event"], celery["level"], celery["store"]) == ("redis is away", "warning", "acme")
    assert "old" in python["event"]


def test_a_call_of_httpx_is_no_line_of_its_own() -> None:
    """What was called is said by our events; httpx would repeat every address."""
    stream = io.StringIO()
    configure_logging("json", stream=stream)

    logging.getLogger("httpx").info("HTTP Request: GET https://api.skyhub.com.br")

    assert _lines(stream) == []


def test_the_last_set_up_holds() -> None:
    """Setting up again never doubles a line."""
    first, second = io.StringIO(), io.StringIO()
    configure_logging("json", stream=first)
    configure_logging("json", stream=second)

    structlog.get_logger().info("sweep.done")

    assert (len(_lines(first)), len(_lines(second))) == (0, 1)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_secret_reaches_the_log(log_format: LogFormat) -> None:
    """Not in a field, in a field's fields, in a library's text, nor in an exception."""
    stream = io.StringIO()
    configure_logging(log_format, stream=stream)
    log = structlog.get_logger("worker")

    def fail() -> None:
        local = "hunter2"
        raise ValueError("redis://:" + local + "@redis/0")

    log.info("door.opened", url="/v1/acme?token=hunter2&x=1", headers={"X-Api-Key": "hunter2"}, api_key="hunter2")
    log.info("door.opened", tried=["Bearer hunter2hunter2"], raw=b"token=hunter2", n=1, ok=True, nothing=None)
    logging.getLogger("uvicorn.access").info('"%s %s"', "POST", "/vtex/acme/hook?token=hunter2")
    try:
        fail()
    except ValueError:
        log.exception("door.failed")
        logging.getLogger("uvicorn").exception("failed")

    assert "hunter2" not in stream.getvalue()
    assert stream.getvalue().count("ValueError: redis://***@redis/0") == 2


def test_the_console_shows_fields() -> None:
    """On a terminal an event is one readable line."""
    stream = io.StringIO()
    configure_logging("console", stream=stream)

    structlog.get_logger("worker").info("pickup.requested", orders=2)

    assert "pickup.requested" in stream.getvalue()
    assert "orders=2" in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("GET /hook?a=1&token=abc&b=2", "GET /hook?a=1&token=***&b=2"),
        ("GET /hook?TOKEN=abc", "GET /hook?TOKEN=***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("{'authorization': 'eyJhbGciOi'}", "{'authorization': '***'}"),
        ("X-VTEX-API-AppToken: abc", "X-VTEX-API-AppToken: ***"),
        ('{"apiKey": "abc", "x": 1}', '{"apiKey": "***", "x": 1}'),
        ("basic dXNlcjpwdw==", "basic ***"),
        ("amqp://user:p@rabbit:5672//", "amqp://***@rabbit:5672//"),
        ("redis://:p@ss/w@redis/0 is away", "redis://***@redis/0 is away"),
        ("redis://redis:6379/0?auth=hush&db=1 is away", "redis://redis:6379/0?*** is away"),
        ("rediss://u:hu?sh@redis/0 is away", "rediss://*** is away"),
        ("redis://redis/0?auth=hu@sh, amqp://g:h@b//?x=1", "redis://*** amqp://***@b//?***"),
        ("no option: 'sentinel://one/0?pass_phrase=hush;sentinel://two'", "no option: 'sentinel://one/0?***'"),
        ("AMQPS://u:p@rabbit//?login=hush", "AMQPS://***@rabbit//?***"),
        ("GET https://a.example/orders?page=2 says 404", "GET https://a.example/orders?page=2 says 404"),
        ("{'a': 'redis://u:p@redis/0', 'b': 'a@example.com'}", "{'a': 'redis://***@redis/0', 'b': 'a@example.com'}"),
        ("order BWW-Lojas_Americanas-1 of acme@example.com", "order BWW-Lojas_Americanas-1 of acme@example.com"),
        ("token_count=3, a basic idea", "token_count=3, a basic idea"),
        ("see https://example.com/a:b", "see https://example.com/a:b"),
        ('"api_key": "xyz"', '"api_key": "***"'),
        ("ACME_SKYHUB_API_KEY=xyz COLETA_ADMIN_PASSWORD: xyz", "ACME_SKYHUB_API_KEY=*** COLETA_ADMIN_PASSWORD: ***"),
        ("token: the-variable-of-somebody", "token: ***"),
        ("password: the file", "password: *** file"),
    ],
)
def test_only_secrets_are_scrubbed(text: str, scrubbed: str) -> None:
    """What carries a secret is replaced, everything else stays readable."""
    assert scrub_text(text) == scrubbed


@pytest.mark.parametrize("secret", ["env:ACME", "file:acme.key", "file:empty.key", " "])
def test_what_is_wrong_with_a_secrets_setting_stays_readable(tmp_path: Path, secret: str) -> None:
    """There is no secret in it, and without each of its words nobody could mend it."""
    (tmp_path / "empty.key").touch()
    account = f'[stores.acme.skyhub]\nuser_email = "ops@acme.example"\napi_key = "{secret}"\naccountmanager_key = "x"\n'
    ingress = f'[stores.acme.ingress]\ntoken = "{secret}"\n'
    (tmp_path / "stores.toml").write_text(account + ingress)

    with pytest.raises(StoresError) as error:
        load_stores(tmp_path / "stores.toml", {})

    assert len(error.value.problems) == 2
    assert scrub_text(str(error.value)) == str(error.value)
