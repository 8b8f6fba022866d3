"""The bodies of the doors as the API's description shows them; the adapters read them (and more leniently)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Text = Annotated[str, Field(min_length=1, max_length=200)]


class RejectedEvent(BaseModel):
    """An event that was not taken."""

    index: int = Field(description="Its place in the list, from 0.")
    reason: str = Field(description="What was found and what is expected.")


class Taken(BaseModel):
    """How many events are safe, and which are not taken. What was rejected is kept for an operator, too."""

    accepted: int
    rejected: list[RejectedEvent]


class Receipt(BaseModel):
    """The answer that VTEX expects of a connector."""

    date: str = Field(description="When it was taken, ISO 8601.", json_schema_extra={"format": "date-time"})
    orderId: str = Field(description="As in the path.")  # noqa: N815 - VTEX's name
    receipt: str = Field(description="Random; no meaning.")


class NotificationAnswer(BaseModel):
    """Whether a notification was taken. One that is not is kept for an operator."""

    taken: bool
    reason: str = Field(description="Why it was not taken; empty if it was.")


class Refusal(BaseModel):
    """Why nothing was taken."""

    detail: str


class _Sent(BaseModel):
    model_config = {"extra": "allow"}


class PushedItem(_Sent):
    """Units of a SKU in an invoice."""

    id: Text = Field(description="The seller's SKU.")
    quantity: int = Field(ge=0, le=1_000_000)
    price: int | None = Field(default=None, description="In cents; not read.")


class InvoicePush(_Sent):
    """An invoice of an order, as VTEX pushes it to a connector; again when tracking is filled in."""

    type: Literal["Output", "Input"] = Field(default="Output", description="Only Output counts.")
    invoiceNumber: Text  # noqa: N815 - VTEX's name
    invoiceKey: Annotated[str, Field(max_length=200)] | None = None  # noqa: N815 - VTEX's name
    issuanceDate: str | None = Field(default=None, description="ISO 8601, UTC without a zone.")  # noqa: N815 - VTEX's name
    items: list[PushedItem] | None = Field(default=None, max_length=1_000, description="Empty = not said.")


class CancelPush(_Sent):
    """An order was canceled; that it was sent says it."""

    reason: str | None = None


class HookPing(BaseModel):
    """What VTEX sends when the hook's configuration is saved."""

    hookConfig: Literal["ping"]  # noqa: N815 - VTEX's name


class HookNotification(_Sent):
    """An order changed its state. Any state is taken; the order is read again in the OMS."""

    Domain: str | None = None
    OrderId: Text
    State: Annotated[str, Field(max_length=200)] | None = None
    LastState: str | None = None
    LastChange: str | None = Field(default=None, description="ISO 8601; up to 7 fractional digits.")
    CurrentChange: str | None = None
    Origin: dict[str, Any] | None = Field(default=None, description="Account and Key; not read.")


class PickAndPackNotification(_Sent):
    """An order changed its fulfilment status. Any status is taken."""

    orderId: Text  # noqa: N815 - Pick and Pack's name
    oldStatus: str | None = None  # noqa: N815 - Pick and Pack's name
    newStatus: Text  # noqa: N815 - Pick and Pack's name
    hostname: str | None = None
