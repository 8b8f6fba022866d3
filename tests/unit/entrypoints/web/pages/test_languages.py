"""The languages of the pages: whose is whose, and that none of their texts is missing or broken."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from worker.entrypoints.web.pages import helps, languages, words
from worker.entrypoints.web.pages.catalogue import TEMPLATES
from worker.entrypoints.web.pages.languages import LOCALES, catalogue, negotiate, translations
from worker.entrypoints.web.pages.places import places_of

_FILES = sorted((Path(languages.__file__).parent / "locales").glob("*.po"))
_OF_SERVICE = "pt_BR.sentences.po"
_OTHERS = [locale for locale in LOCALES if locale != "en"]


def _msgids() -> set[str]:
    tables = [value for module in (words, helps) for name, value in vars(module).items() if name.isupper()]
    named: set[str] = set()
    for table in tables:
        match table:
            case str():
                named.add(table)
            case tuple():
                named.update(table)
            case dict():
                named.update(table.values())
            case _:
                pass
    return named | set(TEMPLATES)


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (None, "en"),
        ("", "en"),
        ("pt", "pt_BR"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt_BR"),
        ("pt-PT", "pt_BR"),
        ("PT-br", "pt_BR"),
        ("en-US,en;q=0.9,pt;q=0.8", "en"),
        ("en;q=0.5, pt;q=0.9", "pt_BR"),
        ("de, fr;q=0.9", "en"),
        ("de, pt;q=0.1", "pt_BR"),
        ("pt;q=0, en", "en"),
        ("pt;q=nonsense", "en"),
        ("*", "en"),
        (";;;,,q=,-", "en"),
    ],
)
def test_a_browser_gets_the_language_that_it_wishes_most(header: str | None, shown: str) -> None:
    """Every Portuguese is Brazil's; whoever reads neither gets English, and so does whatever is no wish."""
    assert negotiate(header, None) == shown


def test_a_language_that_was_chosen_outranks_the_browsers_wish() -> None:
    """A cookie that names none of ours chooses nothing."""
    assert negotiate("en", "pt_BR") == "pt_BR"
    assert negotiate("pt", "en") == "en"
    assert negotiate("pt", "../../etc") == "pt_BR"


def test_a_text_without_a_translation_is_shown_in_english() -> None:
    """As one is for an English reader, who has no file."""
    assert translations("en").gettext("Waiting for invoices") == "Waiting for invoices"
    assert translations("pt_BR").gettext("Waiting for invoices") == "Aguardando notas"
    assert translations("pt_BR").gettext("never heard of") == "never heard of"


@pytest.mark.parametrize("locale", _OTHERS)
def test_every_word_and_sentence_is_translated(locale: str) -> None:
    """A missing one would be English in the middle of a page."""
    texts = catalogue(locale)
    assert [msgid for msgid in sorted(_msgids()) if msgid not in texts or not texts[msgid].string] == []


def test_nothing_is_translated_that_nothing_says() -> None:
    """Take it out of the file."""
    [file] = [path for path in _FILES if path.name == _OF_SERVICE]
    with file.open("rb") as opened:
        assert sorted({str(each.id) for each in read_po(opened) if each.id} - _msgids()) == []


@pytest.mark.parametrize("locale", _OTHERS)
def test_a_translated_sentence_says_all_that_the_english_one_does(locale: str) -> None:
    """A place that is left out, or misspelled, would be left out on the page."""
    texts = catalogue(locale)
    broken = [msgid for msgid in TEMPLATES if places_of(str(texts[msgid].string)) != places_of(msgid)]
    assert broken == []


@pytest.mark.parametrize("locale", _OTHERS)
def test_two_files_of_a_language_agree(locale: str) -> None:
    """A text that both hold is translated alike; nothing is marked as doubtful."""
    merged = catalogue(locale)
    for path in _FILES:
        if path.name.startswith(f"{locale}."):
            with path.open("rb") as opened:
                texts = [each for each in read_po(opened, locale) if each.id]
            assert [each.id for each in texts if each.fuzzy or merged[each.id].string != each.string] == []
