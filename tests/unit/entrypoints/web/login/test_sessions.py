"""How long somebody is known, and what ends it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import fakeredis
import pytest

from tests.unit.entrypoints.web.login.gatehouse import ADMIN, NOW, Browser, Gatehouse

SESSION = "coleta-session"
HOURS = 3600


def _shows(browser: Browser, value: str) -> Browser:
    browser.cookies.set(SESSION, value, domain="coleta.local")
    return browser


def _held(browser: Browser) -> str:
    return str(browser.cookies[SESSION])


def _sessions(house: Gatehouse) -> list[str]:
    return [str(key) for key in house.redis.keys("coleta:{_}:session:*")]


def _at(house: Gatehouse, browser: Browser) -> Browser:
    """Return this browser, asking another process."""
    return replace(browser, house=house)


def test_a_session_holds_over_processes_and_their_restarts() -> None:
    """The key is in Redis, made once: what one process signed, every other reads."""
    house = Gatehouse()
    browser = house.entered()
    replica = Gatehouse(server=house.server)

    assert _at(replica, browser).who() == browser.who() is not None
    replica.entered()
    assert browser.who() is not None
    assert house.redis.ttl("coleta:{_}:session-key") == -1


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_what_was_changed_is_nobodys(place: int) -> None:
    """Wherever a character was changed: the scope, what is said, or the signature."""
    house = Gatehouse()
    browser = house.entered()
    value = _held(browser)
    place %= len(value) - 1  # of the last one, base64 does not read every bit
    changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]

    assert house.browser().who() is None
    assert _shows(house.browser(), value).who() is not None
    assert _shows(house.browser(), changed).who() is None


@pytest.mark.parametrize("value", ["", ":", "_:", "_:.", "acme", "_:x.y", "x" * 4000, "_:.eJwDAAAAAAE.x", "\x7f"])
def test_what_is_no_session_is_nobodys(value: str) -> None:
    """It may be anything."""
    house = Gatehouse()
    house.entered()

    assert house.browser().get("/who", Cookie=f"{SESSION}={value}").json() is None


def test_a_session_of_one_scope_is_none_of_another() -> None:
    """Its signature holds the scope."""
    house = Gatehouse()
    _, _, signed = _held(house.entered("password-of-acme")).partition(":")

    assert _shows(house.browser(), f"acme:{signed}").who() is not None
    assert _shows(house.browser(), f"_:{signed}").who() is None
    assert _shows(house.browser(), f"brava:{signed}").who() is None


def test_a_browser_that_is_known_has_no_session_by_that() -> None:
    """What it is known by is signed for something else."""
    house = Gatehouse()
    known = str(house.entered().cookies["coleta-browser"])

    assert _shows(house.browser(), known).who() is None


def test_another_key_reads_nothing() -> None:
    """A Redis that lost everything has another one; so has every deployment."""
    house = Gatehouse()
    browser = house.entered()
    (session,) = _sessions(house)
    other = Gatehouse(server=fakeredis.FakeServer())
    other.redis.set(session, "1")

    assert _at(other, browser).who() is None
    other.entered()
    assert _at(other, browser).who() is None


def test_a_session_ends_when_nobody_clicks() -> None:
    """After half an hour, or what is set; every click begins it anew, but for the first minute's."""
    house = Gatehouse(settings={"ADMIN_PASSWORD": ADMIN, "SESSION_MINUTES": "10"})
    browser = house.entered()
    (session,) = _sessions(house)

    assert 590_000 < house.redis.pttl(session) <= 600_000
    house.redis.pexpire(session, 545_000)
    browser.who()
    assert house.redis.pttl(session) <= 545_000
    house.redis.pexpire(session, 535_000)
    browser.who()
    assert house.redis.pttl(session) > 590_000
    house.redis.delete(session)  # as Redis does in the end
    assert browser.who() is None
    assert _sessions(house) == []


def test_what_a_page_fetches_by_itself_keeps_no_session_alive() -> None:
    """A page that refreshes would else be open for ever on an empty desk."""
    house = Gatehouse()
    browser = house.entered()
    (session,) = _sessions(house)
    house.redis.pexpire(session, 1_000_000)

    assert browser.who(Sec_Fetch_Dest="empty") is not None
    assert house.redis.pttl(session) <= 1_000_000
    assert browser.who(Sec_Fetch_Dest="document") is not None
    assert house.redis.pttl(session) > 1_000_000


def test_a_session_ends_after_twelve_hours() -> None:
    """However busy its person is."""
    house = Gatehouse()
    browser = house.entered()

    house.now = NOW + 12 * HOURS - 1
    assert browser.who() is not None
    house.now = NOW + 12 * HOURS
    assert browser.who() is None


def test_a_log_out_ends_the_session_everywhere() -> None:
    """Whoever copied the cookie has nothing of it any more; other sessions go on."""
    house = Gatehouse()
    browser, other = house.entered(), house.entered()
    copied = _shows(house.browser(), _held(browser))
    who = copied.who()
    assert who is not None

    answer = browser.post("/logout", {"csrf": str(who["csrf"])})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert SESSION not in browser.cookies
    assert copied.who() is None
    assert other.who() is not None


def _without_admin(house: Gatehouse) -> Gatehouse:
    return replace(house, settings={})


def _other_admin(house: Gatehouse) -> Gatehouse:
    return replace(house, settings={"ADMIN_PASSWORD": "another-password"})


def _without_acme(house: Gatehouse) -> Gatehouse:
    return replace(house, passwords={"brava": "password-of-brava"})


def _closed_acme(house: Gatehouse) -> Gatehouse:
    return replace(house, passwords={**house.passwords, "acme": None})


def _other_acme(house: Gatehouse) -> Gatehouse:
    return replace(house, passwords={**house.passwords, "acme": "another-password"})


@pytest.mark.parametrize(
    ("password", "change"),
    [
        (ADMIN, _without_admin),
        (ADMIN, _other_admin),
        ("password-of-acme", _without_acme),
        ("password-of-acme", _closed_acme),
        ("password-of-acme", _other_acme),
    ],
)
def test_a_password_that_was_changed_ends_its_sessions(password: str, change: Callable[[Gatehouse], Gatehouse]) -> None:
    """Also one that was taken out, or with its store; those of other passwords go on."""
    house = Gatehouse()
    browser, other = house.entered(password), house.entered("password-of-brava")

    changed = change(house)

    assert _at(changed, browser).who() is None
    assert _at(changed, other).who() is not None


def test_a_stores_password_that_changes_ends_its_sessions_at_once() -> None:
    """The stores file is read again while the process runs."""
    house = Gatehouse()
    browser = house.entered("password-of-acme")
    assert browser.who() is not None

    del house.passwords["acme"]
    assert browser.who() is None


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
    value = _held(house.entered())

    asked = house.browser(scheme="https")
    assert asked.get("/who", Cookie=f"coleta-session={value}").json() is None
    assert asked.get("/who", Cookie=f"__Host-coleta-session={value}").json() is not None
