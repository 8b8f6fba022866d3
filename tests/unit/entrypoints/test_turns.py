"""How long a store may keep a place, and that an operator's resume is heard at once."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery

from tests.unit.usecases.world import STORE, TimedWorld
from worker.entrypoints import operating, tasks
from worker.entrypoints.turnstile import Asking, Turnstile
from worker.ports import Drain


def test_a_backlog_gives_its_place_up_when_another_store_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before it had a while; and with nobody in line it goes on for as long as a drain may."""
    monkeypatch.setattr(tasks, "_LONG_ENOUGH_SECONDS", 0.0)
    place = Turnstile[Asking](1)
    assert place.enter(Asking("large", Drain.INBOX))
    must_end = tasks._asked_to_stop(place, 60)
    assert not must_end()
    place.enter(Asking("small", Drain.INBOX))
    assert must_end()
    monkeypatch.setattr(tasks, "_LONG_ENOUGH_SECONDS", 60.0)
    assert not tasks._asked_to_stop(place, 60)()
    assert tasks._asked_to_stop(place, 0)()


def test_a_resumed_store_is_hinted_at_whatever_hint_the_pause_left_standing() -> None:
    """Its due orders need not wait for the sweep."""
    world = TimedWorld()
    world.pause()
    assert world.plain.hint(Drain.PICKUPS)
    app = Celery("test", broker="memory://", set_as_current=False)
    sent: list[str] = []
    app.send_task = lambda task, **_: sent.append(task)
    service: Any = SimpleNamespace(ledger=lambda _: world.plain)
    assert operating.resume(service, app, STORE)
    assert "coleta.request_pickups" in sent
