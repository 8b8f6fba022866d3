"""What a person may give as their name: it is shown, and kept with all that they do."""

MOST_CHARACTERS = 60


def read_name(given: str) -> str | None:
    """Return a name on one line, blanks folded; None where it is empty, too long or holds what cannot be shown."""
    name = " ".join(given.split())
    return name if 1 <= len(name) <= MOST_CHARACTERS and name.isprintable() else None
