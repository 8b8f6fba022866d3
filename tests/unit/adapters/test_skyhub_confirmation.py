"""Answers to a confirmation are sorted as the design does: once sent, all but a clear success is unknown."""

import pytest

from tests.fixtures.skyhub_account import skyhub_account
from tests.unit.adapters.answers import answer
from worker.adapters.http import CallFailed, CallHeld
from worker.adapters.skyhub.answers import read_confirmation, read_failure
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall

SETTINGS = skyhub_account()
NOW = 1_795_176_000.0  # Fri, 20 Nov 2026 12:00:00 GMT


def read(status: int, body: bytes = b"", **headers: str) -> Outcome:
    """Read an answer with these headers, `-` spelled `_`."""
    return read_confirmation(answer(body, status, **headers), SETTINGS, NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n\t",
        b"{}",
        b"null",
        b"[]",
        b'"ok"',
        b"201",
        b'[{"code":"350755608801"}]',
        b'{"result":"ok"}',
        b'{"result":null}',
        b'{"result":"erros"}',
        b'{"message":"erro"}',
        b'{"message":"Coleta solicitada com SUCESSO"}',
        b'\xef\xbb\xbf{"message":"sucesso"}',
    ],
)
def test_a_2xx_without_erro_is_accepted(status: int, body: bytes) -> None:
    """Clear success: 2xx whose body is empty or JSON without `result: erro`."""
    assert read(status, body) == Accepted()


@pytest.mark.parametrize(
    "body",
    [
        '{"result":"erro","message":"Pedido 350755608801: entrega nao encontrada","sqlerrm":null}',
        '{"result":" ERRO ","message":"Pedido 350755608801: entrega nao encontrada"}',
        '[{"result":"ok"},{"result":"Erro","message":"x"}]',
        '{"data":{"rows":[{"result":"erro"}]}}',
        '{"result":"erro","message":"coleta solicitada com sucesso para 1 de 2"}',
    ],
)
def test_a_2xx_with_erro_is_refused(body: str) -> None:
    """`result: erro` wins over the status and over a "sucesso" in the message, wherever in the body it is."""
    assert isinstance(read(201, body.encode()), Refused)


@pytest.mark.parametrize(
    "body",
    [
        b"sucesso",
        b"Account  not found",
        b"<html><body>504 Gateway Time-out</body></html>",
        b'{"result":"ok"',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
    ],
)
def test_a_2xx_that_is_not_json_is_unclear(body: bytes) -> None:
    """Text, HTML, cut or endlessly nested JSON proves nothing."""
    outcome = read(200, body)
    assert isinstance(outcome, Unclear)
    assert "not JSON" in outcome.reason


@pytest.mark.parametrize("body", [b"", b'{"error":"no"}', b"no", b"<html>no</html>", b'{"result":"ok"}', b'{"err'])
@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ((400, 422), Refused),
        ((401, 403, 429), NoEffect),
        ((404, 405, 406, 415), WrongCall),
        ((101, 300, 301, 302, 304, 307, 308, 402, 408, 409, 410, 412, 413, 418, 423, 425, 428, 451, 499), Unclear),
        ((500, 501, 502, 503, 504, 520, 599), Unclear),
    ],
)
def test_other_statuses_sort_whatever_the_body(statuses: tuple[int, ...], kind: type[Outcome], body: bytes) -> None:
    """Outside 2xx the status alone decides; what the design does not name is unclear."""
    for status in statuses:
        assert type(read(status, body)) is kind, status


@pytest.mark.parametrize(
    ("status", "cause"), [(401, Cause.UNAUTHORIZED), (403, Cause.FORBIDDEN), (429, Cause.THROTTLED)]
)
def test_no_effect_names_its_cause(status: int, cause: Cause) -> None:
    """The caller pauses on credentials and waits on a throttle, so the two must differ."""
    outcome = read(status)
    assert isinstance(outcome, NoEffect)
    assert outcome.cause is cause


def test_a_401_says_which_settings_to_check() -> None:
    """The reason names the three settings that the headers come from."""
    outcome = read(401, b'{"error":"Unauthorized"}')
    assert isinstance(outcome, NoEffect)
    for name in ("401", "Unauthorized", "stores.<name>.skyhub.user_email", "api_key", "accountmanager_key"):
        assert name in outcome.reason


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("15", 15.0),
        ("1.5", 1.5),
        ("3601", 3600.0),
        ("9" * 400, 3600.0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 20 Nov 2099 12:00:00 GMT", 3600.0),
        ("", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Fri, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_honoured_within_an_hour(header: str, seconds: float | None) -> None:
    """Seconds or an HTTP date; absurd values are bounded, unreadable ones ignored."""
    for status in (429, 401, 503):
        outcome = read(status, retry_after=header)
        assert isinstance(outcome, NoEffect | Unclear)
        assert outcome.retry_after == seconds


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (CallHeld("held"), NoEffect(Cause.NOT_SENT, "SkyHub: held")),
        (CallFailed("refused", sent=False), NoEffect(Cause.UNREACHABLE, "SkyHub: refused")),
        (CallFailed("timed out", sent=True), Unclear("SkyHub: timed out")),
    ],
)
def test_a_call_without_an_answer_is_sorted_by_what_left(failure: CallFailed, outcome: Outcome) -> None:
    """Only a call of which no byte left had no effect for sure."""
    assert read_failure(failure) == outcome
