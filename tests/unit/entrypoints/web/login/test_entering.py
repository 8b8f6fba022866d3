"""Which password opens which pages, and what is asked beside it."""

import pytest
from structlog.testing import capture_logs

from tests.unit.entrypoints.web.login.gatehouse import ADMIN, Gatehouse
from worker.entrypoints.web.edge import PAGE_HEADERS


def test_the_administrators_password_opens_every_store() -> None:
    """And what belongs to no store."""
    who = Gatehouse().entered(ADMIN).who()

    assert who is not None
    assert (who["name"], who["store"], who["sees"]) == ("Maria", None, ["_", "acme", "brava"])


def test_a_stores_password_opens_that_store_and_no_other() -> None:
    """Neither another store, nor what belongs to none."""
    who = Gatehouse().entered("password-of-brava").who()

    assert who is not None
    assert (who["store"], who["sees"]) == ("brava", ["brava"])


@pytest.mark.parametrize(
    "wrong", ["", " ", "password", f"{ADMIN} ", ADMIN[:-1], ADMIN.upper(), "token", "\udcff", "ção"]
)
def test_no_other_password_opens_anything(wrong: str) -> None:
    """The page says so and asks again, with the name as typed; nobody is known."""
    browser = Gatehouse().browser()

    answer = browser.ask(
        "POST",
        "/login",
        content=b"name=Maria&password=" + wrong.encode(errors="surrogateescape"),
        headers={"Origin": "http://coleta", "Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 403
    assert "opens nothing here" in answer.text
    assert 'value="Maria"' in answer.text
    assert (browser.who(), dict(browser.cookies)) == (None, {})


def test_without_any_password_the_pages_are_closed() -> None:
    """The login says which settings open them; an empty password is no password."""
    browser = Gatehouse(settings={}, passwords={"acme": None}).browser()

    for answer in (browser.get("/login"), browser.enter("")):
        assert answer.status_code == 403
        assert "COLETA_ADMIN_PASSWORD" in answer.text
        assert "pages_password" in answer.text
        assert "<form" not in answer.text
    assert browser.who() is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "Maria\x1b[2J", "Maria\u202e", "\u200b"])
def test_a_name_is_asked_for_that_can_be_shown(name: str) -> None:
    """One to sixty characters that print; no password is compared before."""
    browser = Gatehouse().browser()

    answer = browser.enter("wrong", name=name)

    assert answer.status_code == 422
    assert "Your name" in answer.text


def test_a_name_is_one_line() -> None:
    """Blanks and line ends are folded; other letters than English are names, too."""
    who = Gatehouse().entered(name="  José \r\n da  Conceição ").who()

    assert who is not None
    assert who["name"] == "José da Conceição"


@pytest.mark.parametrize(
    "asked", ["/", "/stores/acme", "/stores/acme/orders?status=due&q=a%20b", "/stores/acme/orders/Lojas%20Americanas-1"]
)
def test_who_asked_for_a_page_gets_there(asked: str) -> None:
    """After the login, or at once when the session still lives."""
    house = Gatehouse()
    browser = house.browser()

    assert browser.enter(next=asked).headers["Location"] == asked
    again = browser.ask("GET", "/login", params={"next": asked})
    assert (again.status_code, again.headers["Location"]) == (303, asked)


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        " /stores",
        "/login",
        "/login?next=/login",
        "/logout",
        "/a\r\nSet-Cookie: x=y",
    ],
)
def test_a_login_leads_to_no_other_site(asked: str) -> None:
    """Nor around in a circle: to the first page instead."""
    browser = Gatehouse().browser()

    assert 'name="next" value="/"' in browser.ask("GET", "/login", params={"next": asked}).text
    answer = browser.enter(next=asked)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_what_is_typed_is_shown_as_text() -> None:
    """It may be a script, and come from elsewhere."""
    text = Gatehouse().browser().enter("wrong", name='"><script>alert(1)</script>', next='/"><script>').text

    assert "<script>" not in text


def test_the_log_says_from_where_somebody_entered_or_was_refused() -> None:
    """Not who, which anybody can give as they like; and no password."""
    house = Gatehouse()
    with capture_logs() as logs:
        house.browser().enter("wrong-password")
        house.entered("password-of-acme").enter("password-of-acme")

    assert [(line["event"], line["address"]) for line in logs] == [
        ("visitor.refused", "192.0.2.1"),
        ("visitor.entered", "192.0.2.1"),
        ("visitor.entered", "192.0.2.1"),
    ]
    assert [(line.get("store"), line.get("known")) for line in logs[1:]] == [("acme", False), ("acme", True)]
    assert "password-of" not in str(logs)
    assert "wrong-password" not in str(logs)
    assert "Maria" not in str(logs)


def test_a_page_has_the_headers_of_pages() -> None:
    """Other answers keep those of the doors."""
    browser = Gatehouse().browser()

    assert all(browser.get("/login").headers[name] == value for name, value in PAGE_HEADERS.items())
    assert PAGE_HEADERS["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert browser.get("/who").headers["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors")


def test_a_form_is_a_form() -> None:
    """What else may come is refused before it is read."""
    browser = Gatehouse().browser()
    origin = {"Origin": "http://coleta"}

    assert browser.ask("POST", "/login", json={"password": ADMIN}, headers=origin).status_code == 415
    assert browser.ask("POST", "/login", files={"password": b"x"}, headers=origin).status_code == 415
    assert browser.post("/login", {f"field-{number}": "" for number in range(101)}).status_code == 400
    assert browser.post("/login", {"password": "x" * 1024 * 1024}).status_code == 413
