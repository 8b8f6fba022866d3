"""What a real account answers to the open questions of contracts/skyhub.md, from a few pages that were read.

Pure. A question that reading cannot answer is named as well, so that nobody takes silence for an answer.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from worker.adapters.skyhub import OrderShape
from worker.domain.codes import is_siteless
from worker.domain.facts import SkyHubStatus
from worker.entrypoints.doctor.findings import Check

PAGE_ROWS = 20
_SUFFIX = re.compile(r"-\d{1,3}$")
_KNOWN_STATUSES = {*SkyHubStatus, "CANCELLED"} - {SkyHubStatus.UNKNOWN}
_DIRECT, _CORREIOS = "b2wentregadirect", "b2wentregacorreios"
_KNOWN_CARRIERS = {_DIRECT, _CORREIOS, ""}
_TOO_FEW = "not seen: too few orders are listed"

NOT_BY_READING = (
    "how many codes a confirmation may hold",
    "what becomes of the rest when one code of a confirmation is bad",
    "what a confirmation answers, and what a second one of the same order",
    "what a confirmation of a Correios order, or of one without a label, answers",
    "whether an order is listed again after its label list was ungrouped",
)
"""Only confirming could tell, and this never confirms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Pages of the two lists as they were read, None: not read; `zero` is page 0 of the open list, () if refused."""

    open: tuple[tuple[str, ...], ...] = ()
    taken: tuple[tuple[str, ...], ...] = ()
    zero: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """A 429 that was met, by this reading or lately by the service: what it said."""

    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that was read of an account."""

    pages: Pages
    shapes: Sequence[OrderShape] = ()
    throttled: Sequence[Throttled] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what was seen; `check` is what follows of it for the service, None: as it expects, or unknown."""

    question: str
    said: str
    check: Check | None = None


def answers(seen: Seen) -> list[Answer]:
    """Return an answer to each question that reading can answer, "not seen" where this account did not show it."""
    return [
        _codes(seen.pages),
        _suffix(seen.shapes),
        _page_size(seen.pages),
        _first_page(seen.pages),
        _page_step(seen.pages),
        _overlap(seen.pages),
        _remote_codes(seen.shapes),
        _statuses(seen.shapes),
        _carriers(seen.shapes),
        _listed_carriers(seen),
        _status_when_requested(seen),
        _throttling(seen.throttled),
    ]


def _codes(pages: Pages) -> Answer:
    question = "do the lists spell codes without the channel's prefix?"
    codes = [code for page in (*pages.open, *pages.taken) for code in page]
    prefixed = [code for code in codes if not is_siteless(code)]
    if prefixed:
        said = f"no: {len(prefixed)} of {len(codes)} have one, for instance {prefixed[0]!r}"
        return Answer(question, said, Check.SKYHUB_CODES_PREFIXED)
    return Answer(question, f"yes, all that were read ({len(codes)})" if codes else _TOO_FEW)


def _suffix(shapes: Sequence[OrderShape]) -> Answer:
    """Whether `-01` at the end of a code is part of its remote code."""
    found = Counter(
        "kept" if _SUFFIX.search(shape.remote_code) else "dropped"
        for shape in shapes
        if shape.remote_code and _SUFFIX.search(shape.code.partition("-")[2])
    )
    said = ", ".join(f"{how} in {count}" for how, count in sorted(found.items()))
    return Answer("does a remote code keep a suffix like -01?", said or "not seen: no order has such a code")


def _page_size(pages: Pages) -> Answer:
    question = f"does a page hold {PAGE_ROWS} orders?"
    rows = {len(first) for first, second in (_first_two(pages.open), _first_two(pages.taken)) if second}
    longest = max((len(page) for page in (*pages.open, *pages.taken)), default=0)
    rows = rows or ({longest} if longest > PAGE_ROWS else set())
    if not rows:
        return Answer(question, f"not seen: all orders fit on the first page ({longest})")
    said = f"a full page holds {', '.join(map(str, sorted(rows)))}"
    return Answer(question, said, None if rows == {PAGE_ROWS} else Check.SKYHUB_PAGE_SIZE)


def _first_page(pages: Pages) -> Answer:
    question = "is 1 the number of the first page?"
    first, _ = _first_two(pages.open)
    if pages.zero is None or not first:
        return Answer(question, _TOO_FEW)
    if not pages.zero:
        return Answer(question, "yes: page 0 is empty or refused")
    if set(pages.zero) & set(first):
        return Answer(question, "yes: page 0 holds the same orders as page 1")
    return Answer(question, "no: page 0 holds other orders than page 1", Check.SKYHUB_PAGES_SHIFTED)


def _page_step(pages: Pages) -> Answer:
    """Whether `offset` counts pages, not rows: two pages in a row then share no more than an order that moved."""
    question = "does `offset` count pages, not orders?"
    read = [pair for pair in (_first_two(pages.open), _first_two(pages.taken)) if len(pair[0]) > 1 and pair[1]]
    if not read:
        return Answer(question, _TOO_FEW)
    shared = max(len(set(first) & set(second)) for first, second in read)
    if any(len(set(first) & set(second)) >= len(first) / 2 for first, second in read):
        return Answer(question, f"no: pages 1 and 2 share {shared} orders", Check.SKYHUB_PAGES_SHIFTED)
    return Answer(question, "yes")


def _overlap(pages: Pages) -> Answer:
    question = "can an order stand in both lists?"
    opened = {code for page in pages.open for code in page}
    taken = {code for page in pages.taken for code in page}
    if not opened or not taken:
        return Answer(question, _TOO_FEW)
    both = opened & taken
    return Answer(
        question, f"yes: {len(both)} of those that were read do" if both else "none of those that were read do"
    )


def _remote_codes(shapes: Sequence[OrderShape]) -> Answer:
    question = "do orders name their remote code?"
    without = [shape.code for shape in shapes if not shape.remote_code]
    if without:
        said = f"{len(without)} of {len(shapes)} do not, for instance {without[0]!r}"
        return Answer(question, said, Check.SKYHUB_NO_REMOTE_CODE)
    return Answer(question, f"all that were read do ({len(shapes)})" if shapes else "not seen: no order was read")


def _statuses(shapes: Sequence[OrderShape]) -> Answer:
    question = "which status types are there?"
    types = Counter(shape.status_type for shape in shapes)
    unknown = [kind for kind in types if kind.upper() not in _KNOWN_STATUSES]
    return Answer(question, _listed(types), Check.SKYHUB_UNKNOWN_STATUS if unknown else None)


def _carriers(shapes: Sequence[OrderShape]) -> Answer:
    question = "which calculation types are there?"
    types = Counter(shape.calculation_type for shape in shapes)
    unknown = [kind for kind in types if kind.casefold() not in _KNOWN_CARRIERS]
    return Answer(question, _listed(types), Check.SKYHUB_UNKNOWN_CARRIER if unknown else None)


def _listed_carriers(seen: Seen) -> Answer:
    question = "are all orders that are listed for pickup Direct's?"
    opened = {code for page in seen.pages.open for code in page}
    known = [shape for shape in seen.shapes if opened & _names(shape)]
    others = [shape for shape in known if shape.calculation_type.casefold() != _DIRECT]
    if others:
        said = f"no: {others[0].code!r} has {others[0].calculation_type!r}"
        return Answer(question, said, Check.SKYHUB_NOT_DIRECT)
    return Answer(question, f"yes, all that were found among the orders ({len(known)})" if known else _TOO_FEW)


def _status_when_requested(seen: Seen) -> Answer:
    taken = {code for page in seen.pages.taken for code in page}
    types = Counter(shape.status_type for shape in seen.shapes if taken & _names(shape))
    return Answer("which status does an order have once its pickup is requested?", _listed(types))


def _throttling(throttled: Sequence[Throttled]) -> Answer:
    said = throttled[0].said if throttled else "not seen: none was met (it is never provoked)"
    return Answer("what does a 429 say?", said)


def _names(shape: OrderShape) -> set[str]:
    """Return the codes by which a list may name an order."""
    number = shape.code.partition("-")[2]
    return {name for name in (shape.remote_code, number, _SUFFIX.sub("", number)) if name}


def _first_two(pages: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    first, second, *_ = (*pages, (), ())
    return first, second


def _listed(types: "Counter[str]") -> str:
    said = ", ".join(f"{kind or '(none)'} {count}" for kind, count in sorted(types.items()))
    return said or "not seen: no such order was read"
