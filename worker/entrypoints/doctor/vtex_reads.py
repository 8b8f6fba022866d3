"""One store's VTEX OMS, orders feed, and Pick and Pack: reads only. Nothing is taken out of the feed."""

from collections.abc import Iterator

from worker.adapters.vtex_oms import VtexOms
from worker.entrypoints.doctor.findings import Check, Finding
from worker.ports import FeedConfiguration, PermanentError, PickAndPack, Reconciled, TransientError
from worker.usecases.liveness import seconds

# No order has it: 404 says that the keys may ask.
NO_ORDER = "coleta-doctor-0"
_REFUSED = (401, 403)
_NOT_FOUND = 404
_WAITING_LONG_SECONDS = 3600
_INVOICED = "invoiced"


def check_oms(store: str, oms: VtexOms, known: str | None) -> Finding:
    """Read an order that the ledger holds, else one that is none: both tell whether the key may read."""
    try:
        order = oms.order(known or NO_ORDER)
    except (PermanentError, TransientError) as error:
        checks = Check.VTEX_REFUSED, Check.VTEX_UNREACHABLE, Check.VTEX_IN_TROUBLE
        return _refused(store, error, "VTEX OMS: ", *checks)
    if order is None and known is not None:
        return Finding(Check.VTEX_UNKNOWN_ORDER, f"the OMS answers 404 for {known}", store)
    return Finding(Check.VTEX_OK, f"the OMS {'gives orders' if order is not None else 'answers the key'}", store)


def check_feed(store: str, oms: VtexOms, reconciled: Reconciled | None) -> list[Finding]:
    """Look at how the feed is configured and what waits in it, and at what it did not tell."""
    try:
        found = list(_configured(oms.feed_configuration()))
    except PermanentError as error:
        check = Check.FEED_HIDDEN if error.status in _REFUSED else Check.VTEX_IN_TROUBLE
        found = [(Check.FEED_NOT_CONFIGURED if error.status == _NOT_FOUND else check, error.reason)]
    except TransientError as error:
        return [_refused(store, error, "VTEX OMS: ", Check.VTEX_REFUSED, Check.VTEX_UNREACHABLE, Check.VTEX_IN_TROUBLE)]
    untold = 0 if reconciled is None else reconciled.opened
    if untold:
        found.append((Check.FEED_TAKEN, f"the last reconcile found {untold:,} of which nobody had told"))
    return [Finding(check, said, store) for check, said in found]


def _configured(feed: FeedConfiguration) -> Iterator[tuple[Check, str]]:
    waits = "" if feed.waiting is None else f", {feed.waiting:,} events wait"
    fine = True
    if feed.states is not None and _INVOICED not in feed.states:
        fine = False
        yield Check.FEED_WITHOUT_INVOICED, f"its states are {', '.join(sorted(feed.states))}"
    if feed.waiting and (feed.oldest_seconds or 0) > _WAITING_LONG_SECONDS:
        fine = False
        yield (
            Check.FEED_PILED_UP,
            f"{feed.waiting:,} events, the oldest for {seconds(round(1000 * (feed.oldest_seconds or 0)))}",
        )
    if fine:
        yield (
            Check.FEED_OK,
            f"it tells of {'its states' if feed.states is not None else 'what its filter lets in'}{waits}",
        )


def check_pick_and_pack(store: str, packing: PickAndPack, known: str | None) -> Finding:
    """Get a token and read an order; one that it does not know is an answer as well."""
    try:
        status = packing.status(known or NO_ORDER)
    except (PermanentError, TransientError) as error:
        checks = Check.PICK_AND_PACK_REFUSED, Check.PICK_AND_PACK_UNREACHABLE, Check.PICK_AND_PACK_IN_TROUBLE
        return _refused(store, error, "Pick and Pack: ", *checks)
    return Finding(Check.PICK_AND_PACK_OK, f"it gives a token, {'and orders' if status else 'and answers it'}", store)


def _refused(
    store: str, error: PermanentError | TransientError, wire: str, refused: Check, unreachable: Check, trouble: Check
) -> Finding:
    """Say what a refusal means; `wire` begins what the adapter says of a call that got no answer."""
    if isinstance(error, PermanentError):
        # Pick and Pack's token service says 400 or 404 to a key as well ("Token").
        meant = error.status in _REFUSED or refused is Check.PICK_AND_PACK_REFUSED
        return Finding(refused if meant else trouble, error.reason, store)
    return Finding(
        unreachable if error.status is None and error.reason.startswith(wire) else trouble, error.reason, store
    )
