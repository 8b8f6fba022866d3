"""Passwords are not guessed in a reasonable time, and nobody is kept out by somebody else's guesses."""

import pytest
from structlog.testing import capture_logs

from tests.unit.entrypoints.web.login.gatehouse import ADMIN, NOW, Browser, Gatehouse
from worker.entrypoints.web.login import gate


def _guess(browser: Browser, times: int) -> list[int]:
    return [browser.enter(f"guess-{number}").status_code for number in range(times)]


def test_an_address_has_ten_guesses() -> None:
    """Then nothing is compared, not even the right one; the answer says when it goes on, and other addresses go on."""
    house = Gatehouse()
    browser = house.browser()

    assert _guess(browser, 10) == [403] * 10
    answer = browser.enter(ADMIN)
    assert answer.status_code == 429
    assert 595 <= int(answer.headers["Retry-After"]) <= 600
    assert "Try again in 10 min" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert house.browser("192.0.2.2").enter(ADMIN).status_code == 303


def test_ten_minutes_later_there_are_ten_more() -> None:
    """The counter begins anew with the first guess after its end."""
    house = Gatehouse()
    browser = house.browser()
    _guess(browser, 10)
    (counter,) = house.redis.keys("coleta:{_}:tries:address:*")
    assert 590_000 < house.redis.pttl(counter) <= 600_000

    house.redis.delete(counter)  # as Redis does in the end
    assert browser.enter(ADMIN).status_code == 303


def test_an_ipv6_network_is_one_address() -> None:
    """Whoever has one address of it has all."""
    house = Gatehouse()

    assert {house.browser(f"2001:db8:1:2::{number}").enter("guess").status_code for number in range(10)} == {403}
    assert house.browser("2001:db8:1:2:ffff::").enter().status_code == 429
    assert house.browser("2001:db8:1:3::1").enter().status_code == 303


def test_all_addresses_together_have_a_hundred() -> None:
    """Whoever has many of them is not ten times as fast with each."""
    house = Gatehouse()
    for number in range(100):
        assert house.browser(f"198.51.100.{number}").enter("guess").status_code == 403

    assert house.browser("203.0.113.9").enter(ADMIN).status_code == 429


def test_who_logs_in_rightly_is_not_counted() -> None:
    """A company behind one address begins its day."""
    house = Gatehouse()

    for _ in range(25):
        assert house.browser().enter("password-of-acme").status_code == 303


def test_a_right_password_takes_no_wrong_one_back() -> None:
    """Or whoever knows one could guess the others without end."""
    house = Gatehouse()
    assert _guess(house.browser(), 9) == [403] * 9
    assert house.browser().enter("password-of-acme").status_code == 303
    assert _guess(house.browser(), 2) == [403, 429]


def test_who_entered_from_a_browser_before_is_not_kept_out_by_others() -> None:
    """Behind a proxy that nobody named, all have one address."""
    house = Gatehouse()
    known = house.entered("password-of-acme")
    _guess(house.browser(), 11)

    assert house.browser().enter("password-of-acme").status_code == 429
    assert known.enter("password-of-acme").status_code == 303
    house.now = NOW + 90 * 24 * 3600 - 1
    assert known.enter("password-of-acme").status_code == 303


@pytest.mark.parametrize("later", [90 * 24 * 3600, -3600])
def test_a_browser_is_known_for_ninety_days(later: int) -> None:
    """Then it waits with all others, as one whose date cannot be."""
    house = Gatehouse()
    known = house.entered("password-of-acme")
    _guess(house.browser(), 10)

    house.now = NOW + later
    assert known.enter("password-of-acme").status_code == 429


def test_a_known_browser_has_ten_guesses_of_its_own() -> None:
    """Somebody may have taken it; others of the same store go on."""
    house = Gatehouse()
    known, other = house.entered("password-of-acme"), house.entered("password-of-acme")

    assert _guess(known, 11) == [403] * 10 + [429]
    assert known.enter("password-of-acme").status_code == 429
    assert other.enter("password-of-acme").status_code == 303
    assert house.browser().enter("password-of-acme").status_code == 303


def test_the_browsers_of_a_store_have_fifty_together() -> None:
    """Whoever knows its password could else make a browser for every ten guesses of the administrator's."""
    house = Gatehouse()
    tried = [status for _ in range(6) for status in _guess(house.entered("password-of-acme"), 10)]

    assert tried == [403] * 50 + [429] * 10
    assert house.entered("password-of-brava").enter(ADMIN).status_code == 303


def test_a_changed_password_makes_its_browsers_strangers() -> None:
    """What it signed is of no use any more."""
    house = Gatehouse()
    known = house.entered("password-of-acme")
    house.passwords["acme"] = "another-password"
    _guess(house.browser(), 10)

    assert known.enter("another-password").status_code == 429


def test_over_the_limit_no_password_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is learned by how long the answer takes."""
    browser = Gatehouse().browser()
    _guess(browser, 10)
    compared: list[object] = []
    monkeypatch.setattr(gate, "scope_of", compared.append)

    assert browser.enter(ADMIN).status_code == 429
    assert compared == []


def test_a_log_is_not_filled_by_who_goes_on() -> None:
    """One line in ten seconds says how many more there were."""
    browser = Gatehouse().browser()
    with capture_logs() as logs:
        _guess(browser, 30)

    reasons = [line["reason"] for line in logs]
    assert reasons == ["wrong password"] * 10 + ["too many tries"]


def test_while_redis_is_away_nobody_is_let_in() -> None:
    """Neither by a password nor by a session; the page says so, and when to try again; only the log says why."""
    house = Gatehouse()
    entered = house.entered()
    csrf = str((entered.who() or {})["csrf"])
    house.server.connected = False

    with capture_logs() as logs:
        answers = [house.browser().enter(), entered.get("/login"), entered.get("/who"), entered.enter()]
    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert "Set-Cookie" not in answer.headers
        assert "onnect" not in answer.text
    assert [line["reason"] for line in logs] == ["Redis does not answer: FakeRedis is emulating a connection error."]
    assert entered.post("/logout", {"csrf": csrf}).status_code == 503
    assert "Redis does not answer" in entered.enter().text
    house.server.connected = True
    assert entered.who() is not None
