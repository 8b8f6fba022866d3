"""SkyHub in the model: it answers late, not at all, or the wrong thing; and it judges each pickup that it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.fakes.fake_skyhub import FakeSkyHub
from tests.faults.model_process import Process
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.facts import SkyHubOrder
from worker.ports import InvoicedPage, PermanentError, TransientError

SECOND = 1_000
CALL_MS = 20 * SECOND
# The settling delay (60 s) covers both together: a list as old as this, and an effect so long after the timeout.
MOST_LAG_MS = 30 * SECOND
MOST_LATE_MS = 29 * SECOND
ERRORS = (TransientError("503"), TransientError("429", 30.0), PermanentError("401"), PermanentError("403"))
NO_LABEL = "etiqueta nao encontrada"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a confirmation ends: what is answered, how many of its codes are taken, and when (None = none).

    `hangs`: the answer is the caller's own timeout. An effect of 0 ms comes at once.
    """

    outcome: Outcome
    effect_ms: int | None = None
    taken: Callable[[int], int] = lambda codes: codes
    hangs: bool = False


def half(codes: int) -> int:
    """Take some of a batch."""
    return codes // 2


TIMEOUT = Unclear("timed out")
CONFIRMED = Answer(Accepted(), 0)
# What a fault makes of a confirmation; the first one is none.
ANSWERS = (
    CONFIRMED,
    Answer(TIMEOUT, 0, hangs=True),
    Answer(TIMEOUT, hangs=True),
    Answer(TIMEOUT, CALL_MS + MOST_LATE_MS, hangs=True),
    Answer(TIMEOUT, CALL_MS // 2, hangs=True),
    Answer(Unclear("503"), 0),
    Answer(Unclear("503")),
    Answer(Refused("invalido"), 0, half),
    Answer(Refused("invalido")),
    Answer(Refused(NO_LABEL)),
    Answer(NoEffect(Cause.THROTTLED, "429", 30.0)),
    Answer(NoEffect(Cause.UNAUTHORIZED, "401")),
    Answer(NoEffect(Cause.FORBIDDEN, "403")),
    Answer(WrongCall("404"), 0),
    Answer(WrongCall("404")),
)
UNREACHABLE = NoEffect(Cause.UNREACHABLE, "connection refused")
FAULTS = len(ANSWERS) + 1  # the last one: nobody is there


def _unjudged(promise: str, why: str) -> None:
    raise AssertionError(promise, why)


@dataclass
class Market(FakeSkyHub):
    """One store's account. `broke` hears of each promise that a pickup breaks, by its column and with its code.

    `late` holds what takes effect later; `unasked` the codes whose undone pickup only an operator may ask for again.
    """

    broke: Callable[[str, str], object] = _unjudged
    late: list[tuple[int, str, str]] = field(default_factory=list)
    unasked: set[str] = field(default_factory=set)

    def accept(self, code: str, objection: str) -> None:
        """Take a pickup that a claim asked for; `objection` is what spoke against that claim when it was made."""
        delivery = self.deliveries.get(code)
        if delivery is None:
            return
        if objection:
            self.broke(objection, code)
        if self.accepted[code, delivery.round] or code in self.unasked:
            self.broke("twice", code)
        self.take(code)

    def reopen(self, code: str) -> None:
        """Let an operator's word allow one more pickup."""
        self.unasked.discard(code)
        self.deliveries[code].round += 1

    def catch_up(self) -> None:
        """Let what was late take effect, if its time has come."""
        ripe = [each for each in self.late if each[0] <= self.clock()]
        if ripe:
            self.late = [each for each in self.late if each[0] > self.clock()]
            for _, code, objection in ripe:
                self.accept(code, objection)


@dataclass(frozen=True, slots=True)
class SkyHubSeen:
    """SkyHub as one process calls it; `wait_until` lets time pass for a call that hangs."""

    process: Process
    market: Market
    struck: Callable[[str], object]
    wait_until: Callable[[int], object]

    def collectables(self, *, requested: bool, page: int) -> tuple[str, ...]:
        self._reach(f"collectables?requested={str(requested).lower()} page {page}")
        return self.market.collectables(requested=requested, page=page)

    def order(self, code: str) -> SkyHubOrder | None:
        self._reach(f"order {code}")
        return self.market.order(code)

    def invoiced_orders(self, page: int) -> InvoicedPage:
        self._reach(f"invoiced orders page {page}")
        return self.market.invoiced_orders(page)

    def confirm(self, codes: Sequence[str], may_send: Callable[[], bool]) -> Outcome:
        fault = self.process.reach(f"confirm {' '.join(codes)}") % FAULTS
        if fault == len(ANSWERS):
            self.struck(UNREACHABLE.reason)
            return UNREACHABLE
        # Nothing lies between this look at the leases and the send: what does, for longer than both, is a residual.
        if not may_send():
            return NoEffect(Cause.NOT_SENT, "the lease ends too soon")
        answer, sent_at = ANSWERS[fault], self.market.clock()
        if fault:
            self.struck(f"confirmation: {_told(answer)}")
        self._take(codes, answer, self.process.claims)
        self.process.reach("its answer")
        if answer.hangs:
            self.wait_until(sent_at + CALL_MS)
        return answer.outcome

    def _take(self, codes: Sequence[str], answer: Answer, claims: Mapping[str, str]) -> None:
        market = self.market
        market.sent.append(tuple(codes))
        if answer.effect_ms is None:
            return
        for code in codes[: answer.taken(len(codes))]:
            if answer.effect_ms == 0:
                market.accept(code, claims[code])
            else:
                market.late.append((market.clock() + answer.effect_ms, code, claims[code]))

    def _reach(self, what: str) -> None:
        fault = self.process.reach(what)
        if fault:
            error = ERRORS[fault % len(ERRORS)]
            self.struck(f"reading: {error}")
            raise error


def _told(answer: Answer) -> str:
    effect = "" if answer.effect_ms is None else ", taken" if not answer.effect_ms else ", taken late"
    return f"{answer.outcome}{effect}"
