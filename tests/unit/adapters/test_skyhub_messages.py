"""What is quoted of SkyHub's answers: one readable line, and none of the account's secrets."""

import json

import pytest

from tests.fixtures.skyhub_account import skyhub_account
from tests.unit.adapters.answers import answer
from worker.adapters.skyhub.answers import read_confirmation
from worker.domain.confirmation import Outcome, Refused, Unclear

SETTINGS = skyhub_account()


NOW = 1_795_176_000.0  # Fri, 20 Nov 2026 12:00:00 GMT


def read(status: int, body: bytes = b"", **headers: str) -> Outcome:
    """Read an answer with these headers, `-` spelled `_`."""
    return read_confirmation(answer(body, status, **headers), SETTINGS, NOW)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":"Pedido nao encontrado"}', "Pedido nao encontrado"),
        (b'{"result":"erro","message":"nao localizados","sqlerrm":"ORA-1"}', "nao localizados - ORA-1"),
        (b'{"message":null,"error":"","sqlerrm":"ORA-1403"}', "ORA-1403"),
        (b"Account  not found", "Account not found"),
        (
            b"<html><head><style>p{a:b}</style><title>504 Gateway Time-out</title></head></html>",
            "504 Gateway Time-out",
        ),
        (b'{"errors":["a","b"]}', "a - b"),
        (b'{"error":{"a":1}}', "(no message)"),
        (b'{"orders":[{"code":"1","customer":"Ana Maria","result":"erro"}]}', "1"),
        (b"", "(an empty body)"),
        (b"<html></html>", "(an empty body)"),
        (b'{"error":"two\\nlines\\u0000 and \\ud800 half"}', "two lines and half"),
    ],
)
def test_the_message_is_read_from_every_kind_of_body(body: bytes, message: str) -> None:
    """All three error bodies, plain text, HTML, other JSON and nothing at all give one readable line."""
    assert read(422, body) == Refused(message)


def test_a_message_is_cut_where_it_could_name_a_whole_batch() -> None:
    """A refusal may name 25 codes; a page of HTML does not end up in a log line."""
    outcome = read(422, json.dumps({"error": "é" * 5000}).encode())
    assert isinstance(outcome, Refused)
    assert len(outcome.message) == 2000


@pytest.mark.parametrize(
    "body",
    [
        '{{"error":"user {0} is unknown"}}',
        "key {0} is not valid",
        "<p>{0}</p>",
        '{{"other":"{0}"}}',
        "<!--" + "-" * 170 + "-->{0}" + "x" * 300,
    ],
)
@pytest.mark.parametrize(
    "secret", ["api-secret", "account-secret", "ops@acme.example", "OPS@ACME.EXAMPLE", "ops%40acme.example"]
)
def test_a_message_never_quotes_the_accounts_secrets(body: str, secret: str) -> None:
    """SkyHub may echo what it was sent; neither whole nor cut may that reach a reason."""
    said = repr([read(status, body.format(secret).encode()) for status in (200, 401, 422, 500)]).lower()
    assert secret.lower() not in said
    assert secret[:8].lower() not in said


def test_hostile_html_is_read_in_time() -> None:
    """Five megabytes of opening brackets do not stop a worker."""
    assert isinstance(read(500, b"<script" * 750_000), Unclear)
