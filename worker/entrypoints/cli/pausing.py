"""`coleta stores pause|resume`: an operator stops a store's SkyHub calls, and lets them go on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from worker.bootstrap import Service
from worker.entrypoints import operating
from worker.entrypoints.cli.connected import connected, served
from worker.entrypoints.cli.each_store import SERVER_AWAY, unless_away
from worker.entrypoints.cli.options import How
from worker.entrypoints.cli.tally import Tally, named
from worker.entrypoints.cli.terminal import tell
from worker.entrypoints.tasks import app
from worker.entrypoints.views import hindrances, paused
from worker.entrypoints.words import counted, of_store
from worker.ports import OPERATOR, Drain, Pause, Standing
from worker.usecases.find_orders import says
from worker.usecases.pause_store import pause_by_operator
from worker.wiring import milliseconds


@dataclass(frozen=True, slots=True)
class Which:
    """Which stores are meant: those named, or all whose name holds `like`."""

    names: Sequence[str] = ()
    like: str = ""


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done: its words, what a store is then and before, whether a pause needs it, doing it, what it leaves."""

    verb: str
    so_before: str
    question: str
    after: str
    before: Callable[[Pause], str]
    needed: Callable[[Pause], bool]
    do: Callable[[Service, str], bool]
    hindered: Callable[[Standing, int], Iterator[str]] = lambda _standing, _quarantine_ms: iter(())


def pause(which: Which, reason: str, how: How) -> None:
    """Stop the SkyHub calls of stores until an operator resumes them; recording goes on."""
    act = _Act(
        verb="paused",
        so_before="paused already",
        question="pause {}",
        after="is paused: what is under way ends, nothing new is requested, events are recorded as before; "
        "to go on: coleta stores resume {}",
        before=lambda pause: f"is paused already: {paused(pause)}",
        needed=lambda pause: not (pause.active and pause.by == OPERATOR),
        do=lambda service, store: pause_by_operator(service.ledger(store), reason),
    )
    _act_on(act, which, how)


def resume(which: Which, how: How) -> None:
    """End whatever pause stores have."""
    act = _Act(
        verb="resumed",
        so_before="not paused",
        question="resume {}",
        after="is resumed: it goes on",
        before=lambda _pause: "is not paused: nothing to resume",
        needed=lambda pause: pause.active,
        do=lambda service, store: operating.resume(service, app, store),
        hindered=hindrances,
    )
    _act_on(act, which, how)


def _act_on(act: _Act, which: Which, how: How) -> None:
    with connected() as service:
        for name in which.names:
            served(service, name)
        names = list(dict.fromkeys(which.names)) or [name for name in sorted(service.stores) if says(which.like, name)]
        if len(which.names) == 1 and not how.as_json:
            tell(_one(service, act, names[0], dry_run=how.dry_run))
            return
        tally = Tally(
            verb=act.verb, things="stores", keys=("store",), wanted=len(names), how=how, so_before=act.so_before
        )
        question = "" if len(which.names) == 1 else act.question.format(counted(len(names), "store"))
        with tally.working(act.question.format("stores"), question) as interruption:
            for store in interruption.until(names):
                done = unless_away(service, partial(_done, service, act, store, dry_run=how.dry_run))
                if done is None:
                    tally.refuse(SERVER_AWAY, store)
                elif done:
                    tally.do(named(f"would be {act.verb}", store))
                else:
                    tally.hold()


def _one(service: Service, act: _Act, store: str, *, dry_run: bool) -> str:
    before = _pause(service, store)
    if not _done(service, act, store, dry_run=dry_run):
        said = act.before(before if before.active else _pause(service, store))
        return of_store(store, f"store {store} {said}")
    if dry_run:
        return f"dry run, nothing was changed: store {store} would be {act.verb}"
    standing = service.ledger(store).standing(Drain.PICKUPS)
    hindered = act.hindered(standing, milliseconds(service.settings.quarantine_seconds))
    return "\n".join(
        [f"store {store} {act.after.format(store)}", *(of_store(store, f"store {store}: {why}") for why in hindered)]
    )


def _done(service: Service, act: _Act, store: str, *, dry_run: bool) -> bool:
    return act.needed(_pause(service, store)) if dry_run else act.do(service, store)


def _pause(service: Service, store: str) -> Pause:
    return service.ledger(store).standing(Drain.PICKUPS).pause
