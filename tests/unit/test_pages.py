"""README and docs/: links lead somewhere, and what no test types could be typed."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache

import pytest
import typer

from tests.fixtures.pages import Block, anchors, blocks, links, pages, spans
from tests.fixtures.running_parts import ROOT
from worker.entrypoints.cli.app import app

_LANGUAGES = {"", "sh", "console", "python", "json", "toml"}
_TEXTS = {".py", ".lua", ".yml", ".toml", ".conf", ".service"}
_PAGE = re.compile(r"docs/[a-z0-9/-]+\.md(?:#[a-z0-9-]+)?")


def _typed() -> list[Block]:
    """Return the blocks of commands; those that a test types are looked at, too."""
    found = [block for page in pages() for block in blocks(page)]
    return [block for block in found if block.language not in {"python", "json", "toml"}]


@cache
def _command_line() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of all commands of `coleta`, and of all their options."""
    names, options, left = set(), {"--help"}, [typer.main.get_command(app)]
    while left:
        command = left.pop()
        options |= {each for parameter in command.params for each in parameter.opts}
        inner = getattr(command, "commands", {})
        names |= set(inner)
        left += inner.values()
    return frozenset(names), frozenset(options)


# ---- links ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    """A file that is there; a heading in it where one is named."""
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        if "://" in link or path.startswith("mailto:"):
            continue
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        name = target.relative_to(ROOT).as_posix()
        if not target.exists() or (anchor and anchor not in anchors(name)):
            broken.append(link)
    assert broken == []


def test_every_page_that_a_file_of_the_project_names_is_there() -> None:
    """Alerts name their runbooks, comments their decisions."""
    files = [path for folder in ("worker", "config") for path in (ROOT / folder).rglob("*") if path.suffix in _TEXTS]
    named = {name for path in files for name in _PAGE.findall(path.read_text(encoding="utf-8"))}
    lost = []
    for name in sorted(named):
        path, _, anchor = name.partition("#")
        if not (ROOT / path).exists() or (anchor and anchor not in anchors(path)):
            lost.append(name)
    assert lost == []


def test_a_reader_of_readme_finds_every_page() -> None:
    """By links alone, decisions included."""
    found, left = set(), ["README.md"]
    while left:
        page = left.pop()
        found.add(page)
        for link in links(page):
            target = ((ROOT / page).parent / link.partition("#")[0]).resolve()
            name = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
            if name.endswith(".md") and target.exists() and name not in found:
                left.append(name)
    assert [page for page in pages() if page not in found] == []


# ---- what is typed --------------------------------------------------------------------------------------------------


def test_a_block_says_what_it_is() -> None:
    """In a language that a test knows; a mark before it has its reason."""
    odd = [block.place for page in pages() for block in blocks(page) if block.language not in _LANGUAGES]
    assert odd == []


@pytest.mark.parametrize("block", _typed(), ids=lambda block: block.place)
def test_what_is_typed_is_a_command_line(block: Block) -> None:
    """The shell can read it, and `coleta` has the commands and options that it names."""
    if block.language == "sh":
        read = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
        assert read.returncode == 0, read.stderr
    assert list(_unknown("\n".join(block.commands))) == []


@pytest.mark.parametrize("page", pages())
def test_a_span_of_code_that_is_a_command_is_one(page: str) -> None:
    """`coleta` has the commands and options that a sentence or a table names."""
    assert list(_unknown("\n".join(spans(page)))) == []


def _unknown(text: str) -> Iterator[str]:
    names, options = _command_line()
    for words in re.findall(r"^(?:.*\| |\.venv/bin/)?coleta ([^=|\n][^|\n]*)", text, re.MULTILINE):
        first, *others = words.split()
        yield from () if first in names or first.startswith("-") else (f"coleta {first}",)
        for word in others:
            option = re.match(r"--[a-z-]+", word)
            yield from (f"coleta {first} {word}",) if option and option[0] not in options else ()


def test_what_make_is_asked_for_it_knows() -> None:
    """Every `make` of a page is a target."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    texts = [*(span for page in pages() for span in spans(page)), *(block.text for block in _typed())]
    asked = {word for text in texts for word in re.findall(r"^make ([a-z]+)", text, re.MULTILINE)}
    assert asked - targets == set()
