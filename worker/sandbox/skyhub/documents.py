"""How SkyHub writes an order: the full object, the row of a pickup list, the answer to a confirmation."""

from collections import defaultdict
from dataclasses import asdict

from worker.sandbox.skyhub.account import Confirmation, Refusal
from worker.sandbox.skyhub.orders import Carrier, Order

_SHIPPING: dict[Carrier, tuple[str, str]] = {
    # (method, carrier): both contradict `calculation_type` on purpose, as they do at SkyHub.
    "direct": ("Correios PAC", "CORREIOS"),
    "correios": ("B2W Entrega", "DIRECT"),
    "own": ("B2W Entrega Direct", "DIRECT"),
    "fulfillment": ("B2W Fulfillment", "CORREIOS"),
}

_REASONS: dict[Refusal, str] = {
    "unknown": "Pedidos desconhecidos",
    "wrong_carrier": "Pedidos sem contrato de coleta Direct",
    "gone": "Pedidos cancelados ou ja despachados",
    "already_requested": "Coleta ja solicitada",
}


def calculation_type(order: Order) -> str | None:
    """Return the field that names the carrier; the seller's own logistics is null and "" in turn."""
    if order.carrier == "own":
        return "" if order.number % 2 else None
    return "b2wentregacorreios" if order.carrier == "correios" else "b2wentregadirect"


def order_document(order: Order) -> dict[str, object]:
    """Return the full order object."""
    method, carrier = _SHIPPING[order.carrier]
    channel = order.code.partition("-")[0]
    return {
        "code": order.code,
        "channel": channel,
        "status": {"code": order.status_code, "label": order.status.capitalize(), "type": order.status},
        "calculation_type": calculation_type(order),
        "shipping_method": method,
        "shipping_carrier": carrier,
        "import_info": {"remote_code": order.remote_code, "remote_id": ""},
        "customer": {"name": order.customer},
        "total_ordered": order.value,
        "placed_at": "2026-01-01T12:00:00-03:00",
        "approved_date": "",
        "shipped_date": "",
        "delivered_date": "",
        "estimated_delivery": "",
        # A promotion's own `calculation_type` has nothing to do with the carrier.
        "items": [asdict(item) | {"promotions": [{"calculation_type": "percentage"}]} for item in order.items],
        "invoices": [asdict(invoice) for invoice in order.invoices],
        "shipments": [],
    }


def list_row(order: Order) -> dict[str, object]:
    """Return the row of a pickup list; its code is the remote code."""
    return {"code": order.remote_code, "customer": order.customer, "value": order.value}


def confirmation_document(confirmation: Confirmation) -> dict[str, object]:
    """Return the body that answers a confirmation; the message of a refusal names the codes."""
    if not confirmation.refused:
        return {"result": "sucesso", "message": "Coleta solicitada com sucesso"}
    by_reason: defaultdict[Refusal, list[str]] = defaultdict(list)
    for code, reason in confirmation.refused.items():
        by_reason[reason].append(code)
    parts = [f"{_words(reason, codes)}: {', '.join(codes)}" for reason, codes in by_reason.items()]
    return {"result": "erro", "message": "; ".join(parts), "sqlerrm": None}


def _words(reason: Refusal, codes: list[str]) -> str:
    if reason != "no_label":
        return _REASONS[reason]
    return "Etiqueta nao encontrada" if len(codes) == 1 else "Pedidos nao localizados na etiquetagem"
