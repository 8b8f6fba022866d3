"""SkyHub's list of what is not requested yet (`requested=false`), read to its end."""

from collections.abc import Callable, Sequence

from worker.ports import TransientError


def read_open(page: Callable[[int], Sequence[str]]) -> set[str]:
    """Return the remote codes on all pages; `page` reads one (1-based) and returns nothing past the end.

    Raises `TransientError` where SkyHub gives the same page twice in a row: it would never end.
    """
    found: set[str] = set()
    last: Sequence[str] = ()
    number = 1
    while codes := page(number):
        if codes == last:
            raise TransientError(f"SkyHub answers page {number} of its list with page {number - 1}")
        found.update(codes)
        last = codes
        number += 1
    return found
