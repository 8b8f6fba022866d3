"""The names of one order, and how any of them leads to its ledger id.

| name | example | who uses it |
|---|---|---|
| SkyHub code | `Lojas Americanas-1517940500554-01` | SkyHub's orders |
| marketplace id | `Lojas_Americanas-1517940500554-01` | VTEX `marketplaceOrderId` |
| VTEX order id | `BWW-Lojas_Americanas-1517940500554-01` | VTEX `orderId`: affiliate, then marketplace id |
| remote code | `1517940500554` or `1517940500554-01` | SkyHub's lists and confirmations |

Source: contracts/skyhub.md, "Order codes"; contracts/vtex-oms.md, "GET order".
"""

import re
from dataclasses import dataclass

# VTEX affiliate ids are three capital letters or digits.
_AFFILIATE = re.compile(r"(?P<affiliate>[A-Z][A-Z0-9]{2})-(?P<rest>.+)")
# A site starts with a letter and has no digits (VTEX's own ids, `v502556llux-01`, do); what follows the first "-" is
# B2W's number, perhaps with a delivery suffix.
_MARKETPLACE = re.compile(r"(?P<site>[^\W\d_][^-\d]*)-(?P<number>\d.*)")
_DELIVERY_SUFFIX = re.compile(r"-\d{1,3}$")


@dataclass(frozen=True, slots=True)
class LedgerId:
    """The one id of an order in the ledger."""

    value: str


@dataclass(frozen=True, slots=True)
class BareCode:
    """A remote code alone, or no form that is known: only the ledger can tell which order it names."""

    value: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """An order of another affiliate or channel: not this service's business."""

    value: str


OrderRef = LedgerId | BareCode | Foreign


def identify(name: str, affiliate: str | None) -> OrderRef:
    """Bring any form of an order's name to its ledger id, for a store with this VTEX affiliate id (or none)."""
    name = _underscored(name)
    if affiliate:
        if name.startswith(f"{affiliate}-"):
            return LedgerId(name)
        if _is_foreign(name):
            return Foreign(name)
        return LedgerId(f"{affiliate}-{name}") if _MARKETPLACE.fullmatch(name) else BareCode(name)
    with_affiliate = _AFFILIATE.fullmatch(name)
    if with_affiliate and _MARKETPLACE.fullmatch(with_affiliate["rest"]):
        return LedgerId(with_affiliate["rest"])
    return BareCode(name) if is_siteless(name) else LedgerId(name)


def identify_announced(name: str, affiliate: str | None) -> LedgerId | Foreign:
    """Bring the VTEX order id of a hook, the feed or Pick and Pack to its ledger id.

    These tell of every order of the VTEX account: what is not a marketplace order of this affiliate is another
    channel's. Without an affiliate only an id that holds B2W's form of a code is taken.
    """
    name = _underscored(name)
    if affiliate:
        ref = identify(name, affiliate)
        return ref if isinstance(ref, LedgerId) else Foreign(name)
    ref = identify(name, None)
    ours = isinstance(ref, LedgerId) and _MARKETPLACE.fullmatch(ref.value) and not _is_foreign(ref.value)
    return LedgerId(ref.value) if ours else Foreign(name)


def is_siteless(name: str) -> bool:
    """Whether a name is B2W's number alone: SkyHub, which spells the site too, cannot be asked by it."""
    return name[:1].isdigit()


def skyhub_code(ledger_id: str, affiliate: str | None) -> str:
    """Spell the order as SkyHub does: no affiliate, spaces in the site."""
    site, dash, number = _marketplace_id(ledger_id, affiliate).partition("-")
    return site.replace("_", " ") + dash + number


def remote_codes(ledger_id: str, affiliate: str | None) -> tuple[str, ...]:
    """Return the remote codes the order may have, the likeliest first.

    The number is what follows the FIRST "-" after a site, or all of an id without a site; whether the lists keep a
    delivery suffix ("-01") is not documented.
    """
    marketplace_id = _marketplace_id(ledger_id, affiliate)
    with_site = _MARKETPLACE.fullmatch(marketplace_id)
    number = with_site["number"] if with_site else marketplace_id
    bare = _DELIVERY_SUFFIX.sub("", number)
    return (number,) if bare == number else (number, bare)


def _marketplace_id(ledger_id: str, affiliate: str | None) -> str:
    return ledger_id.removeprefix(f"{affiliate}-") if affiliate else ledger_id


def _underscored(name: str) -> str:
    """Return the name without space around it, and with "_" for each space within."""
    return "_".join(name.split())


def _is_foreign(name: str) -> bool:
    """Tell `XDE-1253881550433-01` (another affiliate) from `Submarino-1253881550433`."""
    return _AFFILIATE.fullmatch(name) is not None
