"""How the OMS writes an order: `GET /api/oms/pvt/orders/{orderId}`, after VTEX's public OpenAPI (Orders API)."""

from collections.abc import Callable, Iterable, Sequence

from worker.sandbox.moments import stamp
from worker.sandbox.vtex import parts
from worker.sandbox.vtex.customers import EMAIL, client_profile
from worker.sandbox.vtex.orders import OmsOrder


def order_document(
    order: OmsOrder, account: str, null_fields: Iterable[str] = (), absent_fields: Iterable[str] = ()
) -> parts.Document:
    """Return the order's document; `null_fields` and the order's own are null, `absent_fields` are left out."""
    marketplace = "Marketplace de Teste"
    document: parts.Document = {
        "orderId": order.order_id,
        "sequence": str(500_000 + order.number),
        "marketplaceOrderId": order.new.marketplace_order_id,
        "marketplaceServicesEndpoint": "https://conector.invalid/api",
        "sellerOrderId": f"00-{order.order_id}",
        "origin": "Fulfillment",
        "affiliateId": order.new.affiliate_id,
        "salesChannel": "3",
        "merchantName": None,
        "status": order.status,
        "workflowIsInError": False,
        "statusDescription": order.status.replace("-", " ").capitalize(),
        "value": order.value,
        "creationDate": stamp(order.created_at, "+00:00"),
        "lastChange": stamp(order.changed_at, "+00:00"),
        "orderGroup": None,
        "followUpEmail": EMAIL,
        "lastMessage": None,
        "hostname": account,
        "isCompleted": True,
        "invoicedDate": stamp(order.changed_at, "+00:00") if order.status == "invoiced" else None,
        "cancelReason": order.cancellation.reason if order.cancellation else None,
        "totals": [{"id": "Items", "name": "Total dos Itens", "value": order.value}],
        "sellers": [{"id": "1", "name": account, "logo": None}],
        "cancellationData": parts.cancellation(order),
        "marketplace": {"baseURL": "https://conector.invalid/api", "isCertified": None, "name": marketplace},
        "customData": parts.custom_data(order),
        "changesAttachment": parts.changes(order),
        "packageAttachment": parts.packages(order),
        "shippingData": parts.shipping(order),
        "clientProfileData": client_profile(),
        "items": [parts.item(line) for line in order.lines],
    }
    for path in (*null_fields, *order.new.null_fields):
        _for_each(document, path.split("."), _empty)
    for path in absent_fields:
        _for_each(document, path.split("."), parts.Document.pop)
    return document


def _empty(parent: parts.Document, name: str) -> None:
    parent[name] = None


def _for_each(value: object, path: Sequence[str], act: Callable[[parts.Document, str], object]) -> None:
    """Act on the field at a path where there is one, in each element where the path leads through a list."""
    if isinstance(value, list):
        for element in value:
            _for_each(element, path, act)
    elif isinstance(value, dict) and path[0] in value:
        if len(path) == 1:
            act(value, path[0])
        else:
            _for_each(value[path[0]], path[1:], act)
