"""What the simulated SkyHub does when the contract leaves it open."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The switches; each can be changed while the sandbox runs."""

    latency_ms: float = 0.0
    """Every call waits this long before it takes effect."""
    lists_lag_seconds: float = 0.0
    """An accepted confirmation moves from `requested=false` to `requested=true` this much later."""
    strict: bool = True
    """Only a Direct order that is listed may be confirmed; off: any order of the account is accepted."""
    partial_acceptance: bool = False
    """A batch with a bad code: its good codes are accepted, though the answer is the refusal."""
    refusal_with_200: bool = False
    """A refusal is answered with 200 and `result: erro` instead of 422."""
    repeat_accepted: bool = True
    """A code already requested is accepted again, and counted again; off: it is refused."""
    rate_limits: bool = True
    """Calls beyond the documented rate are answered with 429."""
    retry_after_seconds: int | None = None
    """`Retry-After` of a 429; null: no such header."""

    def __post_init__(self) -> None:
        """Refuse a time that lies in the past."""
        if min(self.latency_ms, self.lists_lag_seconds, self.retry_after_seconds or 0) < 0:
            raise ValueError("a latency, a lag and a Retry-After cannot be negative")
