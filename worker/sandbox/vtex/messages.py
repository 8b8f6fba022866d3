"""The bodies and addresses of what the simulated OMS sends: hook calls and the connector's pushes."""

from datetime import datetime
from urllib.parse import quote

import httpx

from worker.sandbox.deliveries import Message, is_200, with_query
from worker.sandbox.moments import stamp
from worker.sandbox.vtex.bodies import ConnectorConfig, HookConfig, VtexKeys
from worker.sandbox.vtex.feed import DOMAIN, Change
from worker.sandbox.vtex.orders import OmsOrder
from worker.sandbox.vtex.packages import Package
from worker.sandbox.vtex.parts import shown_units

RECEIPT_FIELDS = {"date", "orderId", "receipt"}
"""What the connector answers an invoice."""


def ping(keys: VtexKeys, hook: HookConfig) -> Message:
    """Return the call that tries a hook before it is configured."""
    return Message(
        door="hook", account=keys.account, url=hook.url, body={"hookConfig": "ping"}, headers=dict(hook.headers)
    )


def hook_call(keys: VtexKeys, hook: HookConfig, change: Change) -> Message:
    """Return the call that announces a change, in PascalCase.

    The guide's form has no CurrentChange; its LastChange is the change itself.
    """
    body: dict[str, object] = {"Domain": DOMAIN, "OrderId": change.order_id, "State": change.state}
    if hook.form == "guide":
        body["LastChange"] = stamp(change.current_change)
    else:
        body["LastState"] = change.last_state
        body["LastChange"] = stamp(change.last_change)
        body["CurrentChange"] = stamp(change.current_change)
    body["Origin"] = {"Account": keys.account, "Key": keys.app_key}
    return Message(door="hook", account=keys.account, url=hook.url, body=body, headers=dict(hook.headers))


def invoice_push(account: str, connector: ConnectorConfig, order: OmsOrder, package: Package) -> Message:
    """Return the push of an invoice; items are named by SKU, not by position."""
    items: list[dict[str, object]] = [
        {"id": units.sku, "quantity": units.quantity, "price": units.price} for units in package.units
    ]
    body: dict[str, object] = {
        "type": package.type,
        "invoiceNumber": package.number,
        "courier": package.courier,
        "trackingNumber": package.tracking_number,
        "trackingUrl": f"https://rastreio.invalid/{package.tracking_number}" if package.tracking_number else "",
        "items": shown_units(package, items, pushed=True),
        "issuanceDate": without_zone(package.issued_at),
        "invoiceValue": package.value,
        "invoiceKey": package.key,
        "invoiceUrl": None,
        "embeddedInvoice": "",
    }
    return Message(
        door="connector",
        account=account,
        url=_address(connector, order, "pub", "invoice"),
        body=body,
        headers=dict(connector.headers),
        accepts=is_receipt,
    )


def cancel_push(account: str, connector: ConnectorConfig, order: OmsOrder, reason: str) -> Message:
    """Return the push of a cancel."""
    return Message(
        door="connector",
        account=account,
        url=_address(connector, order, "pvt", "cancel"),
        body={"reason": reason},
        headers=dict(connector.headers),
    )


def is_receipt(answer: httpx.Response) -> bool:
    """Tell whether the connector took an invoice: 200 with `{date, orderId, receipt}`."""
    if not is_200(answer):
        return False
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and body.keys() >= RECEIPT_FIELDS


def without_zone(moment: str | None) -> str | None:
    """Return a moment as the push writes it: without a fraction and a zone, as in the connector's guide [OLD]."""
    try:
        parsed = datetime.fromisoformat(moment or "")
    except ValueError:
        return moment
    return f"{parsed:%Y-%m-%dT%H:%M:%S}"


def _address(connector: ConnectorConfig, order: OmsOrder, access: str, deed: str) -> str:
    path = f"/{access}/orders/{quote(order.new.marketplace_order_id, safe='')}/{deed}"
    return with_query(connector.endpoint, connector.query, path)
