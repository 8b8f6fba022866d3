"""Search all stores for the order of a code: for who has one in hand, and does not know whose it is.

The code is looked up as a whole, in any of its forms, in each store: a part of one would have to be looked for order by
order, which a search within one store does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.domain.order import Order
from worker.ports import Fleet
from worker.usecases.find_orders import looked_up


@dataclass(frozen=True, slots=True)
class InStores:
    """The orders that a code names, by the name of their store; `away` are the stores that did not answer."""

    found: Mapping[str, Order]
    away: Sequence[str] = ()


def search_stores(fleet: Fleet, affiliates: Mapping[str, str | None], name: str) -> InStores:
    """Return the order that any form of a code names in each of these stores, of which the VTEX affiliate id is given.

    Raises what the ledger raises if no store answers.
    """
    asked = {store: looked_up(name, affiliate) for store, affiliate in affiliates.items()}
    answers = fleet.load_each(asked)
    found = {store: known for store, (known, _) in answers.items() if known}
    owned: dict[str, tuple[list[str], list[str]]] = {
        store: (list(owners.values()), []) for store, (known, owners) in answers.items() if owners and not known
    }
    owners = fleet.load_each(owned)
    found |= {store: known for store, (known, _) in owners.items() if known}
    return InStores(
        {store: next(iter(found[store].values())).order for store in affiliates if store in found},
        [store for store in affiliates if store not in answers or (store in owned and store not in owners)],
    )
