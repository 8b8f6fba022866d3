"""What Pick and Pack sends to us: its webhook (contracts/pick-and-pack.md, "Webhook")."""

from pydantic import Field

from worker.adapters.bodies import Body, Text, fields_of, parsed, read_as
from worker.domain.events import Announcer, OrderAnnounced


class _Webhook(Body):
    order_id: Text = Field(alias="orderId")
    status: Text = Field(alias="newStatus")


def read_webhook(body: bytes, received_at: int) -> OrderAnnounced:
    """Return what Pick and Pack announced ("Webhook"), dated `received_at` (epoch ms): it brings no date of its own.

    Raises `UnreadableBodyError`.
    """
    news = read_as(_Webhook, fields_of(parsed(body)))
    return OrderAnnounced(
        order_id=news.order_id,
        occurred_at=received_at,
        by=Announcer.PICK_AND_PACK,
        state=news.status.upper(),
        vtex_id=news.order_id,
    )
