"""What a status, an attention and an action mean, and what to do: a sentence each, in English, and a msgid."""

from collections.abc import Mapping

from worker.domain.actions import Action
from worker.domain.order import Attention, Status
from worker.entrypoints.web.pages.marking import N_

STATUSES: Mapping[str, str] = {
    Status.WAITING: N_("An item is not invoiced yet, or the items or the carrier are not known yet."),
    Status.DUE: N_("The pickup is requested as soon as SkyHub lists the order."),
    Status.REQUESTING: N_("The pickup is being requested; SkyHub's answer is awaited."),
    Status.REQUESTED: N_("SkyHub has the request of the pickup."),
    Status.SKIPPED: N_("The order does not go with B2W Coleta; no pickup is requested."),
    Status.CANCELED: N_("The order was canceled before its pickup was requested, or an operator discarded it."),
    Status.FAILED: N_("The pickup could not be requested; an operator has to decide."),
}
ATTENTION: Mapping[str, str] = {
    Attention.UNKNOWN_SKU: N_(
        "An invoice names a SKU that was not ordered; it is not counted. Check the invoice, and correct it at its"
        " source."
    ),
    Attention.OVER_INVOICED: N_(
        "More units of a SKU are invoiced than were ordered; the surplus is not counted. Check for an invoice issued"
        " twice."
    ),
    Attention.ITEMS_REMOVED: N_(
        "A source took items out of the order, which is still counted in full. If the removal is right, release the"
        " order."
    ),
    Attention.CARRIER_CONFLICT: N_(
        "The sources name different carriers; SkyHub's word counts. Find out which one is right, and correct the"
        " carrier."
    ),
    Attention.CANCELED_AFTER_REQUEST: N_(
        "The order was canceled when its pickup had been requested already. Keep the box back, or tell the carrier."
    ),
    Attention.LISTED_AFTER_REQUEST: N_(
        "SkyHub lists the order as not requested although its request was accepted. Look into SkyHub's panel; if the"
        " pickup is missing there, request it again."
    ),
    Attention.OMS_INVOICED_ITEMS_MISSING: N_(
        "VTEX calls the order invoiced, but the invoices do not name every item. Issue the missing invoice, or"
        " release the order if nothing else ships."
    ),
    Attention.COLLECTABLE_BUT_UNKNOWN: N_(
        "SkyHub lists the order as collectable, but not all of its invoices were told. Send the missing invoice, or"
        " release the order."
    ),
    Attention.WAITING_LONG: N_(
        "The order has waited for its invoices longer than orders do. Check at the source whether it will be invoiced"
        " or is canceled."
    ),
    Attention.PACKED_HOLD: N_(
        "Everything is invoiced, but Pick and Pack has not called the order packed for long. Check the box in Pick"
        " and Pack."
    ),
}
ACTIONS: Mapping[str, str] = {
    Action.RELEASE: N_("Request the pickup although an item is not invoiced. The carrier must still be Direct."),
    Action.REQUEST_AGAIN: N_("Request the pickup once more. SkyHub must list the order as not requested."),
    Action.RETRY: N_("Evaluate the order anew by what is known of it."),
    Action.DISCARD: N_("Give the order up; no pickup is requested unless an operator retries it."),
    Action.SET_CARRIER: N_("Correct the carrier. Your word outranks what every source says."),
}
