"""The pages' own texts: every one of them in Portuguese, with the same places."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from worker.entrypoints.web import pages
from worker.entrypoints.web.pages.languages import catalogue

_FOLDER = Path(pages.__file__).parent
_METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"newstyle_gettext": "true"}}
_WORDS = {"gettext": None, "_": None, "N_": None, "ngettext": (1, 2)}


def _texts() -> Iterator[str | tuple[str, ...]]:
    for _file, _line, text, _comments, _context in extract_from_dir(_FOLDER, _METHODS, _OPTIONS, keywords=_WORDS):
        yield text


TEXTS = sorted(set(_texts()), key=str)


@pytest.mark.parametrize("text", TEXTS, ids=str)
def test_a_text_is_there_in_portuguese(text: str | tuple[str, ...]) -> None:
    """A text that a page shows has its Portuguese, whose places are those of the English one."""
    key = text[0] if isinstance(text, tuple) else text
    message = catalogue("pt_BR").get(key)
    assert message is not None
    translated = message.string if isinstance(message.string, tuple | list) else (message.string,)
    assert all(translated)
    assert places("".join(map(str, translated))) == places("".join(text))


def places(text: str) -> set[str]:
    """Return the places that a text has."""
    return set(re.findall(r"%\(\w+\)s", text))


def test_nothing_is_translated_that_no_page_says() -> None:
    """A text that is gone takes its translation along."""
    said = {text[0] if isinstance(text, tuple) else text for text in TEXTS}
    written = re.findall(r'^msgid "(.+)"$', (_FOLDER / "locales/pt_BR.po").read_text(), flags=re.MULTILINE)
    assert {text.encode().decode("unicode_escape").encode("latin-1").decode() for text in written} <= said
