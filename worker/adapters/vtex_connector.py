"""What VTEX sends to us: the connector's invoice push and cancel, and the orders hook (contracts/vtex-oms.md).

Bodies are bytes of at most 1 MiB; what cannot be read raises `UnreadableBodyError`. Dates of ours are epoch
milliseconds. Unknown fields are ignored: nothing of a customer, and never `courier`, which is not B2W's carrier.
"""

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from worker.adapters.bodies import (
    NOT_TOO_LONG,
    Body,
    InvoiceType,
    MaybeText,
    Text,
    Units,
    fields_of,
    parsed,
    read_as,
)
from worker.adapters.reading import Loose, Milliseconds, loose, none_if_blank, pooled, prose
from worker.domain.events import Announcer, OrderAnnounced, OrderCanceled, OrderInvoiced
from worker.domain.invoices import Invoice

_REASON_CHARS = 200


class _Line(Body):
    id: Text
    quantity: Units


class _Push(Body):
    order_id: Text
    type: InvoiceType = "Output"
    number: Text = Field(alias="invoiceNumber")
    key: MaybeText = Field(default=None, alias="invoiceKey")
    issued_at: Milliseconds = Field(default=None, alias="issuanceDate")
    items: Annotated[list[_Line], NOT_TOO_LONG] | None = None


def _cut(value: object) -> object:
    """Cut a long reason: no cancel is lost for its words."""
    return prose(value, (), _REASON_CHARS) if isinstance(value, str) else value


class _Cancel(Body):
    order_id: Text
    reason: Annotated[MaybeText, BeforeValidator(_cut)] = None


class _Hook(Body):
    order_id: Text = Field(validation_alias=AliasChoices("OrderId", "orderId"))
    state: Loose = Field(default="", validation_alias=AliasChoices("State", "state"))
    last_change: Milliseconds = Field(default=None, validation_alias=AliasChoices("LastChange", "lastChange"))
    current_change: Milliseconds = Field(default=None, validation_alias=AliasChoices("CurrentChange", "currentChange"))


def read_invoice_push(body: bytes, order_id: str, received_at: int) -> OrderInvoiced:
    """Return the invoice of a connector push ("How an invoice becomes known", 1).

    It states no time of its own, so the invoice is undated and the event is of `received_at`. The same invoice comes
    again with tracking. An invoice that names no items stands for "unknown".
    """
    fields = fields_of(parsed(body))
    if _is_blank(fields.get("invoiceNumber")) and not _is_blank(fields.get("invoiceKey")):
        fields = {**fields, "invoiceNumber": fields["invoiceKey"]}
    push = read_as(_Push, {**fields, "order_id": order_id})
    return OrderInvoiced(
        order_id=push.order_id,
        occurred_at=received_at,
        invoice=Invoice(
            number=push.number,
            key=push.key or None,
            output=push.type == "Output",
            items=pooled((line.id, line.quantity) for line in push.items or ()),
            issued_at=push.issued_at,
        ),
    )


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def read_cancel(body: bytes, order_id: str, received_at: int) -> OrderCanceled:
    """Return the cancel of an order, undated; that it was sent says it, so the body may be empty or null."""
    said = none_if_blank(parsed(body)) if body.strip() else None
    fields = fields_of(said) if said is not None else {}
    cancel = read_as(_Cancel, {**fields, "order_id": order_id})
    return OrderCanceled(order_id=cancel.order_id, occurred_at=received_at, reason=cancel.reason or "", dated=False)


def read_hook(body: bytes, received_at: int) -> OrderAnnounced | None:
    """Return what the orders hook announced, None for the ping that saving its configuration sends.

    Both body forms are read, and any state; `received_at` stands in where no date can be read.
    """
    fields = fields_of(parsed(body))
    if loose(fields.get("hookConfig")).lower() == "ping":
        return None
    hook = read_as(_Hook, fields)
    return OrderAnnounced(
        order_id=hook.order_id,
        occurred_at=hook.current_change or hook.last_change or received_at,
        by=Announcer.HOOK,
        state=hook.state,
        vtex_id=hook.order_id,
    )
