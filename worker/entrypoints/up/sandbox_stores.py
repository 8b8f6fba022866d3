"""The stores of `coleta up --sandbox`: the doors through which each one's orders arrive, and their stores file."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Door = Literal[
    "native over HTTP",
    "native in the inbox",
    "Celery task",
    "connector push",
    "Orders hook",
    "Orders feed",
    "Pick and Pack webhook",
    "lost everywhere",
]
NATIVE: tuple[Door, ...] = ("native over HTTP", "native in the inbox", "Celery task")
"""Where the seller itself hands in what it invoiced; every store has these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxStore:
    """A store; `own_doors` are those that it has besides the native ones."""

    name: str
    own_doors: tuple[Door, ...]
    pick_and_pack: bool = False
    require_packed: bool = False

    @property
    def doors(self) -> tuple[Door, ...]:
        """Every door through which its orders can arrive."""
        return (*NATIVE, *self.own_doors)


SANDBOX_STORES = (
    # Neither the connector nor the webhook tells of an order before its first invoice: here one can stay unheard of.
    SandboxStore(
        name="sandbox-acme",
        own_doors=("connector push", "Pick and Pack webhook", "lost everywhere"),
        pick_and_pack=True,
    ),
    SandboxStore(name="sandbox-brava", own_doors=("Orders hook",)),
    SandboxStore(name="sandbox-carmo", own_doors=("Orders feed",), pick_and_pack=True, require_packed=True),
)

AFFILIATE = "BWW"
_SECRETS = "secrets"
_SKYHUB_AND_VTEX = """\
[stores.{name}.skyhub]
base_url = "{url}"
user_email = "ops@{name}.example"
api_key = "file:{secrets}/{name}.skyhub-api-key"
accountmanager_key = "file:{secrets}/{name}.skyhub-accountmanager-key"
[stores.{name}.vtex]
base_url = "{url}/vtex"
app_key = "file:{secrets}/{name}.vtex-app-key"
app_token = "file:{secrets}/{name}.vtex-app-token"
affiliate_id = "{affiliate}"
feed = {feed}
[stores.{name}.ingress]
token = "file:{secrets}/{name}.ingress-token"
"""
_PICK_AND_PACK = """\
[stores.{name}.pick_and_pack]
auth_url = "{url}/pick-and-pack/auth"
base_url = "{url}/pick-and-pack"
api_key = "file:{secrets}/{name}.pick-and-pack-api-key"
require_packed = {packed}
"""


def write_stores(file: Path, url: str) -> None:
    """Write a stores file whose stores have their accounts in the simulated world at `url`.

    Their secrets are new, each in a file of its own in a folder beside it; nobody else on the machine can read them.
    """
    folder = file.parent / _SECRETS
    folder.mkdir(mode=0o700)
    for store in SANDBOX_STORES:
        for kind in _secret_names(store):
            _write_privately(folder / f"{store.name}.{kind}", secrets.token_urlsafe(24))
    _write_privately(file, "".join(_tables(store, url) for store in SANDBOX_STORES))


def _secret_names(store: SandboxStore) -> Iterator[str]:
    yield from ("skyhub-api-key", "skyhub-accountmanager-key", "vtex-app-key", "vtex-app-token", "ingress-token")
    if store.pick_and_pack:
        yield "pick-and-pack-api-key"


def _tables(store: SandboxStore, url: str) -> str:
    tables = _SKYHUB_AND_VTEX + (_PICK_AND_PACK if store.pick_and_pack else "")
    return tables.format(
        name=store.name,
        url=url,
        affiliate=AFFILIATE,
        feed=_toml("Orders feed" in store.own_doors),
        packed=_toml(store.require_packed),
        secrets=_SECRETS,
    )


def _toml(value: bool) -> str:  # noqa: FBT001 - what is to be spelled
    return "true" if value else "false"


def _write_privately(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
