"""A form acts only if a page that its person was given sent it."""

import pytest

from tests.unit.entrypoints.web.login.gatehouse import ADMIN, Browser, Gatehouse

OURS = [
    {"Origin": "http://coleta"},
    {"Origin": "https://coleta"},  # a proxy that nobody named took HTTPS off
    {"Origin": "HTTP://COLETA"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://coleta.example"},  # the proxy changed Host
    {"Sec-Fetch-Site": "none"},
]
OTHERS = [
    {},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://evil.example"},
    {"Origin": "http://coleta.evil.example"},
    {"Origin": "http://coleta:8000"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://coleta"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://coleta"},
    {"Sec-Fetch-Site": ""},
]


def _csrf(browser: Browser) -> str:
    who = browser.who()
    assert who is not None
    return str(who["csrf"])


def _status(browser: Browser, form: dict[str, str], headers: dict[str, str]) -> int:
    return browser.ask("POST", "/act", data=form, headers=headers).status_code


@pytest.mark.parametrize("headers", OURS)
def test_a_form_of_a_page_of_ours_is_taken(headers: dict[str, str]) -> None:
    """With the token of its session, and a browser that says where it comes from."""
    browser = Gatehouse().entered()

    assert _status(browser, {"csrf": _csrf(browser)}, headers) == 200


@pytest.mark.parametrize("headers", OTHERS)
def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    """Even with the right token; a login as well, or somebody could be logged in as somebody else."""
    house = Gatehouse()
    browser = house.entered()

    assert _status(browser, {"csrf": _csrf(browser)}, headers) == 403
    login = house.browser().ask("POST", "/login", data={"password": ADMIN, "name": "Maria"}, headers=headers)
    assert (login.status_code, "Another site sent this form" in login.text) == (403, True)
    assert "Set-Cookie" not in login.headers


def test_a_form_needs_the_token_of_its_own_session() -> None:
    """Not none, not another's, not that of an earlier session of the same person."""
    house = Gatehouse()
    browser, other = house.entered(), house.entered()
    earlier = _csrf(browser)
    browser.enter()
    ours = {"Origin": "http://coleta"}

    for form in ({}, {"csrf": ""}, {"csrf": "ção"}, {"csrf": _csrf(other)}, {"csrf": earlier}):
        answer = browser.ask("POST", "/act", data={"x": "", **form}, headers=ours)
        assert answer.status_code == 403
        assert "open the page again and repeat" in answer.json()["detail"]
    assert _status(browser, {"csrf": _csrf(browser)}, ours) == 200


def test_a_log_out_is_a_form_as_well() -> None:
    """Another site could else end what somebody is about; who is not known any more just gets the login."""
    house = Gatehouse()
    browser = house.entered()

    assert browser.post("/logout", {"csrf": "wrong"}).status_code == 403
    assert browser.who() is not None
    assert house.browser().post("/logout", {"csrf": ""}).headers["Location"] == "/login"


def test_another_site_lets_no_browser_forget_its_session() -> None:
    """Its form comes without the session's cookie, but the answer could drop that all the same."""
    answer = Gatehouse().browser().post("/logout", {"csrf": ""}, Origin="http://evil.example")

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
