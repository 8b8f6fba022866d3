"""The words of the domain as a page shows them: a short name each, and where it helps a sentence on what to do.

Every text here is English and a msgid; `Speech` says it in the reader's language.
"""

from collections.abc import Mapping

from worker.domain.actions import Action
from worker.domain.events import Announcer
from worker.domain.facts import Authority, Carrier, SkyHubStatus
from worker.domain.order import Attention, Status
from worker.entrypoints.web.pages.marking import N_
from worker.ports import Drain

STATUSES: Mapping[str, str] = {
    Status.WAITING: N_("Waiting for invoices"),
    Status.DUE: N_("Ready to request"),
    Status.REQUESTING: N_("Requesting"),
    Status.REQUESTED: N_("Pickup requested"),
    Status.SKIPPED: N_("Not for Coleta"),
    Status.CANCELED: N_("Canceled"),
    Status.FAILED: N_("Failed"),
}
# As they stand inside a sentence.
STATUSES_SAID: Mapping[str, str] = {
    Status.WAITING: N_("waiting"),
    Status.DUE: N_("due"),
    Status.REQUESTING: N_("requesting"),
    Status.REQUESTED: N_("requested"),
    Status.SKIPPED: N_("skipped"),
    Status.CANCELED: N_("canceled"),
    Status.FAILED: N_("failed"),
}
ATTENTION: Mapping[str, str] = {
    Attention.UNKNOWN_SKU: N_("Unknown SKU"),
    Attention.OVER_INVOICED: N_("Invoiced too much"),
    Attention.ITEMS_REMOVED: N_("Items removed"),
    Attention.CARRIER_CONFLICT: N_("Carrier disputed"),
    Attention.CANCELED_AFTER_REQUEST: N_("Canceled after the request"),
    Attention.LISTED_AFTER_REQUEST: N_("Listed after the request"),
    Attention.OMS_INVOICED_ITEMS_MISSING: N_("Invoiced in VTEX, items missing"),
    Attention.COLLECTABLE_BUT_UNKNOWN: N_("Collectable, invoices unknown"),
    Attention.WAITING_LONG: N_("Waiting unusually long"),
    Attention.PACKED_HOLD: N_("Held unusually long"),
}
CARRIERS: Mapping[str, str] = {
    Carrier.DIRECT: N_("Direct"),
    Carrier.CORREIOS: N_("Correios"),
    Carrier.OWN: N_("Seller's own"),
    Carrier.FULFILLMENT: N_("B2W fulfillment"),
    Carrier.UNKNOWN: N_("Not known yet"),
}
CARRIERS_SAID: Mapping[str, str] = {
    Carrier.DIRECT: N_("direct"),
    Carrier.CORREIOS: N_("correios"),
    Carrier.OWN: N_("own"),
    Carrier.FULFILLMENT: N_("fulfillment"),
    Carrier.UNKNOWN: N_("unknown"),
}
AUTHORITIES: Mapping[str, str] = {
    Authority.EVENT: N_("said by the event"),
    Authority.SKYHUB: N_("said by SkyHub"),
    Authority.OPERATOR: N_("set by an operator"),
}
ACTIONS: Mapping[str, str] = {
    Action.RELEASE: N_("Release"),
    Action.REQUEST_AGAIN: N_("Request again"),
    Action.RETRY: N_("Retry"),
    Action.DISCARD: N_("Discard"),
    Action.SET_CARRIER: N_("Correct the carrier"),
}
EVENTS: Mapping[str, str] = {
    "order.opened": N_("Order first heard of"),
    "order.announced": N_("Change announced"),
    "order.cancel_heard": N_("Cancel received"),
    "order.waiting": N_("Waiting for invoices"),
    "order.due": N_("Ready to request"),
    "order.requesting": N_("Pickup being requested"),
    "order.requested": N_("Pickup requested"),
    "order.skipped": N_("Not for Coleta"),
    "order.canceled": N_("Canceled"),
    "order.failed": N_("Failed"),
    "order.not_yet": N_("Not collectable yet"),
    "order.held": N_("Held until packed"),
    "order.packed": N_("Packed"),
    "order.doubted": N_("Request in doubt"),
    "order.listed_again": N_("Listed after the request"),
    "order.no_longer_listed": N_("No longer listed by SkyHub"),
    "order.collectable_but_unknown": N_("Collectable, invoices unknown"),
    "order.waiting_long": N_("Waiting unusually long"),
    "invoice.recorded": N_("Invoice recorded"),
    "invoice.replaced": N_("Invoice replaced"),
    "invoice.return_heard": N_("Return invoice received"),
    "fulfilment.changed": N_("Status in Pick and Pack"),
    "operator.released": N_("Released by an operator"),
    "operator.retried": N_("Retried by an operator"),
    "operator.discarded": N_("Discarded by an operator"),
    "operator.set_carrier": N_("Carrier set by an operator"),
    "operator.requested_again": N_("Requested again by an operator"),
}
DRAINS: Mapping[str, str] = {
    Drain.INBOX: N_("Recording events"),
    Drain.PICKUPS: N_("Requesting pickups"),
    Drain.LEARN: N_("Asking SkyHub"),
    Drain.REREAD: N_("Reading the VTEX OMS"),
    Drain.FEED: N_("Reading the VTEX feed"),
    Drain.RECONCILE: N_("Reconciling with SkyHub"),
}
INVOICE_TYPES: Mapping[str, str] = {"Output": N_("Sale"), "Input": N_("Return")}
PAUSERS: Mapping[str, str] = {
    "service": N_("the service"),
    "an operator": N_("an operator"),
    "the stores file": N_("the stores file"),
}
# What SkyHub says it did to an order, as it stands inside a sentence.
SHIPPED: Mapping[str, str] = {
    SkyHubStatus.SHIPPED.lower(): N_("shipped"),
    SkyHubStatus.DELIVERED.lower(): N_("delivered"),
}
ANNOUNCERS: Mapping[str, str] = {each.value: each.value for each in Announcer}
# The name of a store in the settings that a sentence names, where its teller did not know it.
TABLES: Mapping[str, str] = {"<name>": N_("<name>")}
ORDERS_KEPT = (N_("{number} order"), N_("{number} orders"))
OR = N_(" or ")
# How a reader writes thousands and decimals.
NUMBER = N_("1,000.5")
