"""Sales: an order that SkyHub, the OMS and Pick and Pack all know, and the one truth about it.

The law: a sale is complete for SkyHub's verdicts while the OMS's readable Output invoices cover every unit; once it
is canceled at the OMS, SkyHub has it as canceled too, and no pickup is expected.
"""

from collections.abc import Callable, Sequence
from dataclasses import field

from worker.sandbox.forms import form
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, Picked
from worker.sandbox.pick_and_pack.service import PickAndPack
from worker.sandbox.skyhub.account import Seller
from worker.sandbox.skyhub.orders import Carrier, Expectation, Item, NewOrder, Order, OrderChange
from worker.sandbox.vtex.bodies import AFFILIATE, Line, NewOmsOrder, NewPackage, PackedItem
from worker.sandbox.vtex.oms import Oms
from worker.sandbox.vtex.orders import OmsOrder


@form
class NewSale:
    """An order to register everywhere; only `code` (SkyHub's full code) and `lines` are needed."""

    code: str
    lines: tuple[Line, ...]
    carrier: Carrier = "direct"
    affiliate_id: str = AFFILIATE
    remote_code: str | None = None
    expect: Expectation | None = None
    collectable_after_seconds: float | None = 0.0
    status: str = "INVOICED"
    """At SkyHub."""
    fulfillment_status: str = "READY_FOR_HANDLING"
    """At Pick and Pack, if the sales are registered there."""
    dock: str | None = "1"
    custom_apps: dict[str, dict[str, str]] = field(default_factory=dict)
    null_fields: tuple[str, ...] = ()
    invoice: str | None = None
    """The number of an invoice over every unit that the OMS has already, of which it tells nobody."""

    @property
    def marketplace_order_id(self) -> str:
        """SkyHub's code as VTEX spells it."""
        return self.code.replace(" ", "_")

    @property
    def order_id(self) -> str:
        """The OMS's id."""
        return f"{self.affiliate_id}-{self.marketplace_order_id}"

    def at_skyhub(self) -> NewOrder:
        """Return the order as SkyHub holds it."""
        items = tuple(
            Item(id=line.sku, product_id=line.seller_sku or line.sku, qty=line.quantity) for line in self.lines
        )
        return NewOrder(
            code=self.code,
            remote_code=self.remote_code,
            carrier=self.carrier,
            expect=self.expect,
            collectable_after_seconds=self.collectable_after_seconds,
            status=self.status,
            items=items,
        )

    def at_the_oms(self) -> NewOmsOrder:
        """Return the order as the OMS holds it."""
        return NewOmsOrder(
            marketplace_order_id=self.marketplace_order_id,
            lines=self.lines,
            affiliate_id=self.affiliate_id,
            dock=self.dock,
            custom_apps=self.custom_apps,
            null_fields=self.null_fields,
        )

    def whole_invoice(self, number: str) -> NewPackage:
        """Return an invoice over every unit, of which nobody is told."""
        items = tuple(PackedItem(line=index, quantity=line.quantity) for index, line in enumerate(self.lines))
        return NewPackage(number=number, items=items, silent=True)

    def at_pick_and_pack(self) -> NewPickingOrder:
        """Return the order as Pick and Pack holds it, all of it picked."""
        picked = tuple(Picked(sku=line.sku, quantity=line.quantity) for line in self.lines)
        return NewPickingOrder(order_id=self.order_id, status=self.fulfillment_status, picked=picked)


class Sales:
    """Which order at SkyHub belongs to which at the OMS."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget all."""
        self._sold: dict[tuple[str, str], tuple[Seller, Order]] = {}

    def register(
        self,
        sales: Sequence[NewSale],
        seller: Seller,
        oms: tuple[Oms, str],
        picking: tuple[PickAndPack, str] | None,
    ) -> None:
        """Register orders everywhere, all or none; the texts name the account at the OMS and at Pick and Pack.

        Raises what the three raise when an order or an account is not as it should be.
        """
        at_the_oms = [sale.at_the_oms() for sale in sales]
        oms[0].require_new(oms[1], at_the_oms)
        if picking:
            picking[0].require_new(picking[1], [sale.order_id for sale in sales])
        seller.register([sale.at_skyhub() for sale in sales], self._clock())
        for sale in sales:
            self._sold[oms[1], sale.order_id] = (seller, seller.orders[sale.code])
        if picking:
            picking[0].register(picking[1], [sale.at_pick_and_pack() for sale in sales])
        oms[0].register(oms[1], at_the_oms)
        for sale in sales:
            if sale.invoice is not None:
                oms[0].invoice(oms[1], sale.order_id, sale.whole_invoice(sale.invoice))

    def follow(self, account: str, order: OmsOrder) -> None:
        """Tell SkyHub's side what happened to an order at the OMS, if it is a sale."""
        sold = self._sold.get((account, order.order_id))
        if sold is None:
            return
        seller, at_skyhub = sold
        change = OrderChange(complete=order.is_complete)
        if order.cancellation is not None:
            change = OrderChange(complete=order.is_complete, status="CANCELED", expect="none")
        seller.change(at_skyhub, change, self._clock())
