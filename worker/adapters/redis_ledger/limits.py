"""How long and how much the state keeps."""

from dataclasses import dataclass

_DAY = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much a store's state keeps; milliseconds and bytes.

    `forward_ms` is how far the server's clock may be set forward without a quarantine.
    """

    lease_ms: int = 30_000
    inbox_lease_ms: int = 5_000
    hint_ms: int = 10_000
    forward_ms: int = 30_000
    inbox_limit: int = 1_000_000
    retention_ms: int = 90 * _DAY
    key_ms: int = 400 * _DAY
    rejected_ms: int = 30 * _DAY
    rejected_bytes: int = 50 * 1024 * 1024
    body_bytes: int = 64 * 1024
