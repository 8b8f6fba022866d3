"""The parts of an order's document at the OMS, after VTEX's public OpenAPI (Orders API)."""

from collections.abc import Sequence

from worker.sandbox.moments import stamp
from worker.sandbox.vtex.bodies import Removal
from worker.sandbox.vtex.customers import address, contact
from worker.sandbox.vtex.orders import OmsOrder
from worker.sandbox.vtex.packages import OmsLine, Package, PackedUnits

Document = dict[str, object]


def shown_units(package: Package, units: Sequence[Document], *, pushed: bool) -> list[Document] | None:
    """Return the items of a package as one of the two bodies shows them."""
    shown = package.shown_in_push if pushed else package.shown_in_order
    return {"items": list(units), "empty": [], "null": None}[shown]


def item(line: OmsLine) -> Document:
    """Return a row of `items`; its position is the `itemIndex` of the others."""
    return {
        "uniqueId": line.unique_id,
        "id": line.sku,
        "productId": f"produto-{line.sku}",
        "ean": None,
        "quantity": line.quantity,
        "seller": "1",
        "name": f"Produto {line.sku}",
        "refId": f"REF-{line.sku}",
        "price": line.price,
        "listPrice": line.price,
        "sellingPrice": line.price,
        "sellerSku": line.seller_sku,
        "attachments": [],
        "priceTags": [],
        "isGift": False,
        "unitMultiplier": 1.0,
    }


def packages(order: OmsOrder) -> Document | None:
    """Return `packageAttachment`; null until the first invoice."""
    packages = [_package(order, package) for package in order.packages.values()]
    return {"packages": packages} if packages else None


def _package(order: OmsOrder, package: Package) -> Document:
    positions = {line.unique_id: index for index, line in enumerate(order.lines)}

    def row(units: PackedUnits) -> Document:
        # Packages name lines by position, not by SKU.
        position = units.beyond if units.unique_id is None else positions[units.unique_id]
        return {
            "itemIndex": position,
            "quantity": units.quantity,
            "price": units.price,
            "description": None,
            "unitMultiplier": 1.0,
        }

    return {
        "items": shown_units(package, [row(units) for units in package.units], pushed=False),
        "courier": package.courier or None,
        "invoiceNumber": package.number,
        "invoiceValue": package.value,
        "invoiceUrl": None,
        "issuanceDate": package.issued_at,
        "trackingNumber": package.tracking_number or None,
        "invoiceKey": package.key,
        "trackingUrl": None,
        "embeddedInvoice": "",
        "type": package.type,
        "courierStatus": None,
        "cfop": None,
        "restitutions": {},
        "volumes": None,
        "EnableInferItems": None,
    }


def shipping(order: OmsOrder) -> Document:
    """Return `shippingData`: a B2W order says `vtex:fob_<dock>`, whoever carries it."""
    fob = None if order.new.dock is None else f"vtex:fob_{order.new.dock}"

    def row(index: int) -> Document:
        return {
            "itemIndex": index,
            "selectedSla": fob,
            "price": 0,
            "deliveryCompany": fob,
            "shippingEstimate": "5bd",
            "deliveryIds": [{"courierId": fob, "courierName": fob, "dockId": order.new.dock, "quantity": 1}],
            "deliveryChannel": "delivery",
            "pickupStoreInfo": None,
        }

    return {
        "id": "shippingData",
        "address": address(),
        "logisticsInfo": [row(index) for index in range(len(order.lines))],
        "trackingHints": None,
        "selectedAddresses": [address()],
        "contactInformation": [contact()],
    }


def custom_data(order: OmsOrder) -> Document | None:
    """Return `customData`; null without apps."""
    apps = [{"id": app, "major": 1, "fields": fields} for app, fields in order.new.custom_apps.items()]
    return {"customApps": apps, "customFields": []} if apps else None


def cancellation(order: OmsOrder) -> Document | None:
    """Return `cancellationData`, in PascalCase unlike the rest of the document."""
    if order.cancellation is None:
        return None
    return {
        "RequestedByUser": False,
        "RequestedBySystem": True,
        "RequestedBySellerNotification": False,
        "RequestedByPaymentNotification": False,
        "Reason": order.cancellation.reason,
        "CancellationDate": stamp(order.cancellation.at),
    }


def changes(order: OmsOrder) -> Document | None:
    """Return `changesAttachment`; null until the first change."""

    def removed(removal: Removal) -> Document:
        return {"id": removal.sku, "name": f"Produto {removal.sku}", "quantity": removal.quantity, "price": None}

    rows = [
        {
            "reason": change.reason,
            "discountValue": 0,
            "incrementValue": 0,
            "itemsAdded": [
                {"id": line.sku, "name": f"Produto {line.sku}", "quantity": line.quantity, "price": line.price}
                for line in change.added
            ],
            "itemsRemoved": [removed(removal) for removal in change.removed],
            "receipt": {"date": stamp(at, "+00:00"), "orderId": order.order_id, "receipt": f"recibo-{index}"},
        }
        for index, (change, at) in enumerate(order.changes)
    ]
    return {"id": "changeAttachment", "changesData": rows} if rows else None
