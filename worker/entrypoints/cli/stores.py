"""`coleta stores`: how every store stands."""

from collections.abc import Sequence

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.order import Status
from worker.entrypoints.cli.connected import connected
from worker.entrypoints.cli.each_store import end_with_unread
from worker.entrypoints.cli.tables import Sheet, print_json_list, show_first_that_fits
from worker.entrypoints.cli.terminal import complain
from worker.entrypoints.stands import standstill_of
from worker.entrypoints.store_views import needs_somebody, overdue, state, store_document
from worker.entrypoints.words import counted
from worker.ports import Overview
from worker.usecases.find_orders import says
from worker.wiring import milliseconds

_COLUMNS = ("store", "state", "waiting", "due", "oldest due", "requesting", "requested", "failed", "attention", "inbox")
_NARROW_COLUMNS = ("store", "state", "what there is")


def list_stores(like: str, *, only_paused: bool, only_attention: bool, as_json: bool) -> None:
    """List stores, also those that were taken out of the stores file: what needs somebody first, then by name."""
    with connected() as service:
        names = service.names()
        overviews = service.fleet.overview([*names, NO_STORE])
        served = service.stores.keys()
        quarantine_ms = milliseconds(service.settings.quarantine_seconds)
        nobody_works = "" if as_json else standstill_of(service)
    everything = [each for each in overviews if each.backlog.store != NO_STORE]
    astray = sum(each.rejected for each in overviews if each.backlog.store == NO_STORE)
    seen = {each.backlog.store for each in everything}
    unread = [name for name in names if name not in seen and says(like, name)]
    shown = [
        each
        for each in everything
        if says(like, each.backlog.store)
        and (not only_paused or each.backlog.pause.active or each.backlog.store not in served)
        and (not only_attention or each.attention)
    ]
    shown.sort(key=lambda each: (not needs_somebody(each), each.backlog.store))
    if as_json:
        print_json_list(
            store_document(each, served=each.backlog.store in served, quarantine_ms=quarantine_ms) for each in shown
        )
        end_with_unread(unread)
        return
    states = {
        each.backlog.store: state(each, served=each.backlog.store in served, quarantine_ms=quarantine_ms)
        for each in shown
    }
    if shown:
        wide = [_row(each, states[each.backlog.store]) for each in shown]
        narrow = [(each.backlog.store, states[each.backlog.store], _in_words(each)) for each in shown]
        show_first_that_fits(
            Sheet((*_COLUMNS, "rejected"), wide, ("state",)),
            Sheet(_NARROW_COLUMNS, narrow, ()),  # a long state is read in lines of its own, not in a narrow column
        )
    complain(_summary(shown, len(everything)))
    if astray and not like:
        complain(f"{counted(astray, 'rejected event')} of no known store: coleta rejected list --no-store")
    if nobody_works:
        complain(nobody_works)
    end_with_unread(unread)


def _row(each: Overview, said: str) -> tuple[str, ...]:
    counts = each.counts
    numbers = (counts[Status.REQUESTING], counts[Status.REQUESTED], counts[Status.FAILED])
    last = (*numbers, each.attention, each.backlog.inbox, each.rejected)
    waiting, due = str(counts[Status.WAITING]), str(counts[Status.DUE])
    return (each.backlog.store, said, waiting, due, overdue(each), *map(str, last))


def _in_words(each: Overview) -> str:
    """Say everything that is not zero."""
    late = overdue(each)
    named = {
        "failed": each.counts[Status.FAILED],
        "with attention": each.attention,
        "rejected": each.rejected,
        f"due{f' (for {late})' if late else ''}": each.counts[Status.DUE],
        "requesting": each.counts[Status.REQUESTING],
        "waiting": each.counts[Status.WAITING],
        "in the inbox": each.backlog.inbox,
        "requested": each.counts[Status.REQUESTED],
    }
    return ", ".join(f"{number:,} {name}" for name, number in named.items() if number)


def _summary(shown: Sequence[Overview], total: int) -> str:
    stores = counted(total, "store") if len(shown) == total else f"{len(shown):,} of {counted(total, 'store')}"
    paused = sum(each.backlog.pause.active for each in shown)
    flagged = sum(bool(each.attention) for each in shown)
    failed = counted(sum(each.counts[Status.FAILED] for each in shown), "failed order")
    return f"{stores}: {paused:,} paused, {flagged:,} with attention, {failed}"
