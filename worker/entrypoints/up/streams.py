"""Standard streams that whoever started `up` had closed, as in `coleta up >&-`."""

import os
import sys


def open_closed_streams() -> None:
    """Let what is closed lead nowhere: the next file to be opened, a lock for instance, would take its place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
