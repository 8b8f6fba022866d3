"""The words of the domain against the domain."""

import re
from pathlib import Path

import pytest

from tests.fixtures.sentences_in_code import texts_in
from worker.domain.actions import Action
from worker.domain.events import Announcer
from worker.domain.facts import Authority, Carrier
from worker.domain.order import Attention, Status
from worker.entrypoints.web.pages import helps, words
from worker.ports import AUTOMATIC, OPERATOR, STORES_FILE, Drain

_ROOT = Path(__file__).parents[5]
_EVENT = re.compile(r"(?:order|invoice|operator|fulfilment)\.[a-z_]+")


@pytest.mark.parametrize(
    ("known", "meant"),
    [
        (words.STATUSES, Status),
        (words.STATUSES_SAID, Status),
        (helps.STATUSES, Status),
        (words.ATTENTION, Attention),
        (helps.ATTENTION, Attention),
        (words.CARRIERS, Carrier),
        (words.CARRIERS_SAID, Carrier),
        (words.AUTHORITIES, Authority),
        (words.ACTIONS, Action),
        (helps.ACTIONS, Action),
        (words.DRAINS, Drain),
        (words.ANNOUNCERS, Announcer),
        (words.PAUSERS, (AUTOMATIC, OPERATOR, STORES_FILE)),
    ],
)
def test_every_word_of_the_domain_has_a_name(known: dict[str, str], meant: type[Status] | tuple[str, ...]) -> None:
    """A new member is named here, and in every language."""
    assert set(known) == set(meant)


def test_every_line_of_a_history_has_a_title() -> None:
    """Whatever the domain notes; a title that nothing needs any more is gone."""
    texts = {
        text
        for path in (_ROOT / "worker/domain").glob("*.py")
        for text in texts_in(_ROOT, f"worker/domain/{path.name}")
    }
    noted = {text for text in texts if _EVENT.fullmatch(text)} | {f"order.{status}" for status in Status}
    assert set(words.EVENTS) == noted
