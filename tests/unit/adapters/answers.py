"""Answers of a counterparty, for the tests of what reads them."""

import json

from worker.adapters.http import Answer


def answer(body: object = b"", status: int = 200, **headers: str) -> Answer:
    """Build an answer from JSON or raw bytes, with these headers, `-` spelled `_`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)
