"""What is said of an order's next step where its store does not move."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import IN_EVERY_STATUS, MINUTE, NOW, invoiced, recorded, waiting
from worker.domain.facts import Carrier
from worker.domain.order import At, Status
from worker.entrypoints.views import Stand, iso, next_drain, next_look, next_step
from worker.ports import AUTOMATIC, OPERATOR, STORES_FILE, Backoff, Drain, Pause, Standing


def _stand(pause: Pause = Pause(), rest: int = 0, changed: int = -MINUTE, *, served: bool = True) -> Stand:  # noqa: B008 - frozen
    backoff = Backoff(NOW + rest, "t", 1, "SkyHub answered 503: down")
    standing = Standing(now=NOW, changed_at=NOW + changed, doubted=False, pause=pause, backoff=backoff)
    return Stand("acme", standing, MINUTE, served=served)


_OPERATORS = Pause(active=True, by=OPERATOR, reason="holidays", since=NOW)
_SERVICES = Pause(active=True, by=AUTOMATIC, reason="SkyHub answered 401", since=NOW, probe_at=NOW + MINUTE)
_LATER = f"not before {iso(NOW + MINUTE)}"


@pytest.mark.parametrize(
    ("stand", "said", "look"),
    [
        (_stand(), f"its pickup is requested once SkyHub lists it as collectable, next look at {iso(NOW)}", iso(NOW)),
        (
            _stand(_OPERATORS, rest=MINUTE),
            "nothing until the store goes on: coleta stores resume acme",
            "when the store goes on",
        ),
        (
            _stand(replace(_OPERATORS, by=STORES_FILE), served=False),
            "nothing until store acme is back in the stores file",
            "when the store goes on",
        ),
        (
            _stand(replace(_OPERATORS, by=STORES_FILE)),
            "nothing until the store goes on, within seconds: it is back in the stores file",
            "when the store goes on",
        ),
        (_stand(_SERVICES), f"{_LATER}: the service paused the store: SkyHub answered 401", _LATER),
        (_stand(rest=MINUTE), f"{_LATER}: SkyHub answered 503: down", _LATER),
        (_stand(changed=0), f"{_LATER}: the Redis server was restarted or its clock set forward", _LATER),
        (
            _stand(changed=0, rest=MINUTE - 1),
            f"{_LATER}: the Redis server was restarted or its clock set forward",
            _LATER,
        ),
    ],
    ids=["goes on", "operator", "taken out", "put back", "refused", "rests", "restarted", "the later one"],
)
def test_a_store_that_does_not_move_moves_none_of_its_due_orders(stand: Stand, said: str, look: str) -> None:
    """Whatever the order's own time is; who must act is told how, what ends by itself names its time."""
    order = replace(IN_EVERY_STATUS[Status.DUE](), at=At(NOW), uncertain=False)

    assert next_step(order, stand).endswith(said)
    assert next_look(order, stand) == look


def test_a_time_of_its_own_that_is_later_stays() -> None:
    """A store that goes on before holds nothing up."""
    order = replace(IN_EVERY_STATUS[Status.DUE](), at=At(NOW + MINUTE), uncertain=False)

    assert next_look(order, _stand(rest=MINUTE - 1)) == iso(NOW + MINUTE)
    assert next_step(order, _stand(rest=MINUTE - 1)).endswith(f"next look at {iso(NOW + MINUTE)}")


def test_a_pause_holds_what_asks_skyhub_and_nothing_else() -> None:
    """The OMS is read on; what is over has nothing to wait for; an answer under way is awaited."""
    paused = _stand(_OPERATORS)
    announced = replace(waiting(), reread_at=At(NOW))
    unknown = recorded(invoiced(carrier=Carrier.UNKNOWN))
    drains = {status: next_drain(made()) for status, made in IN_EVERY_STATUS.items()}

    assert next_step(announced, paused) == next_step(announced)
    assert next_step(announced, _stand(rest=MINUTE)).startswith(f"it is read again from the VTEX OMS, next {_LATER}")
    assert next_step(unknown, paused) == "nothing until the store goes on: coleta stores resume acme"
    assert next_step(unknown, _stand(changed=0)) == next_step(unknown), "only requests wait after a restart"
    assert next_step(waiting(), paused) == next_step(waiting())
    assert next_step(IN_EVERY_STATUS[Status.REQUESTING](), paused) == (
        "SkyHub's answer is awaited; after that nothing until the store goes on: coleta stores resume acme"
    )
    assert {status for status, drain in drains.items() if drain} == {Status.DUE, Status.REQUESTING}
    assert (next_drain(announced), next_drain(unknown)) == (Drain.REREAD, Drain.LEARN)
    for status in (Status.FAILED, Status.REQUESTED, Status.SKIPPED, Status.CANCELED):
        order = IN_EVERY_STATUS[status]()
        assert (next_step(order, paused), next_look(order, paused)) == (next_step(order), "")
