"""Who reads: in which language, in which zone."""

import pytest
from starlette.requests import Request

from worker.entrypoints.web.pages.readers import Reader, reader_of


def reader(query: str = "", cookie: str = "", wish: str = "") -> Reader:
    """Return what such a request says of its reader."""
    headers = [(b"cookie", cookie.encode("latin-1")), (b"accept-language", wish.encode("latin-1"))]
    scope = {"type": "http", "method": "GET", "path": "/stores", "query_string": query.encode(), "headers": headers}
    return reader_of(Request(scope))


def test_the_choice_outranks_the_cookie_and_the_cookie_the_browsers_wish() -> None:
    """Who chose once keeps that language, until they choose another one."""
    assert reader(wish="pt-PT,en;q=0.5").locale == "pt_BR"
    assert reader(wish="pt-BR", cookie="language=en").locale == "en"
    chosen = reader("language=pt_BR", cookie="language=en")
    assert (chosen.locale, chosen.chosen, chosen.tag) == ("pt_BR", True, "pt-BR")


def test_a_language_that_the_pages_do_not_have_is_no_choice() -> None:
    """What somebody writes into the address or the cookie is not believed."""
    assert not reader("language=../../etc").chosen
    assert reader("language=xx", cookie="language=<script>", wish="de").locale == "en"


def test_the_switch_leads_to_the_same_page() -> None:
    """The query stays, but for what was just done there: it is not said twice."""
    [other] = reader("status=due&q=a%26b&done=retry").others
    assert (other.tag, other.name) == ("pt-BR", "Português")
    assert other.href == "?status=due&q=a%26b&language=pt_BR"


def test_the_zone_is_that_of_the_cookie() -> None:
    """The browser tells it, its slash written out or not."""
    assert reader(cookie="zone=America/Sao_Paulo").zone == "America/Sao_Paulo"
    assert reader(cookie="zone=America%2FSao_Paulo").zone == "America/Sao_Paulo"


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "\x00", "a" * 5000, "America", "é"]
)
def test_what_is_no_zone_is_utc(zone: str) -> None:
    """A zone is looked up among files: nothing but a zone's name may lead to one."""
    assert reader(cookie=f"zone={zone}").zone == "UTC"
