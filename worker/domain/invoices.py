"""Invoices of one order: which bodies are the same invoice, and which version of it counts.

The law (design, "Counting"):
- Two bodies are one invoice if their number or their non-null key matches. An invoice replaces, it never adds.
- A body that names items outranks one that names none; a pushed body outranks the OMS snapshot's copy; then the newer
  `occurred_at` wins; at equal dates the one with fewer units.
- A body without a date replaces only if its items differ from every version already kept of that invoice, or if it was
  pushed and only a snapshot's copy counts so far.
- `Input` (a return) is kept beside the others and never counted.

Between dated bodies the winner is the greatest of a total order, so the order of arrival cannot matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from hashlib import blake2s

Items = Mapping[str, int]


class Source(IntEnum):
    """Where a body came from; a later member outranks an earlier one when it names items."""

    SNAPSHOT = 0
    PUSHED = 1


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was kept once: its date (epoch ms, None = undated), its source and a fingerprint of its items."""

    dated_at: int | None
    source: Source
    items: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One invoice as it counts now. `items` maps SKU to units; dates are epoch milliseconds, `None` = not said."""

    number: str
    key: str | None = None
    output: bool = True
    items: Items
    issued_at: int | None = None
    dated_at: int | None = None
    source: Source = Source.PUSHED
    aliases: frozenset[str] = frozenset()
    replaced: tuple[Version, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every number and key this invoice was seen under."""
        return self.aliases | _names(self.number, self.key)

    @property
    def versions(self) -> tuple[Version, ...]:
        """The current version and those it replaced."""
        return (Version(self.dated_at, self.source, _fingerprint(self.items)), *self.replaced)


def add(invoices: tuple[Invoice, ...], body: Invoice) -> tuple[Invoice, ...]:
    """Return the invoices after `body` was heard; the same tuple if it says nothing new."""
    same = [known for known in invoices if known.output == body.output and known.names & body.names]
    if not same:
        return (*invoices, body)
    winner = same[0]
    for other in (*same[1:], body):
        winner = _merge(winner, other)
    if len(same) == 1 and winner == same[0]:
        return invoices
    return tuple(winner if known is same[0] else known for known in invoices if known not in same[1:])


def counted(invoices: Iterable[Invoice]) -> dict[str, int]:
    """Sum the units of all outgoing invoices by SKU."""
    total: dict[str, int] = {}
    for invoice in invoices:
        if invoice.output:
            for sku, units in invoice.items.items():
                total[sku] = total.get(sku, 0) + units
    return total


def _merge(known: Invoice, body: Invoice) -> Invoice:
    winner, loser = (body, known) if _replaces(body, known) else (known, body)
    # An undated correction stands where the version it corrects stood.
    dated_at = winner.dated_at if winner.dated_at is not None else known.dated_at
    key = winner.key if winner.key is not None else loser.key
    return replace(
        winner,
        key=key,
        dated_at=dated_at,
        issued_at=winner.issued_at if winner.issued_at is not None else loser.issued_at,
        aliases=(known.names | body.names) - _names(winner.number, key),
        replaced=_replaced(winner, {*known.versions, *body.versions}),
    )


def _replaced(winner: Invoice, heard: set[Version]) -> tuple[Version, ...]:
    """Keep of each other content only its newest date: an invoice that is read again and again stays small."""
    newest = {(version.source, version.items): version for version in sorted(heard, key=_version_order)}
    standing = (winner.source, _fingerprint(winner.items))
    return tuple(sorted((newest[content] for content in newest if content != standing), key=_version_order))


def _replaces(body: Invoice, known: Invoice) -> bool:
    version = Version(body.dated_at, body.source, _fingerprint(body.items))
    if body.dated_at is None:
        heard = any(kept.items == version.items for kept in known.versions)
        return bool(body.items) and (body.source > known.source or not heard)
    if version in known.replaced:
        return False  # Matters after an undated correction: what it corrected must not come back as a repeat.
    return _rank(body) > _rank(known)


def _rank(invoice: Invoice) -> tuple[bool, int, int, int, str, int, str]:
    source = invoice.source
    named = bool(invoice.items)
    date = invoice.dated_at if invoice.dated_at is not None else -1
    units = sum(invoice.items.values())
    return (named, source if named else 0, date, -units, _fingerprint(invoice.items), source, invoice.number)


def _names(number: str, key: str | None) -> frozenset[str]:
    return frozenset((f"number:{number}", f"key:{key}") if key else (f"number:{number}",))


def _version_order(version: Version) -> tuple[int, Source, str]:
    return (version.dated_at if version.dated_at is not None else -1, version.source, version.items)


def _fingerprint(items: Items) -> str:
    text = "\x1f".join(f"{sku}\x1e{units}" for sku, units in sorted(items.items()))
    return blake2s(text.encode(), digest_size=6).hexdigest()
