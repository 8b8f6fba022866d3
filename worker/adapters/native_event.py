"""The native event, `OrderInvoiced` or `OrderCanceled`, as producers send it (design, "Native event").

Unknown fields are ignored. Times without a zone are UTC. A SKU on several lines is pooled; quantity 0 names nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from worker.domain.events import Event, OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.invoices import Invoice

_MOST_BYTES = 1024 * 1024
_MOST_FAULTS = 5


class NativeEventError(ValueError):
    """The body is no native event; the message names each field, what was found and what belongs there.

    `store` is the store it names, "" if it names none.
    """

    def __init__(self, reason: str, store: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.store = store


@dataclass(frozen=True, slots=True)
class NativeEvent:
    """An event and the store it belongs to."""

    store: str
    event: Event


def _lowered(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _titled(value: object) -> object:
    return "Output" if value is None else value.strip().capitalize() if isinstance(value, str) else value


def _zoned(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


Text = Annotated[str, Field(min_length=1, max_length=200)]
Moment = Annotated[datetime, AfterValidator(_zoned)]
_CONFIG = ConfigDict(coerce_numbers_to_str=True, str_strip_whitespace=True, extra="ignore")


class _Item(BaseModel):
    model_config = _CONFIG
    sku: Text = Field(description="The seller's SKU, spelled alike in the order and in its invoices.")
    quantity: int = Field(ge=0, le=1_000_000, description="Units.")


class _Invoice(BaseModel):
    model_config = _CONFIG
    number: Text = Field(description="The invoice's number: the same number again replaces, it never adds.")
    key: Annotated[str, Field(max_length=200)] | None = Field(default=None, description="The fiscal key, if known.")
    type: Annotated[Literal["Output", "Input"], BeforeValidator(_titled)] = Field(
        default="Output", description="Output = sale; Input = return, which never counts."
    )
    issued_at: Moment | None = None
    items: list[_Item] | None = Field(default=None, description="What it invoices; empty = not said.")


class _Order(BaseModel):
    model_config = _CONFIG
    items: list[_Item] | None = Field(default=None, description="Everything that was ordered; empty = not said.")
    skyhub_code: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description='SkyHub\'s code, as "Lojas Americanas-285264647201".'
    )
    remote_code: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="The marketplace's own code, as SkyHub's lists spell it."
    )
    carrier: Annotated[Carrier, BeforeValidator(_lowered)] | None = Field(
        default=None, description="Who carries the order; left out = asked at SkyHub."
    )


class OrderInvoicedBody(BaseModel):
    """An invoice was issued for items of an order."""

    model_config = ConfigDict(**_CONFIG, title="OrderInvoiced")
    event: Literal["OrderInvoiced"] = "OrderInvoiced"
    store: Text
    order_id: Text = Field(description="The VTEX order id, or any other form of the order's code.")
    occurred_at: Moment = Field(description="When it happened: the newer body of an invoice replaces the older.")
    invoice: _Invoice
    order: _Order | None = None


class OrderCanceledBody(BaseModel):
    """An order was canceled at its source."""

    model_config = ConfigDict(**_CONFIG, title="OrderCanceled")
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


def read(body: object, store: str = "") -> NativeEvent:
    """Return the event of a body: a mapping, or JSON as text or bytes; raises `NativeEventError`.

    `store` is that of a body which names none.
    """
    fields = _mapping(body)
    if store and not fields.get("store"):
        fields = {**fields, "store": store}
    named = fields.get("store")
    store = named.strip() if isinstance(named, str) else ""
    kind = fields.get("event", "OrderInvoiced")
    model = _BODIES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise NativeEventError(f"event: found {_shown(kind)}, expected {' or '.join(_BODIES)}", store)
    try:
        read_body = model.model_validate(fields)
    except ValidationError as error:
        raise NativeEventError(_faults(error), store) from None
    return NativeEvent(read_body.store, _event(read_body))


def _mapping(body: object) -> Mapping[str, Any]:
    if isinstance(body, str | bytes):
        if len(body) > _MOST_BYTES:
            raise NativeEventError(f"the body has {len(body)} bytes, {_MOST_BYTES} are the most")
        try:
            body = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise NativeEventError(f"not JSON: {error}") from None
    if not isinstance(body, Mapping):
        raise NativeEventError(f"found {_shown(body)}, expected a JSON object")
    return body


def _event(body: OrderInvoicedBody | OrderCanceledBody) -> Event:
    occurred_at = _milliseconds(body.occurred_at)
    if isinstance(body, OrderCanceledBody):
        return OrderCanceled(order_id=body.order_id, occurred_at=occurred_at, reason=body.reason or "")
    order = body.order or _Order()
    invoice = Invoice(
        number=body.invoice.number,
        key=body.invoice.key or None,
        output=body.invoice.type == "Output",
        items=_pooled(body.invoice.items or ()),
        issued_at=_milliseconds(body.invoice.issued_at) if body.invoice.issued_at else None,
        dated_at=occurred_at,
    )
    return OrderInvoiced(
        order_id=body.order_id,
        occurred_at=occurred_at,
        invoice=invoice,
        items=_pooled(order.items or ()),
        skyhub_code=order.skyhub_code or "",
        remote_code=order.remote_code or "",
        carrier=order.carrier or Carrier.UNKNOWN,
    )


def _pooled(items: Iterable[_Item]) -> dict[str, int]:
    units: dict[str, int] = {}
    for item in items:
        if item.quantity:
            units[item.sku] = units.get(item.sku, 0) + item.quantity
    return units


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False)
    shown = [_fault(fault) for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        shown.append(f"and {len(faults) - _MOST_FAULTS} more")
    return "; ".join(shown)


def _fault(fault: Any) -> str:  # noqa: ANN401 - pydantic's error details
    place = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"][0].lower() + fault["msg"][1:]
    if fault["type"] == "missing":
        return f"{place}: {message}"
    if fault["type"] == "model_type":  # its message names a class of ours
        message = "expected an object"
    return f"{place}: found {_shown(fault['input'])}, {message}"


def _shown(value: object) -> str:
    """Show a wrong value briefly; of a container only its kind, since it may hold a customer's data."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line of a terminal
