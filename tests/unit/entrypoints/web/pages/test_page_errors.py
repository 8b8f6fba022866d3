"""What goes wrong with a page is told as a page, in the reader's language; programs get JSON as before."""

from typing import NoReturn

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from tests.unit.entrypoints.web.pages.desk import ADDRESS, Desk, page_of
from worker.domain.order import Status


@pytest.mark.parametrize(("language", "said"), [("en", "There is no such page"), ("pt-BR", "Esta página não existe")])
def test_a_page_that_is_not_there_says_so(language: str, said: str) -> None:
    """Also where only a form arrives, or nothing ever was."""
    for path in ("/stores/nobody", page_of("1"), "/stores/acme/none", "/stores/_", "/stores/a/b/c"):
        answer = Desk().get(path, accept_language=language)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8"), path
        assert said in answer.text


def test_programs_get_json() -> None:
    """At every other address."""
    answer = Desk().get("/v1/acme/none")

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_a_redis_that_is_away_is_a_page_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of its address is shown; the browser may ask again soon."""
    desk = Desk()
    desk.stand(Status.FAILED, "1")

    def away(*_: object, **__: object) -> NoReturn:
        raise RedisConnectionError("Error 111 connecting to redis.internal:6379")

    monkeypatch.setattr(desk.ledger, "load", away)

    for answer in (desk.get(page_of("1")), desk.post(page_of("1"), action="retry")):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert "The service does not reach what it needs." in answer.text
        assert "redis.internal" not in answer.text


def test_a_fault_of_ours_is_a_page_and_a_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page shows nothing of it."""
    desk = Desk()

    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError("secret of the code")

    monkeypatch.setattr(desk.ledger, "load", broken)

    with capture_logs() as lines:
        answer = desk.get(page_of("1"))

    assert answer.status_code == 500
    assert "It is a fault of this service" in answer.text
    assert "secret of the code" not in answer.text
    assert [line["event"] for line in lines] == ["page.broke"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("&".join(f"field{n}=x" for n in range(101)), "application/x-www-form-urlencoded", 400),
        ("{}", "application/json", 415),
        ("x=" + "y" * 1_048_576, "application/x-www-form-urlencoded", 413),
    ],
)
@pytest.mark.parametrize("path", ["/login", "/logout", "/stores/acme"])
def test_what_is_no_form_of_ours_is_refused_with_a_page(path: str, body: str, kind: str, status: int) -> None:
    """Also at the way in, to which anybody may send anything."""
    answer = Desk().ask("POST", path, content=body, headers={"Origin": ADDRESS, "Content-Type": kind})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "The form could not be used" in answer.text


def test_another_sites_form_is_refused_with_a_page() -> None:
    """It says that nothing was done."""
    answer = Desk().post(page_of("1"), csrf="guessed")

    assert answer.status_code == 403
    assert "Nothing was done" in answer.text
