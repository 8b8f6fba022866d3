"""What the doors refuse is logged, a line a kind now and then."""

from structlog.testing import capture_logs

from tests.fixtures.door_calls import ORDER_INVOICED
from tests.fixtures.running_web import ingress_token
from tests.unit.entrypoints.web.world import World
from worker.entrypoints.web.refusals import Refusals, SparingLog
from worker.metrics import Door


def test_the_first_refusal_is_said_and_the_others_are_counted() -> None:
    """Ten seconds later a line says how many there were."""
    now = 100.0
    refusals = Refusals(SparingLog(lambda: now))
    with capture_logs() as logs:
        for _ in range(50):
            refusals.note("acme", Door.HOOK, "192.0.2.7", 401, "no valid token")
        refusals.note("acme", Door.HOOK, "192.0.2.7", 422, "not JSON")
        refusals.note("acme", Door.NATIVE, "192.0.2.7", 401, "no valid token")
        refusals.note("", Door.HOOK, "192.0.2.7", 401, "no valid token")
        now += 10
        refusals.note("acme", Door.HOOK, "192.0.2.8", 401, "no valid token")

    assert [(line["event"], line.get("store"), line["status"], line.get("more")) for line in logs] == [
        ("door.refused", "acme", 401, None),
        ("door.refused", "acme", 422, None),
        ("door.refused", "acme", 401, None),
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


def test_a_line_names_the_door_and_who_asked() -> None:
    """As the limit on passwords sees him: what a proxy says counts only if it is named in the settings."""
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    for proxies, address in (("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9")):
        world = World(environ={"COLETA_TRUSTED_PROXIES": proxies})
        with capture_logs() as logs:
            world.post("/vtex/acme/hook", content=b"{}", headers=forwarded)

        assert [(line["door"], line["address"]) for line in logs] == [("hook", address)]


def test_success_is_not_logged() -> None:
    """There are too many."""
    with capture_logs() as logs:
        World().knock(ORDER_INVOICED)

    assert logs == []
