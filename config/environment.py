"""What this process's environment says beside the settings: what a child inherits, whether colours show."""

import os
from collections.abc import Mapping
from typing import TextIO


def inherited(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a process that this one starts: its own, with these changes."""
    return {**os.environ, **changes}


def takes_colour(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that shows colours, to someone who wants them (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
