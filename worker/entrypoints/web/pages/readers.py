"""Who reads a page: in which language, in which zone. Both are wishes; whatever is no language or zone is ignored."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from urllib.parse import unquote, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request

from worker.entrypoints.web.pages.languages import LOCALES, negotiate

LANGUAGE_COOKIE = "language"
ZONE_COOKIE = "zone"
_NAMES = {"en": "English", "pt_BR": "Português"}


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A link to the same page in another language."""

    tag: str
    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reader's language (as Babel names it) and zone; `chosen`: the language was chosen by this very request."""

    locale: str
    chosen: bool
    zone: str
    zone_info: tzinfo
    others: tuple[OtherLanguage, ...]

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return self.locale.replace("_", "-")


def reader_of(request: Request) -> Reader:
    """Return what a request says of its reader: `?language=` first, then the cookie, then the browser's wish."""
    said = request.query_params.get("language", "")
    chosen = said in LOCALES
    locale = said if chosen else negotiate(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))
    zone, info = _zone(request.cookies.get(ZONE_COOKIE, ""))
    others = tuple(
        OtherLanguage(other.replace("_", "-"), _NAMES[other], _same_page(request, other))
        for other in LOCALES
        if other != locale
    )
    return Reader(locale=locale, chosen=chosen, zone=zone, zone_info=info, others=others)


def _same_page(request: Request, locale: str) -> str:
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in ("language", "done")]
    return "?" + urlencode([*query, ("language", locale)])


def _zone(cookie: str) -> tuple[str, tzinfo]:
    name = unquote(cookie)
    try:
        return (name, ZoneInfo(name)) if name else ("UTC", UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC", UTC
