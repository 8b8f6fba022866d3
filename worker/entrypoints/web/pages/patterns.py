"""Which template a sentence of the service was made of, and what stands in its places.

An order keeps its reasons as English sentences. Each was made of a template of the catalogue; found again, it can be
said in another language. A place holds what its name tells: a time, a number, a word of the domain, a clause (itself a
sentence of the catalogue, or the template is another one), a reason (a sentence where it is one) or foreign text.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from worker.entrypoints.web.pages.places import PLACE, PLACES, Kind, pattern_of

JOINED = "{first}; {more}"
"""Two sentences in one. No catalogue holds it: it reads alike in every language."""

# What is longer than any sentence of ours, or has more parts, is foreign.
_MOST_CHARACTERS = 1_000
_MOST_PARTS = 100
_MOST_SPLITS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in a place; `sentence` is there where it is one of the catalogue."""

    kind: Kind
    text: str
    sentence: "Sentence | None" = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template, and what stands in its places."""

    template: str
    places: Mapping[str, Part]


@dataclass(frozen=True)
class _Pattern:
    template: str

    @cached_property
    def prefix(self) -> str:
        """What every sentence of it begins with."""
        return PLACE.split(self.template)[0]

    @cached_property
    def weight(self) -> int:
        """How much of it is its own: of two that match, the one that says more is meant."""
        return len(PLACE.sub("", self.template))

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """What it looks like."""
        parts = [
            f"(?P<{part}>{pattern_of(part)})" if number % 2 else re.escape(part)
            for number, part in enumerate(PLACE.split(self.template))
        ]
        return re.compile("".join(parts), re.DOTALL)


class Grammar:
    """The templates of a catalogue, ready to be found."""

    def __init__(self, templates: Iterable[str]) -> None:
        patterns = [_Pattern(template) for template in templates]
        self._whole = {pattern.template for pattern in patterns if not PLACE.search(pattern.template)}
        self._patterns = sorted(
            (pattern for pattern in patterns if pattern.template not in self._whole),
            key=lambda pattern: -pattern.weight,
        )

    def parse(self, text: str) -> Sentence | None:
        """Return what a text was made of, None where it is no sentence of the catalogue."""
        return _Reading(self._whole, self._patterns).sentence(text) if len(text) <= _MOST_CHARACTERS else None


class _Reading:
    """One text on its way to a sentence. Others write parts of it, so that it is bounded how long it is looked at."""

    def __init__(self, whole: Collection[str], patterns: Sequence[_Pattern]) -> None:
        self._whole = whole
        self._patterns = patterns
        self._known: dict[str, Sentence | None] = {}

    def sentence(self, text: str) -> Sentence | None:
        """Return what a text, or a part of one, was made of."""
        if text in self._known:
            return self._known[text]
        if len(self._known) >= _MOST_PARTS:
            return None
        self._known[text] = Sentence(text, {}) if text in self._whole else None
        if text not in self._whole:
            self._known[text] = self._of_a_pattern(text) or self._joined(text)
        return self._known[text]

    def _of_a_pattern(self, text: str) -> Sentence | None:
        for pattern in self._patterns:
            match = pattern.expression.fullmatch(text) if text.startswith(pattern.prefix) else None
            places = self._places(match.groupdict()) if match is not None else None
            if places is not None:
                return Sentence(pattern.template, places)
        return None

    def _places(self, held: Mapping[str, str]) -> dict[str, Part] | None:
        """Return what stands in each place, None where a clause is none."""
        places: dict[str, Part] = {}
        for name, text in held.items():
            kind = PLACES[name]
            sentence = self.sentence(text) if kind in (Kind.CLAUSE, Kind.REASON) else None
            if kind is Kind.CLAUSE and sentence is None and text:
                return None
            places[name] = Part(kind, text, sentence)
        return places

    def _joined(self, text: str) -> Sentence | None:
        for first, more in _splits(text):
            head = self.sentence(first)
            tail = self.sentence(more) if head is not None else None
            if tail is not None:
                places = {"first": Part(Kind.CLAUSE, first, head), "more": Part(Kind.CLAUSE, more, tail)}
                return Sentence(JOINED, places)
        return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    start = 0
    for _ in range(_MOST_SPLITS):
        at = text.find("; ", start)
        if at < 0:
            return
        yield text[:at], text[at + 2 :]
        start = at + 2
