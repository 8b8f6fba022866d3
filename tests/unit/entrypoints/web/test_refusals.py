"""What the doors refuse is logged, a line a kind now and then."""

from structlog.testing import capture_logs

from tests.fixtures.door_calls import ORDER_INVOICED
from tests.fixtures.running_web import ingress_token
from tests.unit.entrypoints.web.world import World
from worker.entrypoints.web.refusals import Refusals, SparingLog


def test_the_first_refusal_is_said_and_the_others_are_counted() -> None:
    """Ten seconds later a line says how many there were."""
    now = 100.0
    refusals = Refusals(SparingLog(lambda: now))
    with capture_logs() as logs:
        for _ in range(50):
            refusals.note("acme", 401, "no valid token")
        refusals.note("acme", 422, "not JSON")
        refusals.note("", 401, "no valid token")
        now += 10
        refusals.note("acme", 401, "no valid token")

    assert [(line["event"], line.get("store"), line["status"], line.get("more")) for line in logs] == [
        ("door.refused", "acme", 401, None),
        ("door.refused", "acme", 422, None),
        ("door.refused", None, 401, None),
        ("door.refused", "acme", 401, 49),
    ]


def test_a_name_that_is_no_store_stands_in_no_line() -> None:
    """A caller could write anything into the log; no line holds a token either."""
    world = World()
    with capture_logs() as logs:
        world.post(ORDER_INVOICED.path("written-by-a-stranger", "1"), content=b"{}")
        world.post(ORDER_INVOICED.path("acme", "1") + "?token=wrong-secret", headers={}, content=b"{}")
        world.post(ORDER_INVOICED.path("acme", "1"), content=b"{")

    assert [(line.get("store"), line["status"]) for line in logs] == [(None, 401), ("acme", 401), ("acme", 422)]
    for text in ("stranger", "wrong-secret", ingress_token("acme")):
        assert text not in str(logs)


def test_success_is_not_logged() -> None:
    """There are too many."""
    with capture_logs() as logs:
        World().knock(ORDER_INVOICED)

    assert logs == []
