"""How long somebody is known, and what ends it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.entrypoints.web.login.gatehouse import ADMIN, NOW, SESSION, Gatehouse

HOURS = 3600


def test_a_session_holds_over_processes_and_their_restarts() -> None:
    """The key is in Redis, made once: what one process signed, every other reads."""
    house = Gatehouse()
    browser = house.entered()
    replica = Gatehouse(server=house.server)

    assert browser.at(replica).who() == browser.who() is not None
    replica.entered()
    assert browser.who() is not None
    assert house.redis.ttl("coleta:{_}:session-key") == -1


def test_a_session_ends_when_nobody_clicks() -> None:
    """After half an hour, or what is set; every click begins it anew, but for the first minute's."""
    house = Gatehouse(settings={"ADMIN_PASSWORD": ADMIN, "SESSION_MINUTES": "10"})
    browser = house.entered()
    (session,) = house.sessions()

    assert 590_000 < house.redis.pttl(session) <= 600_000
    house.redis.pexpire(session, 545_000)
    browser.who()
    assert house.redis.pttl(session) <= 545_000
    house.redis.pexpire(session, 535_000)
    browser.who()
    assert house.redis.pttl(session) > 590_000
    house.redis.delete(session)  # as Redis does in the end
    assert browser.who() is None
    assert house.sessions() == []


def test_a_short_session_is_kept_alive_by_clicks_as_well() -> None:
    """Where a minute without a click ends it, who clicks in that minute stays."""
    house = Gatehouse(settings={"ADMIN_PASSWORD": ADMIN, "SESSION_MINUTES": "1"})
    browser = house.entered()
    (session,) = house.sessions()
    house.redis.pexpire(session, 50_000)

    assert browser.who() is not None
    assert house.redis.pttl(session) > 50_000


def test_what_a_page_fetches_by_itself_keeps_no_session_alive() -> None:
    """A page that refreshes would else be open for ever on an empty desk; over plain HTTP, too."""
    house = Gatehouse()
    browser = house.entered()
    (session,) = house.sessions()
    house.redis.pexpire(session, 1_000_000)

    assert browser.who(X_Live="1") is not None
    assert house.redis.pttl(session) <= 1_000_000
    assert browser.who() is not None
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
    copied = house.browser().showing(browser.held)
    who = copied.who()
    assert who is not None

    answer = browser.post("/logout", {"csrf": str(who["csrf"])})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert SESSION not in browser.cookies
    assert copied.who() is None
    assert other.who() is not None


def test_who_enters_again_leaves_the_session_before() -> None:
    """Its cookie is gone, and nobody could end it any more; a wrong password ends nothing, nor does another browser."""
    house = Gatehouse()
    browser, other = house.entered(), house.entered()
    before = house.browser().showing(browser.held)

    browser.enter("wrong")
    assert before.who() is not None
    browser.enter("password-of-acme")

    assert before.who() is None
    assert browser.who() is not None
    assert other.who() is not None
    assert len(house.sessions()) == 2


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

    assert browser.at(changed).who() is None
    assert other.at(changed).who() is not None


def test_a_stores_password_that_changes_ends_its_sessions_at_once() -> None:
    """The stores file is read again while the process runs."""
    house = Gatehouse()
    browser = house.entered("password-of-acme")
    assert browser.who() is not None

    del house.passwords["acme"]
    assert browser.who() is None
