"""How Pick and Pack writes an order's status: `GET /picking-tracking/{orderId}`, after VTEX's announcement of it."""

from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, Picked

Document = dict[str, object]


def status_document(order: NewPickingOrder, hostname: str) -> Document:
    """Return the answer; what is absent by the order's choice has no field at all."""
    data: Document = {"hostname": hostname, "orderId": order.order_id, "fulfillmentStatus": order.status}
    if order.picked_items != "absent":
        data["pickedItems"] = [_picked(item, whole=order.picked_items == "whole") for item in order.picked]
    if order.shipping != "absent":
        data["shipping"] = _shipping(order, whole=order.shipping == "whole")
    return {"message": "success", "data": data}


def _picked(item: Picked, *, whole: bool) -> Document:
    document: Document = {"id": item.sku, "refId": f"REF-{item.sku}", "quantity": item.quantity}
    if whole:
        document |= {
            "name": f"Produto {item.sku}",
            "sellingPrice": 10.0,
            "ean": f"789{item.sku}",
            "image": "https://imagens.invalid/produto.jpg",
            "categories": [{"id": "1", "name": "Categoria de Teste"}],
        }
    return document


def _shipping(order: NewPickingOrder, *, whole: bool) -> Document:
    service: Document = {
        "serviceId": f"servico-{order.order_id}",
        "courier": "Transportadora de Teste",
        "serviceStatus": "CREATED",
        "createdAt": "2026-11-20T12:00:00.000Z",
    }
    if whole:
        service |= {
            "agent": "Agente de Teste",
            "vehicle": "VAN",
            "trackingUrl": "https://rastreio.invalid/servico",
            "evidences": "",
        }
    return {"trackingId": f"rastreio-{order.order_id}", "trackingStatus": "CREATED", "services": [service]}
