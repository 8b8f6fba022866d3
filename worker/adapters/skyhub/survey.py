"""How an account spells its orders: what no public source settles is looked at (contracts/skyhub.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from worker.adapters.http import Answer
from worker.adapters.reading import json_of, loose
from worker.adapters.skyhub.answers import check, rows_of
from worker.adapters.skyhub.calls import WHO, SkyHubSettings


@dataclass(frozen=True, slots=True)
class OrderShape:
    """What an order says of its codes, status and carrier, as it is spelled; "" where it says nothing."""

    code: str
    remote_code: str
    status_type: str
    calculation_type: str


def read_shapes(answer: Answer, settings: SkyHubSettings, now: float) -> tuple[OrderShape, ...]:
    """Return the orders of a list; `now` in epoch seconds, for a dated `Retry-After`."""
    check(answer, settings, now)
    rows = rows_of(json_of(answer, WHO), settings)
    return tuple(_shape(row) for row in rows if isinstance(row, Mapping))


def _shape(row: Mapping[str, object]) -> OrderShape:
    return OrderShape(
        code=loose(row.get("code")),
        remote_code=loose(_inside(row, "import_info", "remote_code")),
        status_type=loose(_inside(row, "status", "type")),
        calculation_type=loose(row.get("calculation_type")),
    )


def _inside(row: Mapping[str, object], name: str, key: str) -> object:
    held = row.get(name)
    return held.get(key) if isinstance(held, Mapping) else None
