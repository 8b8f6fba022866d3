"""What a counterparty's refusal means."""

import pytest

from worker.entrypoints.doctor.findings import Check
from worker.entrypoints.doctor.pace import OwnPace
from worker.entrypoints.doctor.skyhub_reads import refused
from worker.entrypoints.doctor.vtex_reads import NO_ORDER, check_pick_and_pack
from worker.ports import PermanentError, TransientError


@pytest.mark.parametrize(
    ("error", "check"),
    [
        (PermanentError("SkyHub answered 401", 401), Check.SKYHUB_UNAUTHORIZED),
        (PermanentError("SkyHub answered 403", 403), Check.SKYHUB_FORBIDDEN),
        (PermanentError("SkyHub answered 404", 404), Check.SKYHUB_WRONG_CALL),
        (TransientError("SkyHub: the host name was not found while connecting"), Check.SKYHUB_UNREACHABLE),
        (TransientError("SkyHub answered 503: down", None, 503), Check.SKYHUB_IN_TROUBLE),
        (TransientError("SkyHub's list has no orders"), Check.SKYHUB_IN_TROUBLE),
        (TransientError("the rate limit gave no slot within 60 s"), Check.SKYHUB_IN_TROUBLE),
        (TransientError("SkyHub answered 429: slow", None, 429), Check.SKYHUB_THROTTLED),
    ],
)
def test_each_refusal_of_skyhubs_has_its_own_mend(error: PermanentError | TransientError, check: Check) -> None:
    """By its status, or by the lack of an answer."""
    finding = refused("acme", error)

    assert finding.check is check
    assert error.reason in finding.found


def test_a_429_says_whether_it_names_a_time() -> None:
    """An open question of the contract."""
    assert refused("acme", TransientError("slow", 7.0, 429)).found == "slow (Retry-After 7 s)"
    assert refused("acme", TransientError("slow", None, 429)).found == "slow (no Retry-After)"


class _Packing:
    """A Pick and Pack that answers one thing."""

    def __init__(self, answer: str | Exception | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def status(self, order_id: str) -> str | None:
        self.asked.append(order_id)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (None, Check.PICK_AND_PACK_OK),
        ("PACKING", Check.PICK_AND_PACK_OK),
        (PermanentError("Pick and Pack's token service answered 400", 400), Check.PICK_AND_PACK_REFUSED),
        (TransientError("Pick and Pack: the connection was refused"), Check.PICK_AND_PACK_UNREACHABLE),
        (TransientError("Pick and Pack answered 500", None, 500), Check.PICK_AND_PACK_IN_TROUBLE),
    ],
)
def test_an_order_that_pick_and_pack_does_not_know_is_an_answer(answer: str | Exception | None, check: Check) -> None:
    """Without a known order it is asked for one that is none."""
    packing = _Packing(answer)

    assert check_pick_and_pack("acme", packing, None).check is check
    assert packing.asked == [NO_ORDER]


def test_without_redis_calls_keep_their_distance() -> None:
    """Who cannot have a slot in time is told so at once; other stores do not wait for it."""
    pace = OwnPace()

    assert pace.wait("acme", interval=60.0, deadline=float("inf"))
    assert not pace.wait("acme", interval=60.0, deadline=0.0)
    assert pace.wait("brava", interval=60.0, deadline=float("inf"))
