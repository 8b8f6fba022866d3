"""The password of the pages for one start of `coleta up`, where none is set."""

import secrets

# Read from one screen and typed at another: without 0 and o, 1 and l, in groups. 16 of 32 are 80 bits.
_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"
_GROUPS, _IN_A_GROUP = 4, 4


def made_password() -> str:
    """Return a new one, like `k7wq-9m2x-hd4t-5pvc`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS))
