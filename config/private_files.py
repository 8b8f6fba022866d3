"""Whether a file that holds secrets is its owner's alone."""

import os
import stat
from pathlib import Path


def exposed(path: Path) -> str | None:
    """Return a sentence on a file that other users of the machine can read or write; None where they cannot.

    One that is not there, or that cannot be looked at, is somebody else's to complain of.
    """
    mode = _mode(path)
    can = " and ".join(word for bit, word in ((stat.S_IROTH, "read"), (stat.S_IWOTH, "write")) if mode & bit)
    return f"{path} holds secrets, and every user of this machine can {can} it: chmod 600 {path}" if can else None


def open_to_change(path: Path) -> str | None:
    """Return a sentence on a file without secrets that others can write: what it names decides where secrets go."""
    if not _mode(path) & stat.S_IWOTH:
        return None
    return f"every user of this machine can write {path}, and have keys sent elsewhere: chmod o-w {path}"


def _mode(path: Path) -> int:
    try:
        # Where the file system is mounted read-only, as secrets are into containers, nobody can obey a chmod.
        return 0 if os.statvfs(path).f_flag & os.ST_RDONLY else path.stat().st_mode
    except OSError:
        return 0
