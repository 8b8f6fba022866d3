"""Words that depend on a number."""


def counted(number: int, singular: str) -> str:
    """Return `1 store`, `1,200 stores`."""
    return f"{number:,} {singular}{'' if number == 1 else 's'}"
