"""What is done to rejected events: they are handed in again, or forgotten."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from starlette.responses import Response

from worker.entrypoints.operating import hinting_inboxes
from worker.entrypoints.rejected_bodies import read_kept, why_not_read
from worker.entrypoints.servers_away import lost_elsewhere
from worker.entrypoints.web.login import Fields
from worker.entrypoints.web.pages.acting_orders import named
from worker.entrypoints.web.pages.done import Done, back_to, counted
from worker.entrypoints.web.pages.rejected_page import rejected_page
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.replies import Reply
from worker.entrypoints.web.pages.visits import StoreVisit
from worker.entrypoints.web.pages.wishes import Wish, log_denied, log_granted, read_wish
from worker.ports import InboxFullError, Rejected
from worker.usecases.resend_rejected import Forgotten, NotKept, ResendRejected, Resent, StillRejected


def act_on_rejected(visit: StoreVisit, form: Fields) -> Response:
    """Do to the chosen events what the form says."""
    wish = read_wish(visit, form)
    if isinstance(wish, Reply):
        return rejected_page(visit, wish)
    act = _ACTS.get(wish.action)
    if act is None:
        return rejected_page(visit, wish.refusal(visit.gettext("Choose what is to be done to the events.")))
    ids = list(dict.fromkeys(form.getlist("event")))
    try:
        kept = visit.ledger.rejected_by_id(ids)
    except ValueError:
        return rejected_page(visit, wish.refusal(visit.gettext("That is no event; choose events of the list.")))
    if not ids:
        return rejected_page(visit, wish.refusal(visit.gettext("Choose at least one event.")))
    with wish.told():
        return act(wish, kept)


def _resend(wish: Wish, kept: Sequence[Rejected]) -> Response:
    visit = wish.visit
    denied = {each.rejected_id: why for each in kept if (why := why_not_read(each))}
    orders: list[str] = []
    unanswered = [each.rejected_id for each in kept if each.rejected_id not in denied]
    try:
        for answer in hinting_inboxes(visit.service, visit.site.app, _job(visit).resend(list(unanswered))):
            unanswered.remove(answer.rejected_id)
            match answer:
                case Resent(order_id=order_id):
                    orders.append(order_id)
                case StillRejected(rejected_id=rejected_id, reason=reason):
                    denied[rejected_id] = reason
                case NotKept():
                    pass
    except InboxFullError as full:
        denied |= dict.fromkeys(unanswered, str(full))
    if orders:
        log_granted(wish, orders, events=len(orders))
    left = [(each, denied[each.rejected_id]) for each in kept if each.rejected_id in denied]
    return _told(wish, Done.RESENT, len(orders), left)


def _discard(wish: Wish, kept: Sequence[Rejected]) -> Response:
    answers = _job(wish.visit).discard([each.rejected_id for each in kept])
    number = sum(isinstance(answer, Forgotten) for answer in answers)
    if number:
        log_granted(wish, events=number)
    return _told(wish, Done.FORGOTTEN, number, [])


def _job(visit: StoreVisit) -> ResendRejected:
    return ResendRejected(
        fleet=visit.service.fleet,
        store=visit.store,
        served=visit.service.stores.keys(),
        read=read_kept,
        away=lost_elsewhere(visit.service),
    )


def _told(wish: Wish, done: Done, number: int, denied: Sequence[tuple[Rejected, str]]) -> Response:
    visit = wish.visit
    if not denied:
        address = url("rejected", store=visit.store)
        return back_to(address, done, number) if number else back_to(address, Done.NOTHING)
    log_denied(wish, [], *(why for _, why in denied))
    count, moments = len(denied), visit.page.moments
    words = visit.ngettext("Nothing was done to %(number)s event:", "Nothing was done to %(number)s events:", count)
    reply = replace(
        wish.refusal(words, 409),
        said=counted(visit.page, done, number) if number else "",
        denied=named(visit, [(moments.plain(each.at), why) for each, why in denied]),
    )
    return rejected_page(visit, reply)


_ACTS: Mapping[str, Callable[[Wish, Sequence[Rejected]], Response]] = {"resend": _resend, "discard": _discard}
