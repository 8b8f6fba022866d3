"""What a seller does at SkyHub, in VTEX and in Pick and Pack: accounts, doors, orders and what happens to them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import assert_never

from config.stores import Store
from worker.entrypoints.up.sandbox_stores import Door, SandboxStore
from worker.entrypoints.up.seller.sale import Canceled, Deed, Invoiced, Packed, Sale
from worker.sandbox.control import SandboxControl
from worker.sandbox.deployment import SecretKind
from worker.sandbox.skyhub.orders import OrderChange
from worker.sandbox.vtex.bodies import NewPackage, of_skus

# Where VTEX itself tells of an invoice; through the other doors it is told otherwise, or not at all.
_TOLD_BY_VTEX: frozenset[Door] = frozenset({"connector push", "Orders hook", "Orders feed"})


class World:
    """The simulated world of these stores, with accounts of the stores' names; their doors are asked at `web_url`.

    What it does there can be done again. It raises `SandboxError`, also when all was forgotten, and httpx's errors.
    """

    def __init__(self, control: SandboxControl, stores: Mapping[SandboxStore, Store], web_url: str) -> None:
        self._control = control
        self.known = tuple(stores)
        """The stores."""
        self._stores = stores
        self._by_name = {store.name: store for store in stores}
        self._web_url = web_url

    def open(self) -> None:
        """Register the accounts, and have VTEX and Pick and Pack tell what happens; the web process must answer."""
        for known, store in self._stores.items():
            known.open_accounts(self._control, partial(_secret, store))
            known.tell(self._control, self._web_url, _secret(store, "ingress.token"))

    def register(self, sale: Sale, collectable_after_seconds: float | None) -> None:
        """Let the whole world know an order."""
        store = self._by_name[sale.store]
        self._control.register_sales(
            [replace(sale.registration, collectable_after_seconds=collectable_after_seconds)],
            skyhub=store.user_email,
            vtex=store.name,
            pick_and_pack=store.name if store.pick_and_pack else None,
        )

    def require(self, sale: Sale) -> None:
        """Raise `SandboxError` if the order was forgotten."""
        self._control.change([sale.code], OrderChange())

    def carry_out(self, sale: Sale, deed: Deed) -> None:
        """Let something happen to an order; who is told of it depends on the door of its sale."""
        vtex, store, order_id = self._control.vtex, sale.store, sale.order_id
        match deed:
            case Invoiced():
                vtex.invoice(store, order_id, _package(deed, silent=sale.door not in _TOLD_BY_VTEX))
                self._tell_webhook(sale, "INVOICED" if deed.complete else "INVOICING")
            case Canceled():
                vtex.cancel(store, order_id, deed.event["reason"])
                self._tell_webhook(sale, "CANCELED")
            case Packed():
                self._control.pick_and_pack.set_status(store, order_id, "READY_FOR_SHIPPING")
            case _:
                assert_never(deed)

    def _tell_webhook(self, sale: Sale, status: str) -> None:
        if sale.door == "Pick and Pack webhook":
            self._control.pick_and_pack.set_status(sale.store, sale.order_id, status)


def _secret(store: Store, kind: SecretKind) -> str:
    return str(attrgetter(kind)(store))


def _package(deed: Invoiced, *, silent: bool) -> NewPackage:
    return NewPackage(number=deed.number, items=of_skus(dict(deed.units)), issued_at=deed.issued_at, silent=silent)


@contextmanager
def opened_world(stores: Mapping[SandboxStore, Store], web_url: str) -> Iterator[World]:
    """Give the world that the stores file names; nothing connects before it is used."""
    (url,) = {store.skyhub.base_url for store in stores.values()}
    with SandboxControl(url) as control:
        yield World(control, stores, web_url)
