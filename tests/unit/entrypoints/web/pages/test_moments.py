"""Times as a reader reads them."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from worker.entrypoints.web.pages.moments import Moments
from worker.entrypoints.web.pages.readers import Reader

# 2026-11-26 12:00:05 UTC.
NOW = 1_795_694_405_000
DAY = 86_400_000


def moments(locale: str = "en", zone: str = "America/Sao_Paulo") -> Moments:
    """Return a reader's clock."""
    return Moments(Reader(locale=locale, chosen=False, zone=zone, zone_info=ZoneInfo(zone), others=()), NOW)


def test_a_moment_is_said_in_the_readers_zone_and_language() -> None:
    """Noon in UTC is nine in São Paulo; the element holds the exact moment."""
    assert str(moments().moment(NOW)) == (
        '<time datetime="2026-11-26T12:00:05Z" title="Thursday, 26 November 2026, 09:00:05 GMT-03:00">'
        "26 Nov, 09:00:05</time>"
    )
    assert ">26 nov., 09:00:05<" in moments("pt_BR").moment(NOW)
    assert ">26 Nov, 17:30:05<" in moments(zone="Asia/Kolkata").moment(NOW)


def test_a_moment_of_another_year_says_which() -> None:
    """An order of last year is not taken for one of this."""
    assert ">21 Nov 2025, 09:00<" in moments().moment(NOW - 370 * DAY)


def test_how_long_something_lasts_is_said_in_one_word() -> None:
    """The moment itself is in the title; what lies ahead lasts for no time yet."""
    assert ">3 days<" in moments().ago(NOW - 3 * DAY)
    assert ">3 dias<" in moments("pt_BR").ago(NOW - 3 * DAY)
    assert ">0 seconds<" in moments().ago(NOW + DAY)


@given(at=st.integers(-(10**18), 10**18), zone=st.sampled_from(["UTC", "Pacific/Kiritimati", "Etc/GMT+12"]))
def test_every_time_that_an_event_may_state_can_be_shown(at: int, zone: str) -> None:
    """What lies outside a calendar is shown at its edge, in any zone."""
    shown = moments(zone=zone)
    assert shown.moment(at)
    assert shown.ago(at)
    assert shown.hour(at)
