"""What the control API takes about Pick and Pack."""

from dataclasses import field
from typing import Literal

from worker.sandbox.forms import form

Presence = Literal["whole", "partly", "absent"]

STATUSES = (
    "READY_FOR_HANDLING",
    "IDLE",
    "READY_FOR_PICKING",
    "PICKING",
    "READY_FOR_PACKING",
    "PACKING",
    "READY_FOR_INVOICING",
    "INVOICING",
    "INVOICED",
    "PREPARING_SHIPPING",
    "READY_FOR_SHIPPING",
    "WAITING_FOR_DELIVERY_COMPANY",
    "ON_ROUTE",
    "DELIVERED",
    "RETURNED",
    "WAITING_FOR_PICKUP",
    "CANCELED",
)
"""The listed statuses; the announcement's own sample uses PENDING, which is not among them."""


@form
class PickAndPackKeys:
    """An account of Pick and Pack and the API key that its tokens are asked for with."""

    account: str
    api_key: str


@form
class Picked:
    """Units that were picked."""

    sku: str
    quantity: int = 1


@form
class NewPickingOrder:
    """An order to register; its id is the OMS's, with the affiliate."""

    order_id: str
    status: str = "READY_FOR_HANDLING"
    """Any text: unlisted statuses occur."""
    picked: tuple[Picked, ...] = ()
    picked_items: Presence = "whole"
    """`partly`: each without image, EAN and categories."""
    shipping: Presence = "absent"
    """`partly`: a service without the fields that may be absent."""


@form
class PickingChange:
    """What is to change at orders; null leaves a field as it is."""

    status: str | None = None
    picked: tuple[Picked, ...] | None = None
    picked_items: Presence | None = None
    shipping: Presence | None = None
    notify: bool = True
    """A new status, even if it is the old one, is sent to the webhook."""


@form
class WebhookConfig:
    """Where an account's statuses are sent; URL, headers and parameters are the receiver's choice."""

    url: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
