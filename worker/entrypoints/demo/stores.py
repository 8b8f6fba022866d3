"""The stores of the demo: what each has in the simulated world, and where its secrets are."""

from collections.abc import Iterable

from worker.sandbox.deployment import SimulatedStore, Teller


def _at_vtex(name: str, *tells: Teller, require_packed: bool = False) -> SimulatedStore:
    return SimulatedStore(
        name=name,
        doors=True,
        vtex=True,
        pick_and_pack="webhook" in tells,
        require_packed=require_packed,
        tells=frozenset(tells),
    )


AT_VTEX = (
    _at_vtex("fluvial", "connector"),
    _at_vtex("garoa", "hook"),
    _at_vtex("horizonte", "feed"),
    _at_vtex("ipanema", "webhook"),
    _at_vtex("jangada", "connector", "webhook", require_packed=True),
    _at_vtex("lagoa", "connector", "hook", "feed"),
)
"""The stores that have an account at VTEX, with the only ways by which it tells the service of their orders."""


def simulated(store: str) -> SimulatedStore:
    """Return a store by its name; one that is not at VTEX has SkyHub alone, and its producers tell of its orders."""
    known = {each.name: each for each in AT_VTEX}
    return known.get(store) or SimulatedStore(name=store, doors=True)


def secret(store: str) -> str:
    """Return what a store shows wherever it must show something, and what its doors ask for."""
    return f"opens-nothing-but-the-demo-of-{store}"


def secrets(stores: Iterable[str]) -> dict[str, str]:
    """Return the variables that the stores file names."""
    return {_variable(store): secret(store) for store in stores}


def stores_file(stores: Iterable[str], base_url: str) -> str:
    """Return the stores file of these stores, whose calls all go to the simulated services at `base_url`."""
    return "".join(_tables(store, base_url) for store in stores)


def _tables(store: str, base_url: str) -> str:
    return simulated(store).tables(base_url, lambda _kind: f"env:{_variable(store)}")


def _variable(store: str) -> str:
    return f"DEMO_{store.upper()}"
