"""An order as SkyHub gives it (contracts/skyhub.md, "Order object")."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ValidationError

from worker.adapters.reading import Blankable, Code, Count, none_if_blank
from worker.domain.facts import Carrier, SkyHubLine, SkyHubOrder, SkyHubStatus


class _Status(BaseModel):
    type: Blankable = ""


class _ImportInfo(BaseModel):
    remote_code: Blankable = ""


class _Item(BaseModel):
    id: Blankable = ""
    product_id: Blankable = ""
    qty: Count


class _Order(BaseModel):
    code: Code
    calculation_type: Blankable = ""
    shipping_method: Blankable = ""
    status: Annotated[_Status | None, BeforeValidator(none_if_blank)] = None
    import_info: Annotated[_ImportInfo | None, BeforeValidator(none_if_blank)] = None
    items: Any = None


def order_of(body: object) -> SkyHubOrder:
    """Return the order of a body; raise `ValidationError` where there is none."""
    if isinstance(body, dict) and isinstance(body.get("order"), dict):
        body = body["order"]
    order = _Order.model_validate(body)
    return SkyHubOrder(
        code=order.code,
        remote_code=order.import_info.remote_code if order.import_info else "",
        status=_status(order.status.type if order.status else ""),
        carrier=_carrier(order),
        lines=_lines(order.items),
    )


def _lines(items: object) -> tuple[SkyHubLine, ...]:
    """Return the lines, or none at all where one cannot be read: fewer units than ordered would be too early."""
    if not isinstance(items, list):
        return ()
    try:
        lines = [_Item.model_validate(item) for item in items]
    except ValidationError:
        return ()
    if any(not line.id and not line.product_id for line in lines):
        return ()
    return tuple(SkyHubLine(line.id, line.product_id, line.qty) for line in lines if line.qty)


def _status(kind: str) -> SkyHubStatus:
    """`type` is fixed, `code` can be customised by the account ("Order object")."""
    kind = kind.upper()
    return _STATUSES.get("CANCELED" if kind == "CANCELLED" else kind, SkyHubStatus.UNKNOWN)


_STATUSES: Mapping[str, SkyHubStatus] = {status.value: status for status in SkyHubStatus}


def _carrier(order: _Order) -> Carrier:
    """`calculation_type` decides; only B2W's own warehouse shows in `shipping_method` instead ("Order object")."""
    if "".join(order.shipping_method.split()).casefold() == "b2wfulfillment":
        return Carrier.FULFILLMENT
    match order.calculation_type.casefold():
        case "b2wentregadirect":
            return Carrier.DIRECT
        case "b2wentregacorreios":
            return Carrier.CORREIOS
        case _:
            return Carrier.OWN
