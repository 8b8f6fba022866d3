"""A sweep that is watched: that it came to its end, and where it found work that its hint should have brought on."""

from collections.abc import Callable

from worker.bootstrap import Service
from worker.metrics import RECOVERED, field_of
from worker.ports import Drain
from worker.wiring import milliseconds

# The others run by the clock: nothing waits for them.
_HINTED = frozenset({Drain.INBOX, Drain.PICKUPS, Drain.LEARN, Drain.REREAD})


def sweep_watched(service: Service, send: Callable[[str, Drain, int], bool]) -> None:
    """Sweep, and note what the metrics tell of it; `send` says whether a hint was needed."""
    work: list[tuple[str, Drain]] = []

    def noted(store: str, drain: Drain, delay_ms: int) -> None:
        if send(store, drain, delay_ms) and drain in _HINTED:
            work.append((store, drain))

    if not service.sweep(noted):
        return
    service.meters.swept()
    # What waits for longer was hinted at by the sweep before this one, or by whoever put it there.
    interval = milliseconds(service.settings.sweep_seconds)
    for store, drain in service.meters.forgotten(work, interval) if work else ():
        service.tally.add(store, field_of(RECOVERED, drain))
