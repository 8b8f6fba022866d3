"""The stores of `coleta up --sandbox`: the doors through which each one's orders arrive, and their stores file."""

import secrets
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from worker.sandbox.deployment import SecretKind, SimulatedStore

NativeDoor = Literal["native over HTTP", "native in the inbox", "Celery task"]
Door = NativeDoor | Literal["connector push", "Orders hook", "Orders feed", "Pick and Pack webhook", "lost everywhere"]
NATIVE: tuple[NativeDoor, ...] = ("native over HTTP", "native in the inbox", "Celery task")
"""Where the seller itself hands in what it invoiced; every store has these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxStore(SimulatedStore):
    """A store; `own_doors` are those through which its orders can arrive besides the native ones."""

    own_doors: tuple[Door, ...]
    doors: bool = True
    vtex: bool = True

    @property
    def all_doors(self) -> tuple[Door, ...]:
        """Every door through which its orders can arrive."""
        return (*NATIVE, *self.own_doors)


SANDBOX_STORES = (
    # Neither the connector nor the webhook tells of an order before its first invoice: here one can stay unheard of.
    SandboxStore(
        name="sandbox-acme",
        own_doors=("connector push", "Pick and Pack webhook", "lost everywhere"),
        pick_and_pack=True,
        tells=frozenset({"connector", "webhook"}),
    ),
    SandboxStore(name="sandbox-brava", own_doors=("Orders hook",), tells=frozenset({"hook"})),
    SandboxStore(
        name="sandbox-carmo",
        own_doors=("Orders feed",),
        pick_and_pack=True,
        require_packed=True,
        tells=frozenset({"feed", "webhook"}),
    ),
)


def write_stores(file: Path, url: str) -> None:
    """Write a stores file whose stores have their accounts in the simulated world at `url`.

    Their secrets are new, each in a file of its own in a folder beside it; nobody else on the machine can read them.
    """
    folder = file.parent / "secrets"
    folder.mkdir(mode=0o700)
    tables = [store.tables(url, partial(_new_secret, folder, store.name)) for store in SANDBOX_STORES]
    _write_privately(file, "".join(tables))


def _new_secret(folder: Path, store: str, kind: SecretKind) -> str:
    """Keep a new secret, and return where the stores file finds it."""
    path = folder / f"{store}.{kind}"
    _write_privately(path, secrets.token_urlsafe(24))
    return f"file:{folder.name}/{path.name}"


def _write_privately(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
