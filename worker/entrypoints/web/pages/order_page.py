"""An order's page: why it stands where it stands, what happens next, and what an operator can do."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from worker.domain.actions import Action, open_to
from worker.domain.facts import Carrier
from worker.domain.order import Order, Status
from worker.entrypoints.stands import stand_for
from worker.entrypoints.views import hindrances, next_attempt, next_step
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.replies import ASKED_FOR, Reply
from worker.entrypoints.web.pages.tones import tone_of_entry
from worker.entrypoints.web.pages.visits import StoreVisit
from worker.ports import Drain
from worker.usecases.find_orders import find_order

CARRIERS = (Carrier.DIRECT, Carrier.CORREIOS, Carrier.OWN, Carrier.FULFILLMENT)


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that may help the order: its name, what it does, how its button looks."""

    name: Action
    help: str
    tone: str


def order_page(visit: StoreVisit, name: str, reply: Reply = ASKED_FOR) -> Response:
    """Return an order's page; another form of its code leads to it."""
    found = find_order(visit.ledger, visit.affiliate, name)
    if found is None:
        raise HTTPException(404)
    order = found.order
    if order.order_id != name:
        return RedirectResponse(url("order", store=visit.store, order_id=order.order_id), 303)
    say = visit.page.speech.say
    standing = visit.ledger.standing(Drain.PICKUPS)
    return visit.html(
        "order.html",
        reply.status,
        tab="orders",
        order=order,
        why=_why(visit, order),
        next_step=say(next_step(order, stand_for(visit.service, visit.store, order))),
        hindrances=[say(why) for why in hindrances(standing, visit.quarantine_ms)],
        next_attempt=next_attempt(order),
        actions=_offers(visit, order),
        carriers=CARRIERS,
        tone=tone_of_entry,
        **reply.values,
    )


def _why(visit: StoreVisit, order: Order) -> str:
    if order.reason:
        return visit.page.speech.say(order.reason)
    whole = [visit.gettext("Every item is invoiced.")] if order.status is Status.DUE and order.complete else []
    released = [visit.gettext("An operator released it.")] if order.status is Status.DUE and not whole else []
    return " ".join([*whole, *released, visit.page.speech.status_help(order.status)])


def _offers(visit: StoreVisit, order: Order) -> list[Offer]:
    tones = {Action.DISCARD: "danger", Action.SET_CARRIER: ""}
    return [
        Offer(action, visit.page.speech.action_help(action), tones.get(action, "main")) for action in open_to(order)
    ]
