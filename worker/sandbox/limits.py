"""SkyHub's documented rate limits: each account, endpoint and method has its own."""

from collections import defaultdict, deque

from worker.sandbox.calls import CallName

CALLS_PER_SECOND: dict[CallName, int] = {"collectables": 9, "confirm": 9, "order": 1, "orders": 1}
WINDOW_SECONDS = 1.0


class RateLimiter:
    """A sliding window of one second over the arrivals that were let in; a refused call takes no place in it."""

    def __init__(self) -> None:
        self._arrivals: defaultdict[tuple[str, CallName], deque[float]] = defaultdict(deque)

    def admits(self, account: str, call: CallName, now: float) -> bool:
        """Tell whether a call that arrives at `now` (monotonic seconds) is within the limit, and count it if so."""
        arrivals = self._arrivals[account, call]
        while arrivals and now - arrivals[0] >= WINDOW_SECONDS:
            arrivals.popleft()
        if len(arrivals) >= CALLS_PER_SECOND[call]:
            return False
        arrivals.append(now)
        return True
