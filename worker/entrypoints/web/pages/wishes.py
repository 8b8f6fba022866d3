"""What a person asks for by a form of the pages: what, why, and who asks; and the line that the log has of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from markupsafe import Markup

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.entrypoints.reasons import MOST_TYPED, ReasonError, read_reason, signed
from worker.entrypoints.web.login import Fields, checked_form
from worker.entrypoints.web.pages.replies import Reply
from worker.entrypoints.web.pages.visits import StoreVisit
from worker.telemetry import Log, Names

log = structlog.get_logger()

# Reasons of denials in a log line, and denials on a page.
_MOST_TOLD = 5
MOST_DENIED = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: the action as its button names it, the reason as it was typed, and the form."""

    visit: StoreVisit
    action: str
    typed: str
    form: Fields

    @property
    def signed(self) -> str:
        """The reason with who gave it, as it is kept."""
        return signed(self.typed, self.visit.visitor.name)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Let every line that the log has of what is done name the store, who asked for it, and why."""
        visit = self.visit
        why = {"why": self.typed} if self.typed else {}
        with structlog.contextvars.bound_contextvars(store=visit.store, who=visit.visitor.name, **why):
            yield

    def refusal(self, objection: str | Markup, status: int = 422) -> Reply:
        """Refuse it, keeping the form as it was."""
        return Reply(
            status=status,
            objection=objection,
            asked=self.action,
            reason=self.form.get("reason", ""),
            carrier=self.form.get("carrier", ""),
            chosen=frozenset((*self.form.getlist("order"), *self.form.getlist("event"))),
        )


def read_wish(visit: StoreVisit, form: Fields, *, with_reason: bool = True) -> Wish | Reply:
    """Read what is asked for, or say why it cannot be done; raises 403 where the form is not of this session."""
    checked_form(visit.request, form, visit.visitor)
    wish = Wish(visit, form.get("action", ""), "", form)
    if not visit.served and visit.store != NO_STORE:
        words = "The store is not in the stores file: nothing is done to what is kept of it. Put it back to act on it."
        return wish.refusal(visit.gettext(words), 409)
    if not with_reason:
        return wish
    try:
        return Wish(visit, wish.action, read_reason(form.get("reason", ""), MOST_TYPED), form)
    except ReasonError as error:
        words = Markup(visit.gettext("The reason cannot be kept: {why}."))  # noqa: S704 - ours, and a translator's
        return wish.refusal(words.format(why=visit.page.speech.say(str(error))))


def log_granted(wish: Wish, order_ids: Sequence[str] = (), **more: object) -> None:
    """Write what was done."""
    log.info(Log.WISH_GRANTED, action=wish.action, **_named(order_ids), **more)


def log_denied(wish: Wish, order_ids: Sequence[str], *reasons: str) -> None:
    """Write what was not done, and why."""
    log.warning(Log.WISH_DENIED, action=wish.action, reason=_joined(reasons), **_named(order_ids))


def _named(order_ids: Sequence[str]) -> dict[str, object]:
    return {"order_id": order_ids[0]} if len(order_ids) == 1 else Names(order_ids).fields()


def _joined(reasons: Sequence[str]) -> str:
    return "; ".join(list(dict.fromkeys(reasons))[:_MOST_TOLD])
