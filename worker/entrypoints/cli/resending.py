"""`coleta rejected resend|discard`: what an operator does with events that could not be recorded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import Service
from worker.entrypoints.cli.connected import connected, served
from worker.entrypoints.cli.each_store import act_on_each
from worker.entrypoints.cli.options import How
from worker.entrypoints.cli.rejected import Chosen, Ids, Wanted, chosen
from worker.entrypoints.cli.tally import Tally, named
from worker.entrypoints.cli.terminal import complain, showing
from worker.entrypoints.operating import hinting_inboxes
from worker.entrypoints.rejected_bodies import came_otherwise, read_kept
from worker.entrypoints.servers_away import lost_elsewhere
from worker.entrypoints.tasks import app
from worker.entrypoints.words import counted
from worker.ports import InboxFullError
from worker.usecases.resend_rejected import Forgotten, NotKept, ResendRejected, Resent, StillRejected

Answer = Resent | StillRejected | NotKept | Forgotten


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done, in words and in fact: the answers to these ids; whether their bodies are read for it."""

    verb: str
    question: str
    answers: Callable[[Service, ResendRejected, Iterable[str]], Iterator[Answer]]
    reads: bool


def resend(wanted: Wanted, how: How) -> None:
    """Hand rejected events in again; what is still no event of a store that is served stays kept."""
    _act_on(_Act("resent", "resend {}", _resent, reads=True), wanted, how)


def discard(wanted: Wanted, how: How) -> None:
    """Forget rejected events."""
    forget = _Act("discarded", "forget {} for good", lambda _service, job, ids: job.discard(ids), reads=False)
    _act_on(forget, wanted, how)


def _act_on(act: _Act, wanted: Wanted, how: How) -> None:
    with connected() as service:
        if wanted.store not in (None, NO_STORE):
            served(service, str(wanted.store))
        with showing("looking for rejected events"):
            found = chosen(service, wanted)
        ids, refused = _of_served(service, wanted, found, reads=act.reads)
        total = sum(map(len, ids.values())) + len(refused)
        tally = Tally(verb=act.verb, things="rejected events", keys=("store", "id"), wanted=total, how=how)
        question = act.question.format(_counted(ids)) if ids and len(wanted.ids) != 1 else ""
        with tally.working(act.verb, question) as interruption:
            for reason, *names in refused:
                tally.refuse(reason, *names)

            def do(store: str, kept: Sequence[str]) -> None:
                job = ResendRejected(
                    fleet=service.fleet,
                    store=store,
                    served=service.stores.keys(),
                    read=read_kept,
                    dry_run=how.dry_run,
                    away=lost_elsewhere(service),
                )
                for answer in act.answers(service, job, interruption.until(kept)):
                    _count(tally, store, answer)

            try:
                act_on_each(service, tally, ids, do)
            except InboxFullError as full:
                mend = "see that a worker runs, or raise the limit; then resend again"
                complain(f"{full}: what is left stays kept; {mend}")
                raise SystemExit(1) from full
        if found.unread:
            raise SystemExit(1)


def _of_served(
    service: Service, wanted: Wanted, found: Chosen, *, reads: bool
) -> tuple[Ids, list[tuple[str, str | None, str]]]:
    """Return the events to act on, and those that cannot be acted on: why, the store and the id.

    Who `reads` them can do so with native events alone, whatever the bodies of others look like.
    """
    ids = found.ids
    unknown = "not found in the stores that answered" if found.unread else "no such event is kept"
    refused: list[tuple[str, str | None, str]] = [(unknown, None, each) for each in found.unknown]
    gone = [store for store in ids if store != NO_STORE and store not in service.stores]
    for store in gone:
        why = f"store {store} was taken out of {service.settings.stores_file}"
        if wanted.ids:
            refused += [(f"{why}: put it back to act on its events", store, each) for each in ids[store]]
        else:
            complain(f"{why}: nothing is done to its {counted(len(ids[store]), 'rejected event')}")
    ids = {store: kept for store, kept in ids.items() if store not in gone}
    if reads:
        refused += [
            (came_otherwise(origin), store, each) for (store, each), origin in found.origins.items() if store in ids
        ]
        ids = {store: [each for each in kept if (store, each) not in found.origins] for store, kept in ids.items()}
    return {store: kept for store, kept in ids.items() if kept}, refused


def _resent(service: Service, job: ResendRejected, ids: Iterable[str]) -> Iterator[Answer]:
    return job.resend(ids) if job.dry_run else hinting_inboxes(service, app, job.resend(ids))


def _count(tally: Tally, store: str, answer: Answer) -> None:
    keeper = None if store == NO_STORE else store
    match answer:
        case Resent(rejected_id=rejected_id, store=to, order_id=order_id):
            tally.do(named(f"would be resent to the inbox of store {to}, for order {order_id}", keeper, rejected_id))
        case Forgotten(rejected_id=rejected_id):
            tally.do(named("would be discarded, for good", keeper, rejected_id))
        case NotKept():
            tally.hold()
        case StillRejected(rejected_id=rejected_id, reason=reason):
            tally.refuse(f"{reason} (it stays kept)", keeper, rejected_id)
        case _:
            assert_never(answer)


def _counted(ids: Ids) -> str:
    events = counted(sum(map(len, ids.values())), "rejected event")
    places = ["no known store" if store == NO_STORE else f"store {store}" for store in ids]
    return f"{events} of {places[0] if len(places) == 1 else f'{len(places):,} places'}"
