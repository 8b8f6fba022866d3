"""What is done to orders: to one on its page, and to those chosen among the failed ones."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from worker.domain.actions import Action
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.entrypoints.operating import hinting, wished
from worker.entrypoints.web.login import Fields
from worker.entrypoints.web.pages.done import OF_ACTION, Done, back_to, counted
from worker.entrypoints.web.pages.failed_page import failed_page
from worker.entrypoints.web.pages.order_page import CARRIERS, order_page
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.replies import Reply
from worker.entrypoints.web.pages.visits import StoreVisit
from worker.entrypoints.web.pages.wishes import MOST_DENIED, Wish, log_denied, log_granted, read_wish
from worker.usecases.find_orders import Filter, choose_orders, find_order
from worker.usecases.operate import Answer, Denied, Granted, Held, Objection, no_objection

_FAILED = Filter(statuses=(Status.FAILED,))
_OF_FAILED = (Action.RETRY, Action.DISCARD)
# What is done to thousands ends then, so that the browser gets its answer; the rest is asked for once more.
_SECONDS = 20.0


def act_on_order(visit: StoreVisit, name: str, form: Fields) -> Response:
    """Do to an order what its page's form says; 404 where there is none."""
    wish = read_wish(visit, form)
    found = find_order(visit.ledger, visit.service.affiliate(visit.store), name)
    if found is None:
        raise HTTPException(404)
    order_id = found.order.order_id
    if isinstance(wish, Reply):
        return order_page(visit, order_id, wish)
    if wish.action not in list(Action):
        return order_page(visit, order_id, wish.refusal(visit.gettext("Choose what is to be done to the order.")))
    carrier = wish.form.get("carrier", "")
    if wish.action == Action.SET_CARRIER and carrier not in CARRIERS:
        return order_page(visit, order_id, wish.refusal(visit.gettext("Choose one of the carriers.")))
    with wish.told():
        (answer,) = _answers(wish, [order_id], Carrier(carrier or Carrier.UNKNOWN))
        match answer:
            case Granted(order=order):
                log_granted(wish, [order_id], status=order.status)
                return back_to(url("order", store=visit.store, order_id=order_id), OF_ACTION[Action(wish.action)])
            case Held():
                return back_to(url("order", store=visit.store, order_id=order_id), Done.NOTHING)
            case Denied(reason=reason):
                log_denied(wish, [order_id], reason)
                return order_page(visit, order_id, wish.refusal(visit.page.speech.say(reason), 409))
            case _:
                assert_never(answer)


def act_on_failed(visit: StoreVisit, form: Fields) -> Response:
    """Do to the chosen failed orders, or to all of them, what the form says."""
    wish = read_wish(visit, form)
    if isinstance(wish, Reply):
        return failed_page(visit, wish)
    if wish.action not in _OF_FAILED:
        return failed_page(visit, wish.refusal(visit.gettext("Choose what is to be done to the orders.")))
    ids = choose_orders(visit.ledger, _FAILED) if form.get("all") else iter(form.getlist("order"))
    with wish.told():
        some = _Some(late=_after(_SECONDS))
        some.count(_answers(wish, some.until_late(ids), objection=_FAILED.objection))
        if some.granted:
            log_granted(wish, some.granted, orders=len(some.granted))
        if some.denied:
            log_denied(wish, [name for name, _ in some.denied], *(why for _, why in some.denied))
    return _told(wish, some)


@dataclass(slots=True)
class _Some:
    """What became of several orders; what is `left` was not tried, for want of time."""

    late: Callable[[], bool]
    granted: list[str] = field(default_factory=list)
    denied: list[tuple[str, str]] = field(default_factory=list)
    asked: bool = False
    left: bool = False

    def until_late(self, order_ids: Iterable[str]) -> Iterator[str]:
        for order_id in order_ids:
            if self.late():
                self.left = True
                return
            self.asked = True
            yield order_id

    def count(self, answers: Iterable[Answer]) -> None:
        for answer in answers:
            match answer:
                case Granted(order=order):
                    self.granted.append(order.order_id)
                case Denied(order_id=order_id, reason=reason):
                    self.denied.append((order_id, reason))
                case Held():
                    pass


def _told(wish: Wish, some: _Some) -> Response:
    visit, done, number = wish.visit, OF_ACTION[Action(wish.action)], len(some.granted)
    if not some.asked and not some.left:
        return failed_page(visit, wish.refusal(visit.gettext("Choose at least one order.")))
    if not some.denied:
        address = url("failed", store=visit.store)
        return back_to(address, done, number, left=some.left) if number else back_to(address, Done.NOTHING)
    count = len(some.denied)
    words = visit.ngettext("Nothing was done to %(number)s order:", "Nothing was done to %(number)s orders:", count)
    reply = replace(
        wish.refusal(words, 409),
        said=counted(visit.page, done, number, left=some.left) if number else "",
        denied=named(visit, some.denied),
        unnamed=max(0, count - MOST_DENIED),
    )
    return failed_page(visit, reply)


def named(visit: StoreVisit, denied: Iterable[tuple[str, str]]) -> list[tuple[str, Markup]]:
    """Return the denials for which a page has room, in the reader's language."""
    return [(name, visit.page.speech.say(why)) for name, why in list(denied)[:MOST_DENIED]]


def _answers(
    wish: Wish,
    order_ids: Iterable[str],
    carrier: Carrier = Carrier.UNKNOWN,
    objection: Objection = no_objection,
) -> Iterator[Answer]:
    visit = wish.visit
    operate = replace(visit.service.operate(visit.store), read=visit.site.lists.read, objection=objection)
    answers = wished(operate, Action(wish.action), order_ids, wish.signed, carrier)
    return hinting(visit.service, visit.site.app, visit.store, answers)


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end
