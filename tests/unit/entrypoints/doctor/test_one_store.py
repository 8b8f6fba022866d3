"""One store's examination: who is asked, and who is left alone."""

from collections.abc import Callable

import pytest

from config.settings import load_settings
from tests.contracts.samples import a_backlog
from tests.unit.domain.builders import MINUTE, NOW
from tests.unit.entrypoints.doctor.test_store_state import ACME
from worker.adapters.http import Answer, Call, CallFailed, HttpClient
from worker.domain.order import Status
from worker.entrypoints.doctor.findings import Check
from worker.entrypoints.doctor.one_store import Outside, StoreReport, check_store
from worker.entrypoints.doctor.pace import OwnPace
from worker.entrypoints.doctor.store_state import StoreLook
from worker.ports import AUTOMATIC, OPERATOR, STORES_FILE, Backoff, Drain, Overview, Pause


class _Unreached(HttpClient):
    """Nobody answers; what was asked is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def start(self) -> None:
        """Nothing to start."""

    def call(self, request: Call, *, timeout: float, may_send: Callable[[], bool] | None = None) -> Answer:  # noqa: ARG002 - the real one's
        self.asked.append(f"{request.method} {request.url}")
        raise CallFailed("the connection was refused while connecting", sent=False)


def _examined(http: HttpClient, pause: Pause = Pause(), rest: Backoff = Backoff()) -> StoreReport:  # noqa: B008 - frozen
    backlog = a_backlog(pause=pause, backoffs={Drain.PICKUPS: rest})
    overview = Overview(
        backlog=backlog, now=NOW, counts=dict.fromkeys(Status, 0), attention=0, rejected=0, oldest_due=None
    )
    outside = Outside(load_settings({}), http, OwnPace(), None)
    return check_store(outside, "acme", ACME, StoreLook(overview))


@pytest.mark.parametrize("by", [OPERATOR, STORES_FILE])
def test_a_store_that_a_person_paused_is_not_asked_about(by: str) -> None:
    """A pause stops SkyHub calls, those of a look as well."""
    http = _Unreached()
    report = _examined(http, Pause(active=True, by=by, since=NOW))

    assert http.asked == []
    assert Check.SKYHUB_NOT_ASKED in {finding.check for finding in report.findings}


def test_a_store_that_the_service_paused_is_asked_about() -> None:
    """Whoever corrected a key wants to know; and only reads are sent, here the first of them."""
    http = _Unreached()
    report = _examined(http, Pause(active=True, by=AUTOMATIC, since=NOW, reason="401"))

    assert http.asked == ["GET https://api.skyhub.com.br/shipments/b2w/collectables?requested=false&offset=1"]
    assert [finding.check for finding in report.findings] == [Check.STORE_REFUSED, Check.SKYHUB_UNREACHABLE]


def test_a_place_in_the_stores_file_names_the_store() -> None:
    """What SkyHub said is kept without it."""
    report = _examined(_Unreached(), Pause(active=True, by=AUTOMATIC, reason="401; check stores.<name>.skyhub.api_key"))

    assert report.findings[0].found.endswith("401; check stores.acme.skyhub.api_key")


def test_a_429_that_a_drain_met_answers_the_open_question() -> None:
    """It is never provoked; one that was met lately is remembered by the rest that it led to."""
    rest = Backoff(NOW + MINUTE, "t", 1, "SkyHub answered 429: slow down")
    report = _examined(_Unreached(), rest=rest)

    (said,) = [answer.said for answer in report.answers if "429" in answer.question]
    assert said.startswith("SkyHub answered 429: slow down (met by pickups")
