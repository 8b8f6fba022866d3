"""A rate limit as a sliding window over the arrivals that were let in."""

from collections import defaultdict, deque


class RateLimiter:
    """A sliding window a key; a refused call takes no place in it."""

    def __init__(self) -> None:
        self._arrivals: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def admits(self, key: tuple[str, str], limit: tuple[int, float], now: float) -> bool:
        """Tell whether a call at `now` is within `limit` (calls, seconds of the window), and count it if so."""
        calls, window = limit
        arrivals = self._arrivals[key]
        while arrivals and now - arrivals[0] >= window:
            arrivals.popleft()
        if len(arrivals) >= calls:
            return False
        arrivals.append(now)
        return True
