"""The native event, `OrderInvoiced` or `OrderCanceled`, as producers send it (design, "Native event").

Unknown fields are ignored. Times without a zone are UTC. A SKU on several lines is pooled; quantity 0 names nothing.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter

from worker.adapters.bodies import (
    NOT_TOO_LONG,
    Body,
    InvoiceType,
    MaybeText,
    Moment,
    Text,
    Units,
    fields_of,
    parsed,
    read_as,
    shown,
)
from worker.adapters.reading import pooled
from worker.domain.events import Addressed, Event, OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.invoices import Invoice
from worker.ports import UnreadableBodyError


class NativeEventError(UnreadableBodyError):
    """The body is no native event; the message names each field, what was found and what belongs there.

    `store` is the store it names, "" if it names none.
    """

    def __init__(self, reason: str, store: str = "") -> None:
        super().__init__(reason)
        self.store = store


def _lowered(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class _Item(Body):
    sku: Text = Field(description="The seller's SKU, spelled alike in the order and in its invoices.")
    quantity: Units


_Items = Annotated[list[_Item], NOT_TOO_LONG] | None


class _Invoice(Body):
    number: Text = Field(description="The invoice's number: the same number again replaces, it never adds.")
    key: MaybeText = Field(default=None, description="The fiscal key, if known.")
    type: InvoiceType = Field(default="Output", description="Output = sale; Input = return, which never counts.")
    issued_at: Moment | None = None
    items: _Items = Field(default=None, description="What it invoices; empty = not said.")


class _Order(Body):
    items: _Items = Field(default=None, description="Everything that was ordered; empty = not said.")
    skyhub_code: MaybeText = Field(default=None, description='SkyHub\'s code, as "Lojas Americanas-285264647201".')
    remote_code: MaybeText = Field(default=None, description="The marketplace's own code, as SkyHub's lists spell it.")
    carrier: Annotated[Carrier, BeforeValidator(_lowered)] | None = Field(
        default=None, description="Who carries the order; left out = asked at SkyHub."
    )


class OrderInvoicedBody(Body):
    """An invoice was issued for items of an order."""

    model_config = ConfigDict(title="OrderInvoiced")
    event: Literal["OrderInvoiced"] = "OrderInvoiced"
    store: Text
    order_id: Text = Field(description="The VTEX order id, or any other form of the order's code.")
    occurred_at: Moment = Field(description="When it happened: the newer body of an invoice replaces the older.")
    invoice: _Invoice
    order: _Order | None = None


class OrderCanceledBody(Body):
    """An order was canceled at its source."""

    model_config = ConfigDict(title="OrderCanceled")
    event: Literal["OrderCanceled"]
    store: Text
    order_id: Text
    occurred_at: Moment
    reason: Annotated[str, Field(max_length=500)] | None = None


_BODIES: dict[str, type[OrderInvoicedBody | OrderCanceledBody]] = {
    "OrderInvoiced": OrderInvoicedBody,
    "OrderCanceled": OrderCanceledBody,
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of what `read` accepts."""
    adapter: TypeAdapter[Any] = TypeAdapter(OrderInvoicedBody | OrderCanceledBody)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **adapter.json_schema()}


def read(body: object, store: str = "") -> Addressed:
    """Return the event of a body: a mapping, or JSON as text or bytes; raises `NativeEventError`.

    `store` is that of a body which names none.
    """
    try:
        fields = fields_of(parsed(body) if isinstance(body, str | bytes) else body)
    except UnreadableBodyError as error:
        raise NativeEventError(error.reason) from None
    if store and not fields.get("store"):
        fields = {**fields, "store": store}
    named = fields.get("store")
    store = named.strip() if isinstance(named, str) else ""
    kind = fields.get("event", "OrderInvoiced")
    model = _BODIES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise NativeEventError(f"event: found {shown(kind)}, expected {' or '.join(_BODIES)}", store)
    try:
        read_body = read_as(model, fields)
    except UnreadableBodyError as error:
        raise NativeEventError(error.reason, store) from None
    return Addressed(read_body.store, _event(read_body))


def _event(body: OrderInvoicedBody | OrderCanceledBody) -> Event:
    occurred_at = _milliseconds(body.occurred_at)
    if isinstance(body, OrderCanceledBody):
        return OrderCanceled(order_id=body.order_id, occurred_at=occurred_at, reason=body.reason or "")
    order = body.order or _Order()
    invoice = Invoice(
        number=body.invoice.number,
        key=body.invoice.key or None,
        output=body.invoice.type == "Output",
        items=_pooled(body.invoice.items),
        issued_at=_milliseconds(body.invoice.issued_at) if body.invoice.issued_at else None,
        dated_at=occurred_at,
    )
    return OrderInvoiced(
        order_id=body.order_id,
        occurred_at=occurred_at,
        invoice=invoice,
        items=_pooled(order.items),
        skyhub_code=order.skyhub_code or "",
        remote_code=order.remote_code or "",
        carrier=order.carrier or Carrier.UNKNOWN,
    )


def _pooled(items: list[_Item] | None) -> dict[str, int]:
    return pooled((item.sku, item.quantity) for item in items or ())


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
