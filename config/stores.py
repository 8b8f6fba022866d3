"""The sellers that this deployment serves, read from the stores file (TOML)."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, StrictBool, TypeAdapter, ValidationError

from config.private_files import exposed, open_to_change
from config.problems import ProblemsError
from config.settings import EASILY_GUESSED, PASSWORD_CHARACTERS, admin_password, variable
from config.store_fields import BaseUrl, OrderPath, Reading, Secret, Text, UrlPath, is_reference
from config.store_problems import sentence, suggestion

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_RESERVED = frozenset({"_", ".", ".."})  # `_` keeps the events of unknown stores; no URL can carry the dots
_TOKEN_CHARACTERS = 16
_CLOSED = ConfigDict(extra="forbid")


class StoresError(ProblemsError):
    """The stores file cannot be used: for each problem the file, the place in it, what was found, how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyHubAccount:
    """A store's account at SkyHub, and where its calls go: the defaults are the contract's."""

    __pydantic_config__ = _CLOSED

    base_url: BaseUrl = "https://api.skyhub.com.br"
    user_email: Text
    api_key: Secret = field(repr=False)
    accountmanager_key: Secret = field(repr=False)
    collectables_path: UrlPath = "/shipments/b2w/collectables"
    confirm_path: UrlPath = "/shipments/b2w/confirm_collection"
    order_path: OrderPath = "/orders/{code}"
    orders_path: UrlPath = "/orders"
    codes_field: Text = "order_codes"  # the key of the codes in a confirmation's body


