"""What was done, as an address says it behind `?done=`: a word of a fixed list, of which the page makes a sentence.

Who has done something is sent back to the page by a redirect: to load it again does nothing again.
"""

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from worker.domain.actions import Action
from worker.entrypoints.web.pages.marking import N_
from worker.entrypoints.web.pages.rendering import Page

# Digits of a number that an address may say.
_MOST_DIGITS = 9


class Done(StrEnum):
    """What was done to an order, to several orders or events, or to a store."""

    RELEASED = "released"
    REQUESTED_AGAIN = "requested-again"
    RETRIED = "retried"
    DISCARDED = "discarded"
    CARRIER_SET = "carrier-set"
    RESENT = "resent"
    FORGOTTEN = "forgotten"
    PAUSED = "paused"
    RESUMED = "resumed"
    RECONCILING = "reconciling"
    NOTHING = "nothing"  # it was so before


OF_ACTION: Mapping[Action, Done] = {
    Action.RELEASE: Done.RELEASED,
    Action.REQUEST_AGAIN: Done.REQUESTED_AGAIN,
    Action.RETRY: Done.RETRIED,
    Action.DISCARD: Done.DISCARDED,
    Action.SET_CARRIER: Done.CARRIER_SET,
}
_SENTENCES: Mapping[Done, str] = {
    Done.RELEASED: N_("The order is released."),
    Done.REQUESTED_AGAIN: N_("The pickup is requested again."),
    Done.RETRIED: N_("The order was evaluated anew."),
    Done.DISCARDED: N_("The order was discarded."),
    Done.CARRIER_SET: N_("The carrier was corrected."),
    Done.PAUSED: N_("The calls to SkyHub are paused."),
    Done.RESUMED: N_("The calls to SkyHub go on."),
    Done.RECONCILING: N_("SkyHub's list is being compared; what is found appears here."),
    Done.NOTHING: N_("Nothing was changed: it was so before."),
}


def back_to(address: str, done: Done, number: int | None = None, *, left: bool = False) -> Response:
    """Send a person back to a page that says what was done; `number` of how many, `left`: there was no time for all."""
    said = {"done": done, "number": number, "left": "1" if left else None}
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return RedirectResponse(f"{address}?{query}", 303)


def said_by(query: QueryParams, page: Page) -> str:
    """Return the sentence on what an address says was done, "" where it says nothing."""
    try:
        done = Done(query.get("done", ""))
    except ValueError:
        return ""
    number = query.get("number", "")
    if number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS:
        return counted(page, done, int(number), left=query.get("left") == "1")
    return str(page.words.gettext(_SENTENCES[done])) if done in _SENTENCES else ""


def counted(page: Page, done: Done, number: int, *, left: bool = False) -> str:
    """Say what was done to so many; `left`: there was no time for all."""
    words = page.words.ngettext
    match done:
        case Done.RETRIED:
            said = words("%(number)s order was evaluated anew.", "%(number)s orders were evaluated anew.", number)
        case Done.DISCARDED:
            said = words("%(number)s order was discarded.", "%(number)s orders were discarded.", number)
        case Done.RESENT:
            said = words("%(number)s event was handed in again.", "%(number)s events were handed in again.", number)
        case Done.FORGOTTEN:
            said = words("%(number)s event was discarded.", "%(number)s events were discarded.", number)
        case _:
            return ""
    text = str(said % {"number": page.number(number)})
    return f"{text} {page.words.gettext('There was no time for the others: repeat it.')}" if left else text
