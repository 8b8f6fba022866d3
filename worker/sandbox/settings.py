"""What the simulated services do when their contracts leave it open."""

from worker.sandbox.forms import form


@form
class Settings:
    """The switches; each can be changed while the sandbox runs. Those of SkyHub come first."""

    latency_ms: float = 0.0
    """Every call of every service waits this long before it takes effect."""
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
    """Calls beyond the documented rates of SkyHub and the OMS are answered with 429."""
    retry_after_seconds: int | None = None
    """`Retry-After` of a 429; null: no such header."""

    oms_calls_per_minute: int = 6000
    """The OMS's limit an account."""
    null_fields: tuple[str, ...] = ()
    """Fields of every OMS order that are null; dots lead into objects and lists ("items.uniqueId")."""
    absent_fields: tuple[str, ...] = ()
    """Fields of every OMS order that are left out; written as in `null_fields`."""
    null_states: bool = False
    """`state` in the feed and `State` in the hook are null."""
    feed_visibility_seconds: float = 240.0
    """What was read from the feed is hidden so long, then comes back unless it was committed."""
    feed_states: tuple[str, ...] = ("ready-for-handling", "handling", "invoiced", "canceled")
    """The states that the feed's configuration names; every change enters it all the same."""
    feed_lost: bool = False
    """Changes do not enter the feed."""
    feed_twice: bool = False
    """Each change enters the feed twice."""
    feed_shuffled: bool = False
    """The feed is read in any order."""

    token_seconds: float = 900.0
    """A Pick and Pack token is accepted so long after it was issued."""
    expired_with_403: bool = False
    """An expired token is answered with 403 and the code EXPIRED_TOKEN instead of 401 and 1000."""
    unknown_with_400: bool = False
    """An order that Pick and Pack does not know is answered with 400 and 1002 instead of 404 and 1001."""

    def __post_init__(self) -> None:
        """Refuse a time that lies in the past."""
        if min(self.latency_ms, self.lists_lag_seconds, self.retry_after_seconds or 0) < 0:
            raise ValueError("a latency, a lag and a Retry-After cannot be negative")
        if min(self.oms_calls_per_minute, self.feed_visibility_seconds, self.token_seconds) < 0:
            raise ValueError("a limit, a visibility and a token's life cannot be negative")

    @property
    def throttling_headers(self) -> dict[str, str]:
        """The headers of a 429."""
        return {} if self.retry_after_seconds is None else {"Retry-After": str(self.retry_after_seconds)}
