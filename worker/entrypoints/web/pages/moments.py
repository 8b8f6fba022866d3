"""Times as a reader reads them: in their language and zone, the exact moment always at hand."""

from datetime import UTC, datetime, timedelta

from babel.dates import format_datetime, format_timedelta
from markupsafe import Markup

from worker.entrypoints.views import FIRST_SECOND, LAST_SECOND
from worker.entrypoints.web.pages.readers import Reader


class Moments:
    """One reader's clock; `now` is the Redis server's, in epoch milliseconds."""

    def __init__(self, reader: Reader, now: int) -> None:
        self._locale = reader.locale
        self._zone = reader.zone_info
        self._now = _moment(now)

    def moment(self, at: int | datetime) -> Markup:
        """Return a moment as an element: `25 Nov, 14:03:07`, with its year where that is another."""
        when = (at if isinstance(at, datetime) else _moment(at)).astimezone(self._zone)
        return _time(when, self._said(when), self._whole(when))

    def ago(self, at: int) -> Markup:
        """Return for how long something lasts, `3 hours`, as an element that says since when."""
        when = _moment(at).astimezone(self._zone)
        passed = max(self._now - when, timedelta())
        return _time(when, format_timedelta(passed, threshold=1.2, locale=self._locale), self._whole(when))

    def plain(self, at: int) -> str:
        """Return a moment as text."""
        return self._said(_moment(at).astimezone(self._zone))

    def beginning(self, at: int) -> str:
        """Return the beginning of an hour as text: `25 Nov, 14:00`."""
        return format_datetime(_moment(at).astimezone(self._zone), "d MMM, HH:mm", locale=self._locale)

    def hour(self, at: int) -> str:
        """Return a moment's hour of the day: `14:00`, `14:30` in a zone of half hours."""
        return format_datetime(_moment(at).astimezone(self._zone), "HH:mm", locale=self._locale)

    def day(self, at: int) -> str:
        """Return a moment's day: `Wed 25`."""
        return format_datetime(_moment(at).astimezone(self._zone), "EEE d", locale=self._locale)

    def local(self, at: int) -> datetime:
        """Return the moment on the reader's clock."""
        return _moment(at).astimezone(self._zone)

    def _said(self, when: datetime) -> str:
        same_year = when.year == self._now.astimezone(self._zone).year
        return format_datetime(when, "d MMM, HH:mm:ss" if same_year else "d MMM y, HH:mm", locale=self._locale)

    def _whole(self, when: datetime) -> str:
        return format_datetime(when, "EEEE, d MMMM y, HH:mm:ss OOOO", locale=self._locale)


def _time(when: datetime, words: str, title: str) -> Markup:
    iso = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, title, words)


def _moment(ms: int) -> datetime:
    # A calendar's edge in UTC has no local time everywhere: a day inside it has.
    seconds = min(max(ms // 1000, FIRST_SECOND + 86_400), LAST_SECOND - 86_400)
    return datetime.fromtimestamp(seconds, UTC)
