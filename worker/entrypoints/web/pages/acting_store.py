"""What is done to a store: its calls to SkyHub are paused, or go on; SkyHub's list is compared now."""

from collections.abc import Callable, Mapping

from starlette.responses import Response

from worker.entrypoints import operating
from worker.entrypoints.hints import hint
from worker.entrypoints.views import hindrances
from worker.entrypoints.web.login import Fields
from worker.entrypoints.web.pages.done import Done, back_to
from worker.entrypoints.web.pages.overview_page import overview_page
from worker.entrypoints.web.pages.rendering import url
from worker.entrypoints.web.pages.replies import Reply
from worker.entrypoints.web.pages.visits import StoreVisit
from worker.entrypoints.web.pages.wishes import Wish, log_denied, log_granted, read_wish
from worker.ports import Drain
from worker.usecases.pause_store import pause_by_operator

_RECONCILE = "reconcile"


def act_on_store(visit: StoreVisit, form: Fields) -> Response:
    """Do to a store what its page's form says."""
    wish = read_wish(visit, form, with_reason=form.get("action") != _RECONCILE)
    if isinstance(wish, Reply):
        return overview_page(visit, wish)
    act = _ACTS.get(wish.action)
    if act is None:
        return overview_page(visit, wish.refusal(visit.gettext("Choose what is to be done to the store.")))
    with wish.told():
        done = act(wish)
        if isinstance(done, Reply):
            return overview_page(visit, done)
        if done is not Done.NOTHING:
            log_granted(wish)
    return back_to(url("overview", store=visit.store), done)


def _pause(wish: Wish) -> Done:
    return Done.PAUSED if pause_by_operator(wish.visit.ledger, wish.signed) else Done.NOTHING


def _resume(wish: Wish) -> Done:
    visit = wish.visit
    return Done.RESUMED if operating.resume(visit.service, visit.site.app, visit.store) else Done.NOTHING


def _reconcile(wish: Wish) -> Done | Reply:
    """Hint at the comparison, unless it would be in vain: the calls are paused, or SkyHub is in trouble."""
    visit = wish.visit
    standing = visit.ledger.standing(Drain.RECONCILE)
    # It reads only, so that no server's restart holds it up.
    for why in hindrances(standing, quarantine_ms=0):
        log_denied(wish, [], why)
        return wish.refusal(visit.page.speech.say(why), 409)
    hint(visit.site.app, visit.ledger, Drain.RECONCILE)
    return Done.RECONCILING


_ACTS: Mapping[str, Callable[[Wish], Done | Reply]] = {"pause": _pause, "resume": _resume, _RECONCILE: _reconcile}