@dataclass(frozen=True, slots=True, kw_only=True)
class VtexAccount:
    """A store's VTEX account: its OMS says what an order holds; `feed`: its changes are polled, too."""

    __pydantic_config__ = _CLOSED

    base_url: BaseUrl
    app_key: Secret = field(repr=False)
    app_token: Secret = field(repr=False)
    affiliate_id: Text | None = None
    feed: StrictBool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PickAndPackAccount:
    """A store's VTEX Pick and Pack; `require_packed`: a due order is held until its box is packed."""

    __pydantic_config__ = _CLOSED

    auth_url: BaseUrl = "https://auth.pickingnpacking.com/prod"
    base_url: BaseUrl = "https://legacy.pickingnpacking.com/prod"
    api_key: Secret = field(repr=False)
    require_packed: StrictBool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingress:
    """Who may hand in a store's events over HTTP, and who may open its pages (None: only the administrator)."""

    __pydantic_config__ = _CLOSED

    token: Secret = field(repr=False)
    pages_password: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One seller. Without `coleta` its orders are skipped; without an ingress no door over HTTP is open for it."""

    __pydantic_config__ = _CLOSED

    name: str
    coleta: StrictBool = True
    skyhub: SkyHubAccount
    vtex: VtexAccount | None = None
    pick_and_pack: PickAndPackAccount | None = None
    ingress: Ingress | None = None


@dataclass(frozen=True, slots=True)
class Stores(Mapping[str, Store]):
    """The stores by name; `warnings` are sentences about what works but should be changed, `files` hold secrets."""

    by_name: Mapping[str, Store]
    warnings: tuple[str, ...] = ()
    files: frozenset[Path] = frozenset()

    def __getitem__(self, name: str) -> Store:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)


_TABLES = {"skyhub": SkyHubAccount, "vtex": VtexAccount, "pick_and_pack": PickAndPackAccount, "ingress": Ingress}
_KEYS = {table: [key.name for key in fields(kind)] for table, kind in _TABLES.items()}
_KEYS[""] = [key.name for key in fields(Store) if key.name != "name"]
_SECRETS = {key.name for kind in _TABLES.values() for key in fields(kind) if not key.repr}
_STORE = TypeAdapter(Store)


def load_stores(path: Path, environ: Mapping[str, str]) -> Stores:
    """Return the stores of a file; `env:NAME` secrets come from `environ`, relative `file:` ones from beside the file.

    Raises `StoresError` with everything that is wrong, never with a secret: no store may have the administrator's
    password in `environ`, for instance.
    """
    stores: dict[str, Store] = {}
    problems: list[str] = []
    warnings: list[str] = []
    written_out: list[str] = []
    reading = Reading(environ, path.parent)
    for name, table in _tables(path).items():
        try:
            stores[name] = _store(name, table, reading)
        except StoresError as error:
            problems += error.problems
        else:
            store = stores[name]
            written_out += _written_out(f"stores.{name}", table)
            warnings += _easily_guessed(store)
    problems += _shared(stores.values(), admin_password(environ))
    if problems:
        raise StoresError([f"{path}: {problem}" for problem in problems])
    said = [f"{path}: {warning}" for warning in (*written_out, *warnings)]
    own = exposed(path) if written_out else open_to_change(path)
    modes = [own, *map(exposed, sorted(reading.files))]
    return Stores(stores, (*said, *filter(None, modes)), frozenset(reading.files))


def _tables(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        mend = "copy config/stores.example.toml there and fill it in, or name another file in COLETA_STORES_FILE"
        raise StoresError([f"{path} does not exist; {mend}"]) from None
    except OSError as error:
        raise StoresError([f"{path} cannot be read ({error.strerror}); mend its owner and mode"]) from None
    except ValueError as error:
        raise StoresError([f"{path} is not TOML in UTF-8: {error}"]) from None
    problems = [f"{path}: {key} is not known{suggestion(key, ['stores'])}" for key in document if key != "stores"]
    tables: dict[str, Any] | Any = document.get("stores")
    if not isinstance(tables, dict) or not tables:
        problems.append(f"{path}: it holds no store; add one as config/stores.example.toml shows")
    if problems:
        raise StoresError(problems)
    return tables


def _store(name: str, table: object, reading: Reading) -> Store:
    problems = []
    if not _NAME.fullmatch(name) or name in _RESERVED:
        problems.append(f"stores.{name}: a store's name is made of A-Z a-z 0-9 . _ - (not just _ or dots); rename it")
    if not isinstance(table, dict):
        raise StoresError([*problems, f"stores.{name} must be a table, [stores.{name}]"])
    if "name" in table:
        problems.append(f"stores.{name}.name is not known; the name is the table's own")
    try:
        store = _STORE.validate_python({**table, "name": name}, context=reading)
    except ValidationError as error:
        problems += [sentence(name, detail, _KEYS, _SECRETS) for detail in error.errors()]
        raise StoresError(problems) from None  # the library's own text has the secrets
    if problems:
        raise StoresError(problems)
    return store


def _written_out(place: str, table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _written_out(f"{place}.{key}", value)
        elif key in _SECRETS and not is_reference(value):
            yield f'{place}.{key} is written out in the file; better "env:NAME" or "file:/path"'


def _easily_guessed(store: Store) -> Iterator[str]:
    if store.ingress is not None and len(store.ingress.token) < _TOKEN_CHARACTERS:
        yield (
            f"stores.{store.name}.ingress.token has fewer than {_TOKEN_CHARACTERS} characters; whoever guesses it can"
            " hand in events: make one with `openssl rand -hex 24`"
        )
    password = store.ingress.pages_password if store.ingress is not None else None
    if password is not None and len(password) < PASSWORD_CHARACTERS:
        yield f"stores.{store.name}.ingress.pages_password {EASILY_GUESSED}"


def _shared(stores: Iterable[Store], admin: str) -> Iterator[str]:
    """Yield a sentence for each thing that two stores, or a store and the administrator, must not have in common."""
    owners: dict[tuple[str, object], str] = {}
    if admin:
        owners["ingress.pages_password", admin] = ""
    for store in stores:
        for (key, value), why in _own(store):
            owner = owners.setdefault((key, value), store.name)
            if owner != store.name:
                whose = f"stores.{owner}" if owner else variable("admin_password")
                yield f"stores.{store.name}.{key} is that of {whose}, too; {why}"


def _own(store: Store) -> Iterator[tuple[tuple[str, object], str]]:
    user = store.skyhub.user_email.strip().casefold()
    yield ("skyhub.user_email", user), "one account at SkyHub is one store: remove one of them"
    if store.ingress is not None:
        yield ("ingress.token", store.ingress.token), "a token opens the doors of one store only: give each its own"
        password = store.ingress.pages_password
        if password is not None:
            yield ("ingress.pages_password", password), "it tells whose pages are to be opened: give each its own"
    if store.vtex is not None and store.vtex.feed:
        feed = (store.vtex.base_url.casefold(), store.vtex.app_key)
        yield ("vtex.app_key", feed), "who polls a feed takes its events away: turn feed off in one of them"
