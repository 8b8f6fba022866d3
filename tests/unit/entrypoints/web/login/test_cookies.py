"""What a browser keeps: nobody else can make it, change it or read it."""

from typing import Any

import fakeredis
import pytest

from tests.unit.entrypoints.web.login.gatehouse import SESSION, Gatehouse


def test_what_was_changed_is_nobodys() -> None:
    """Wherever a character was changed: the scope, what is said, or the signature."""
    house = Gatehouse()
    value = house.entered().held
    shown = house.browser()
    assert shown.showing(value).who() is not None

    for place in range(0, len(value) - 1, 5):  # of the last one, base64 does not read every bit
        changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
        assert shown.showing(changed).who() is None, place


@pytest.mark.parametrize("value", ["", ":", "_:", "_:.", "acme", "_:x.y", "x" * 4000, "_:.eJwDAAAAAAE.x", "\x7f"])
def test_what_is_no_session_is_nobodys(value: str) -> None:
    """It may be anything."""
    house = Gatehouse()
    house.entered()

    assert house.browser().get("/who", Cookie=f"{SESSION}={value}").json() is None


def test_a_session_of_one_scope_is_none_of_another() -> None:
    """Its signature holds the scope."""
    house = Gatehouse()
    _, _, signed = house.entered("password-of-acme").held.partition(":")

    assert house.browser().showing(f"acme:{signed}").who() is not None
    assert house.browser().showing(f"_:{signed}").who() is None
    assert house.browser().showing(f"brava:{signed}").who() is None


def test_a_browser_that_is_known_has_no_session_by_that() -> None:
    """What it is known by is signed for something else."""
    house = Gatehouse()
    known = str(house.entered().cookies["coleta-browser"])

    assert house.browser().showing(known).who() is None


def test_another_key_reads_nothing() -> None:
    """A Redis that lost everything has another one; so has every deployment."""
    house = Gatehouse()
    browser = house.entered()
    (session,) = house.sessions()
    other = Gatehouse(server=fakeredis.FakeServer())
    other.redis.set(session, "1")

    assert browser.at(other).who() is None
    other.entered()
    assert browser.at(other).who() is None


def _flags(answer: Any, name: str) -> set[str]:  # noqa: ANN401 - httpx's answer
    (cookie,) = [value for value in answer.headers.get_list("Set-Cookie") if value.startswith(name)]
    return {part.strip() for part in cookie.split(";")[1:]}


def test_cookies_are_out_of_reach() -> None:
    """Of scripts and of other sites, and over HTTPS of other hosts, too."""
    plain = Gatehouse().browser().enter()
    assert _flags(plain, "coleta-session=") == {"HttpOnly", "Path=/", "SameSite=lax"}
    assert _flags(plain, "coleta-browser=") == {"HttpOnly", "Path=/", "SameSite=strict", "Max-Age=7776000"}

    house = Gatehouse()
    browser = house.browser(scheme="https")
    answer = browser.enter()
    assert _flags(answer, "__Host-coleta-session=") == {"HttpOnly", "Path=/", "SameSite=lax", "Secure"}
    assert "Secure" in _flags(answer, "__Host-coleta-browser=")
    who = browser.who()
    assert who is not None
    gone = browser.post("/logout", {"csrf": str(who["csrf"])})
    assert {"Secure", "Max-Age=0"} <= _flags(gone, "__Host-coleta-session=")


def test_over_https_a_cookie_counts_only_under_its_protected_name() -> None:
    """The other one could be set by any host of the same domain."""
    house = Gatehouse()
    value = house.entered().held

    asked = house.browser(scheme="https")
    assert asked.get("/who", Cookie=f"coleta-session={value}").json() is None
    assert asked.get("/who", Cookie=f"__Host-coleta-session={value}").json() is not None
