"""The languages of the pages: which one a reader is shown, and the texts of each."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = ("en", "pt_BR")
_ENGLISH = LOCALES[0]
_FOLDER = Path(__file__).parent / "locales"
# Every Portuguese is better served by Brazil's than by English.
_SERVED = {"pt": "pt_BR"}
# More than any browser wishes.
_MOST_WISHES = 20


@cache
def translations(locale: str) -> Translations:
    """Return the texts of a language, one of `LOCALES`: those of all its files, compiled in memory.

    The texts are English where they are written, so that `en` has no file.
    """
    merged = catalogue(locale)
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)


def catalogue(locale: str) -> Catalog:
    """Return what the files of a language hold together: `locales/pt_BR.po`, `locales/pt_BR.….po`."""
    merged = Catalog(locale)
    for path in sorted(_FOLDER.glob(f"{locale}.*po")):
        with path.open("rb") as file:
            for message in read_po(file, locale):
                if message.id:
                    merged[message.id] = message
    return merged


def negotiate(accept_language: str | None, cookie: str | None) -> str:
    """Return the language of a reader: the one that was chosen before (`cookie`), else the browser's first wish.

    Any Portuguese is `pt_BR`; a reader of anything else is shown English.
    """
    if cookie in LOCALES:
        return str(cookie)
    wished = [_served(tag) for tag in _wishes(accept_language or "")]
    return negotiate_locale(wished, LOCALES) or _ENGLISH


def _served(tag: str) -> str:
    language = tag.replace("-", "_").partition("_")[0].lower()
    return _SERVED.get(language, language)


def _wishes(header: str) -> list[str]:
    """Return the languages of `Accept-Language`, the dearest first; what is wished with q=0 is not wished."""
    wished: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST_WISHES]:
        tag, _, rest = part.strip().partition(";")
        weight = _weight(rest)
        if tag.strip() and weight > 0:
            wished.append((weight, tag.strip()))
    return [tag for _, tag in sorted(wished, key=lambda each: -each[0])]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
