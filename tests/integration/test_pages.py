"""What README and docs/ tell to type, typed: into the rehearsal that they describe, one for all pages."""

from collections.abc import Iterator

import pytest

from tests.fixtures.pages import Block, blocks, pages
from tests.fixtures.rehearsal import PAGE, Rehearsal

_RUN = ("sh", "console", "python")


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Set the rehearsal up as its page says."""
    rehearsal = Rehearsal(tmp_path_factory.mktemp("rehearsal"))
    try:
        rehearsal.open()
        yield rehearsal
    finally:
        rehearsal.close()


def _runnable(page: str) -> list[Block]:
    return [block for block in blocks(page) if block.language in _RUN and not block.reason]


@pytest.mark.parametrize("page", [page for page in pages() if page != PAGE and _runnable(page)])
def test_what_a_page_tells_to_type_does_what_it_shows(rehearsal: Rehearsal, page: str) -> None:
    """Each block after the other; where output is shown, that is what comes."""
    for block in _runnable(page):
        rehearsal.play(block)
