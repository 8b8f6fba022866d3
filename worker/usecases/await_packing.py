"""Hold due orders until Pick and Pack says that they are packed, in stores that ask for it."""

from collections.abc import Callable, Sequence

import structlog

from worker.domain.packing import choked, is_held, packing_told, packing_unasked, packing_untold
from worker.domain.policy import Policy
from worker.domain.wishes import vtex_id
from worker.ports import Change, Ledger, PermanentError, PickAndPack, Saved, Stored, TransientError
from worker.telemetry import Log
from worker.usecases.rewriting import CHUNK

log = structlog.get_logger()

# A call an order: as many a round as take some seconds.
_MOST_ASKED = 50


def packed_ones(
    ledger: Ledger,
    packing: PickAndPack | None,
    policy: Policy,
    due: Sequence[Stored],
    go_on: Callable[[], None],
    late: Callable[[], bool],
) -> tuple[list[Stored], bool]:
    """Return the due orders that are not held, and whether some could not be asked about yet.

    `go_on` is called before each question and may end the round, `late` ends the questions. A Pick and Pack that is in
    trouble holds all orders it was to be asked about; the one it choked on is asked last the next time, so that it
    keeps no other from its answer.
    """
    held = [stored for stored in due if is_held(stored.order, policy)]
    if not held:
        return list(due), False
    held.sort(key=lambda stored: choked(stored.order))
    names = {stored.order.order_id for stored in held}
    free = [stored for stored in due if stored.order.order_id not in names]
    for number, stored in enumerate(held[:_MOST_ASKED]):
        if late():
            return free, True
        go_on()
        order = stored.order
        try:
            told = _ask(packing, vtex_id(order, policy) or order.order_id)
        except (TransientError, PermanentError) as error:
            log.warning(Log.PACKING_UNTOLD, reason=error.reason, held=len(held) - number)
            _hold(ledger, held[number:], error, policy)
            return free, False
        order = packing_told(order, told, policy, ledger.now())
        if order.packed:
            free += _saved(ledger, [Change(order=order, version=stored.version)])
        else:
            ledger.save([Change(order=order, version=stored.version)])
    return free, len(held) > _MOST_ASKED


def _ask(packing: PickAndPack | None, name: str) -> str | None:
    if packing is None:
        raise PermanentError("the store has no [pick_and_pack] that could be asked")
    return packing.status(name)


def _hold(ledger: Ledger, held: Sequence[Stored], error: TransientError | PermanentError, policy: Policy) -> None:
    """Hold the order that was asked about, the first one, and those that were to be."""
    now, (asked, *others) = ledger.now(), held
    after = error.retry_after if isinstance(error, TransientError) else None
    changes = [Change(order=packing_untold(asked.order, error.reason, policy, now, after), version=asked.version)]
    changes += [Change(order=packing_unasked(each.order, policy, now, after), version=each.version) for each in others]
    for start in range(0, len(changes), CHUNK):
        ledger.save(changes[start : start + CHUNK])


def _saved(ledger: Ledger, changes: Sequence[Change]) -> list[Stored]:
    """Return what was saved; what another writer was faster with comes again in the next round."""
    results = zip(changes, ledger.save(changes), strict=True)
    return [Stored(change.order, result.version) for change, result in results if isinstance(result, Saved)]
