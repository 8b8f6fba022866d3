"""Bodies in the shapes that VTEX documents, with values of our own."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "vtex"


def raw(name: str) -> bytes:
    """Return a sample as it comes over the wire."""
    return (FOLDER / f"{name}.json").read_bytes()


def body(name: str) -> Any:  # noqa: ANN401 - JSON is anything
    """Return a sample's value."""
    return json.loads(raw(name))
