"""SkyHub's lists, page by page. `before_page` is called before each page and may end the walk by an exception."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from worker.domain.facts import SkyHubOrder
from worker.domain.order import Order
from worker.domain.pickups import Lists, needs_taken
from worker.domain.policy import Policy
from worker.domain.progress import unlisted
from worker.ports import Ledger, Scan, SkyHub, TransientError
from worker.usecases.rewriting import ALL, rewrite
from worker.usecases.two_at_a_time import Threads, TwoAtATime, gravest, two_threads

# Rows of a full page (contracts/skyhub.md, "The three calls"); behind a shorter one there is hardly another.
_ROWS = 20


def read_open(
    skyhub: SkyHub, before_page: Callable[[], object] = lambda: None, threads: Threads | None = None
) -> set[str]:
    """Return the remote codes of all that is not requested yet (`requested=false`), read to its end.

    With `threads` two pages at a time, as long as they come full: one that is read beyond the end costs a call.
    Raises `TransientError` where SkyHub gives the same page twice in a row: it would never end.
    """
    found: set[str] = set()
    last: Sequence[str] = ()
    begun = number = 0
    more = False
    with TwoAtATime[Sequence[str]](threads or two_threads) as pages:
        while True:
            while pages.free and (pages.idle or more):
                before_page()
                begun += 1
                pages.begin(partial(skyhub.collectables, requested=False, page=begun), aside=more)
            number += 1
            codes = _next(pages)
            if not codes:
                return found
            if codes == last:
                raise TransientError(f"SkyHub answers page {number} of its list with page {number - 1}")
            found.update(codes)
            last = codes
            more = threads is not None and len(codes) >= _ROWS


def _next(pages: TwoAtATime[Sequence[str]]) -> Sequence[str]:
    """Take the next page; if there is none, raise the gravest of what kept it and the one beside it."""
    try:
        return pages.take()
    except Exception as error:  # noqa: BLE001 - raised below, unless the other page has a graver one
        errors = [error, *pages.take_errors()]
    raise gravest(errors)


def read_lists(
    ledger: Ledger,
    skyhub: SkyHub,
    policy: Policy,
    due: Sequence[Order],
    pages: int,
    before_page: Callable[[], object],
    threads: Threads,
) -> tuple[Lists, TransientError | None]:
    """Read `requested=false` to its end, and at most `pages` of `requested=true` where a due order needs it.

    Trouble with `true` keeps no certain order from its confirmation: it comes back beside what was read.
    """
    open_codes = read_open(skyhub, before_page, threads)
    if not any(needs_taken(order, open_codes, policy) for order in due):
        return Lists(open_codes, taken_since=0), None
    scan, trouble = _read_taken(ledger, skyhub, policy, pages, before_page)
    whole_since = scan.started_at if scan.whole else None
    return Lists(open_codes, scan.codes, whole_since, begun_at=scan.started_at), trouble


def _read_taken(
    ledger: Ledger, skyhub: SkyHub, policy: Policy, pages: int, before_page: Callable[[], object]
) -> tuple[Scan, TransientError | None]:
    """Read on in `requested=true` from where the last round stopped.

    A reading from before the change of server is begun anew: it may have missed what the new one forgot.
    """
    scan = ledger.scan()
    if scan is None or scan.started_at <= policy.changed_at:
        scan = Scan(ledger.now())
    trouble = None
    try:
        for _ in range(pages):
            before_page()
            codes = skyhub.collectables(requested=True, page=scan.next_page)
            if not codes:
                ledger.save_scan(None)
                return replace(scan, whole=True), None
            scan = replace(scan, next_page=scan.next_page + 1, codes=scan.codes | frozenset(codes))
    except TransientError as error:
        trouble = error
    ledger.save_scan(scan)
    return scan, trouble


def invoiced_pages(skyhub: SkyHub, before_page: Callable[[], object]) -> Iterator[tuple[tuple[SkyHubOrder, ...], int]]:
    """Yield the pages of the orders that SkyHub calls invoiced, each with the number of orders behind it."""
    number = seen = 0
    while True:
        number += 1
        before_page()
        page = skyhub.invoiced_orders(number)
        seen += len(page.orders)
        if page.orders:
            yield page.orders, max(0, page.total - seen)
        if seen >= page.total or not page.orders:
            return


def take_flags_off(ledger: Ledger, open_codes: Collection[str], now: int) -> None:
    """Take the flags of listed orders off those that `requested=false`, read whole, does not list any more."""
    rewrite(ledger, ledger.attention_ids(0, ALL), lambda order: unlisted(order, open_codes, now))
