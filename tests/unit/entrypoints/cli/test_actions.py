from worker.domain.actions import ALLOWED
from worker.domain.facts import Carrier
from worker.entrypoints.cli.actions import KINDS, ToCarrier


def test_all_means_orders_that_the_law_allows() -> None:
    """And each action has its words."""
    assert KINDS.keys() == ALLOWED.keys()
    assert all(set(kind.meant) <= set(ALLOWED[action]) for action, kind in KINDS.items())


def test_an_operator_may_set_every_carrier_that_there_is() -> None:
    """Unknown is none."""
    assert {Carrier(carrier) for carrier in ToCarrier} == set(Carrier) - {Carrier.UNKNOWN}
