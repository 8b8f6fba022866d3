"""One store's SkyHub: reads only, at the service's own pace, never a confirmation."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from worker.adapters.skyhub import OrderShape, SkyHubApi
from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.doctor.skyhub_answers import Answer, Pages, Seen, Throttled, answers
from worker.entrypoints.words import counted
from worker.ports import PermanentError, TransientError

_UNAUTHORIZED, _FORBIDDEN, _THROTTLED = 401, 403, 429


@dataclass(slots=True)
class SkyHubFound:
    """What was found of a store at SkyHub, and what its account answers to the open questions."""

    findings: list[Finding]
    answers: list[Answer] = field(default_factory=list)


def check_skyhub(store: str, skyhub: SkyHubApi, met: "list[Throttled]") -> SkyHubFound:
    """Read a few pages of the lists and of the orders; `met` are 429s that the service met lately."""
    throttled = list(met)
    try:
        pages = _pages(skyhub)
        shapes = _shapes(skyhub)
    except (PermanentError, TransientError) as error:
        finding = refused(store, error)
        if error.status == _THROTTLED:
            throttled.insert(0, Throttled(finding.found))
        return SkyHubFound([finding], answers(Seen(pages=Pages(), throttled=throttled)) if throttled else [])
    except RedisError as error:  # the pace is kept there
        return SkyHubFound([Finding(Check.SKYHUB_NOT_ASKED, f"Redis, which keeps the pace, went away: {error}", store)])
    given = answers(Seen(pages=pages, shapes=shapes, throttled=throttled))
    found = [Finding(answer.check, f"{answer.question} {answer.said}", store) for answer in given if answer.check]
    listed = sum(map(len, pages.open))
    more = " or more" if len(pages.open) > 1 and len(pages.open[1]) == len(pages.open[0]) else ""
    said = f"{counted(listed, 'order')}{more} listed for pickup, {counted(len(shapes), 'order')} read"
    return SkyHubFound([Finding(Check.SKYHUB_OK, said, store), *found], given)


def refused(store: str, error: PermanentError | TransientError) -> Finding:
    """Say what SkyHub's refusal means."""
    match error:
        case PermanentError(status=status):
            checks = {_UNAUTHORIZED: Check.SKYHUB_UNAUTHORIZED, _FORBIDDEN: Check.SKYHUB_FORBIDDEN}
            return Finding(checks.get(status or 0, Check.SKYHUB_WRONG_CALL), error.reason, store)
        case TransientError(status=status, retry_after=wait) if status == _THROTTLED:
            after = f"Retry-After {wait:g} s" if wait is not None else "no Retry-After"
            return Finding(Check.SKYHUB_THROTTLED, f"{error.reason} ({after})", store)
        case TransientError(status=None) if ": " in error.reason and error.reason.startswith("SkyHub: "):
            return Finding(Check.SKYHUB_UNREACHABLE, error.reason, store)
        case _:
            return Finding(Check.SKYHUB_IN_TROUBLE, error.reason, store)


def _pages(skyhub: SkyHubApi) -> Pages:
    opened = tuple(_two_pages(skyhub, requested=False))
    taken = tuple(_two_pages(skyhub, requested=True))
    return Pages(open=opened, taken=taken, zero=_page_zero(skyhub) if opened and opened[0] else None)


def _two_pages(skyhub: SkyHubApi, *, requested: bool) -> Iterator[tuple[str, ...]]:
    for number in (1, 2):
        page = skyhub.collectables(requested=requested, page=number)
        yield page
        if not page:
            return


def _page_zero(skyhub: SkyHubApi) -> tuple[str, ...]:
    """Read page 0, which there should not be: SkyHub may refuse it."""
    try:
        return skyhub.collectables(requested=False, page=0)
    except PermanentError:
        return ()
    except TransientError as error:
        if error.status == _THROTTLED:
            raise
        return ()


def _shapes(skyhub: SkyHubApi) -> list[OrderShape]:
    """Return invoiced orders and any others, each once. That all may be asked for at once is not documented."""
    found = list(skyhub.shapes(invoiced=True))
    try:
        found += skyhub.shapes(invoiced=False)
    except PermanentError:
        return found
    except TransientError as error:
        if error.status == _THROTTLED:
            raise
    return list({shape.code: shape for shape in found}.values())
