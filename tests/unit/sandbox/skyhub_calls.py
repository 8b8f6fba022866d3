"""How the tests call the simulated SkyHub."""

from typing import Any

import httpx

COLLECTABLES = "/shipments/b2w/collectables"
CONFIRM = "/shipments/b2w/confirm_collection"


def confirm(skyhub: httpx.Client, *codes: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
    """Confirm codes."""
    return skyhub.post(CONFIRM, json={"order_codes": list(codes)}, **options)


def listed(skyhub: httpx.Client, requested: str = "false", page: int = 1) -> list[str]:
    """Return the codes on a page of a pickup list."""
    answer = skyhub.get(COLLECTABLES, params={"requested": requested, "offset": page})
    assert answer.status_code == 200
    return [row["code"] for row in answer.json()["orders"]]
