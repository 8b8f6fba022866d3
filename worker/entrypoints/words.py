"""Words that depend on a number, or on a store."""


def counted(number: int, singular: str) -> str:
    """Return `1 store`, `1,200 stores`."""
    return f"{number:,} {singular}{'' if number == 1 else 's'}"


def of_store(store: str, said: str) -> str:
    """Return what a counterparty's adapter said, with the store's name where it could not know it."""
    return said.replace("stores.<name>.", f"stores.{store}.")
