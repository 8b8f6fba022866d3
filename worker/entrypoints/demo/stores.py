"""The stores of the demo: what each has besides SkyHub, and the stores file that says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from worker.sandbox.skyhub.account import Credentials

AFFILIATE = "BWW"

Teller = Literal["connector", "hook", "feed", "webhook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VtexStore:
    """A store's account at VTEX, with the only ways by which it tells the service what happens to its orders.

    Where the webhook is one of them, the store has Pick and Pack; `require_packed` as in the stores file.
    """

    tells_by: frozenset[Teller]
    require_packed: bool = False

    @property
    def has_pick_and_pack(self) -> bool:
        """Whether the store has an account at Pick and Pack."""
        return "webhook" in self.tells_by


VTEX_STORES: Mapping[str, VtexStore] = {
    "fluvial": VtexStore(tells_by=frozenset({"connector"})),
    "garoa": VtexStore(tells_by=frozenset({"hook"})),
    "horizonte": VtexStore(tells_by=frozenset({"feed"})),
    "ipanema": VtexStore(tells_by=frozenset({"webhook"})),
    "jangada": VtexStore(tells_by=frozenset({"connector", "webhook"}), require_packed=True),
    "lagoa": VtexStore(tells_by=frozenset({"connector", "hook", "feed"})),
}
"""The stores that have an account at VTEX; every other store has none, and its producers tell of its orders."""

_SKYHUB_AND_DOORS = """\
[stores.{store}.skyhub]
base_url = "{base_url}"
user_email = "{user_email}"
api_key = "env:{secret}"
accountmanager_key = "env:{secret}"
[stores.{store}.ingress]
token = "env:{secret}"
"""
_VTEX = """\
[stores.{store}.vtex]
base_url = "{base_url}/vtex"
app_key = "env:{secret}"
app_token = "env:{secret}"
affiliate_id = "{affiliate}"
feed = {feed}
"""
_PICK_AND_PACK = """\
[stores.{store}.pick_and_pack]
auth_url = "{base_url}/pick-and-pack/auth"
base_url = "{base_url}/pick-and-pack"
api_key = "env:{secret}"
require_packed = {require_packed}
"""


def secret(store: str) -> str:
    """Return what a store shows wherever it must show something, and what its doors ask for."""
    return f"opens-nothing-but-the-demo-of-{store}"


def account(store: str) -> Credentials:
    """Return the store's account at the simulated SkyHub."""
    key = secret(store)
    return Credentials(user_email=f"ops@{store}.example", api_key=key, accountmanager_key=key)


def secrets(stores: Iterable[str]) -> dict[str, str]:
    """Return the variables that the stores file names."""
    return {_variable(store): secret(store) for store in stores}


def stores_file(stores: Iterable[str], base_url: str) -> str:
    """Return the stores file of these stores, whose calls all go to the simulated services at `base_url`."""
    return "".join(_tables(store, base_url) for store in stores)


def _tables(store: str, base_url: str) -> str:
    vtex = VTEX_STORES.get(store)
    tables = _SKYHUB_AND_DOORS
    if vtex is not None:
        tables += _VTEX + (_PICK_AND_PACK if vtex.has_pick_and_pack else "")
    return tables.format(
        store=store,
        base_url=base_url,
        user_email=account(store).user_email,
        secret=_variable(store),
        affiliate=AFFILIATE,
        feed=_toml(vtex is not None and "feed" in vtex.tells_by),
        require_packed=_toml(vtex is not None and vtex.require_packed),
    )


def _variable(store: str) -> str:
    return f"DEMO_{store.upper()}"


def _toml(value: bool) -> str:  # noqa: FBT001 - a value like any other
    return str(value).lower()
