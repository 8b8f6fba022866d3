"""The service's own sentences and words, in one reader's language and zone."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache

from markupsafe import Markup, escape

from worker.entrypoints.web.pages import helps, words
from worker.entrypoints.web.pages.catalogue import TEMPLATES
from worker.entrypoints.web.pages.patterns import Grammar, Part, Sentence
from worker.entrypoints.web.pages.places import Kind, pieces

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
# As many as some pages of orders have; what was found in a text holds in every language.
_MOST_REMEMBERED = 4_096
_WORDS: Mapping[Kind, Mapping[str, str]] = {
    Kind.STATUS: words.STATUSES_SAID,
    Kind.CARRIER: words.CARRIERS_SAID,
    Kind.ANNOUNCER: words.ANNOUNCERS,
    Kind.SHIPPED: words.SHIPPED,
    Kind.TABLE: words.TABLES,
}


class Speech:
    """Says what the service says, to one reader.

    `gettext` translates a msgid, `moment` shows a time in the reader's zone. Nothing here raises, whatever an order
    holds: a text that is no sentence of the catalogue is shown as it is.
    """

    def __init__(self, gettext: Callable[[str], str], moment: Callable[[datetime], Markup]) -> None:
        self._gettext = gettext
        self._moment = moment

    # ---- sentences

    def say(self, sentence: str) -> Markup:
        """Return a sentence of the service, translated where it is known; everything foreign in it as it came."""
        known = _parsed(sentence)
        return self._said(known) if known is not None else self._foreign(sentence)

    def detail(self, event: str, detail: str) -> Markup:
        """Return the detail of a line of an order's history: an operator's words, and SKUs, are left as they are."""
        if event == "operator.set_carrier" or not event.startswith(("operator.", "invoice.", "order.packed")):
            return self.say(detail)
        number, colon, units = detail.rpartition(": ")
        if event.startswith("invoice.") and units == "names no items":
            return escape(number + colon) + self.say(units)
        return escape(detail)

    # ---- words; one that is not known here is shown as it is

    def status(self, status: str) -> str:
        """Return the name of an order's status."""
        return self._word(words.STATUSES, status)

    def status_help(self, status: str) -> str:
        """Return what a status means, "" of one that is not known."""
        return self._help(helps.STATUSES, status)

    def attention(self, reason: str) -> str:
        """Return the short name of what an operator should look at."""
        return self._word(words.ATTENTION, reason)

    def attention_help(self, reason: str) -> str:
        """Return what it means, and what to do about it; "" of one that is not known."""
        return self._help(helps.ATTENTION, reason)

    def event(self, event: str) -> str:
        """Return the title of a line of an order's history."""
        return self._word(words.EVENTS, event)

    def carrier(self, carrier: str) -> str:
        """Return the name of a carrier."""
        return self._word(words.CARRIERS, carrier)

    def authority(self, authority: str) -> str:
        """Return who said what the carrier is, as it follows the carrier's name."""
        return self._word(words.AUTHORITIES, authority)

    def action(self, action: str) -> str:
        """Return the name of what an operator may do."""
        return self._word(words.ACTIONS, action)

    def action_help(self, action: str) -> str:
        """Return what an action does; "" of one that is not known."""
        return self._help(helps.ACTIONS, action)

    def drain(self, drain: str) -> str:
        """Return the name of a kind of work."""
        return self._word(words.DRAINS, drain)

    def invoice_type(self, kind: str) -> str:
        """Return the name of an invoice's type, `Output` or `Input`."""
        return self._word(words.INVOICE_TYPES, kind)

    def paused_by(self, who: str) -> str:
        """Return who paused a store."""
        return self._word(words.PAUSERS, who)

    # ---- how

    def _word(self, known: Mapping[str, str], word: str) -> str:
        return self._gettext(known[word]) if word in known else str(word)

    def _help(self, known: Mapping[str, str], word: str) -> str:
        return self._gettext(known[word]) if word in known else ""

    def _said(self, sentence: Sentence) -> Markup:
        said = Markup()
        for text, place in pieces(self._gettext(sentence.template)):
            said += escape(text)
            if place in sentence.places:
                said += self._part(sentence.places[place])
        return said

    def _part(self, part: Part) -> Markup:
        if part.sentence is not None:
            return self._said(part.sentence)
        if part.kind in _WORDS:
            return escape(self._word(_WORDS[part.kind], part.text))
        match part.kind:
            case Kind.MOMENT:
                return self._time(part.text)
            case Kind.NUMBER:
                return escape(self._number(part.text))
            case Kind.STATUSES:
                named = (self._word(words.STATUSES_SAID, status) for status in part.text.split(" or "))
                return escape(self._gettext(words.OR).join(named))
            case Kind.ORDERS:
                return escape(self._orders(*part.text.split(" ")))
            case _:
                return escape(part.text)

    def _orders(self, number: str, noun: str) -> str:
        one, many = words.ORDERS_KEPT
        return self._gettext(many if noun.endswith("s") else one).replace("{number}", self._number(number))

    def _number(self, text: str) -> str:
        """Return a number of a sentence as the reader writes it."""
        there = self._gettext(words.NUMBER)
        return text.translate({ord(","): there[1], ord("."): there[-2]})

    def _foreign(self, text: str) -> Markup:
        """Return a text of others, with its times in the reader's zone."""
        said = Markup()
        for number, part in enumerate(_MOMENT.split(text)):
            said += self._time(part) if number % 2 else escape(part)
        return said

    def _time(self, text: str) -> Markup:
        try:
            return self._moment(datetime.fromisoformat(text))
        except (ValueError, OverflowError):  # a date of no calendar, or one that has no local time
            return escape(text)


@cache
def _grammar() -> Grammar:
    return Grammar(TEMPLATES)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _parsed(text: str) -> Sentence | None:
    return _grammar().parse(text)
