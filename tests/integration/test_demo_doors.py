from dataclasses import replace

import pytest

from tests.fixtures.demo_sabotage import below_the_test, confirm, wrong
from tests.fixtures.demo_stories import HELD, HOOKED, PUSHED_NOWHERE, SHOWN_TO_NOBODY
from worker.entrypoints.demo import world
from worker.entrypoints.demo.play import run_demo
from worker.entrypoints.demo.screen import Screen
from worker.entrypoints.demo.script import STORIES
from worker.entrypoints.demo.world import World
from worker.sandbox.vtex.bodies import NewPackage, of_skus

__all__ = ["below_the_test"]


def test_every_door_has_a_story_whose_title_names_it() -> None:
    """A reader sees which way is shown."""
    titles = " | ".join(story.title for story in STORIES)

    for door in ("HTTP", "connector push", "Orders hook", "Orders feed", "Pick and Pack's webhook", "reconcile alone"):
        assert door in titles


def test_a_promise_broken_at_vtex_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """Too early by the OMS's own invoices; complete there, and nobody heard of it; requested before it is packed."""
    unheard = replace(HOOKED, title="its last invoice was kept quiet", code="Submarino-285264640093")

    def sabotage(world: World) -> None:
        confirm(world, HOOKED)
        confirm(world, HELD)
        last = NewPackage(number="2", items=of_skus({"88": 1}), silent=True)
        world.control.vtex.invoice(unheard.store, unheard.vtex_id, last)

    assert wrong([HOOKED, unheard, HELD], capsys, sabotage) == [
        f"{HOOKED.code}: early: its pickup was requested before its last item was invoiced",
        f"{HOOKED.code}: SkyHub accepted 1 confirmation, and should have accepted 0",
        f"{unheard.code}: lost: it is complete, and its pickup was never requested",
        f"{HELD.code}: SkyHub accepted 1 confirmation, and should have accepted 0",
    ]


@pytest.mark.slow
def test_a_door_that_does_not_do_its_part_fails_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """Its messages do not get through though reconcile finds the order; an order waits, and no operator sees why."""
    assert wrong([SHOWN_TO_NOBODY, PUSHED_NOWHERE], capsys, seconds=13) == [
        f"{SHOWN_TO_NOBODY.code}: nothing shows an operator oms_invoiced_items_missing",
        f"{PUSHED_NOWHERE.code}: 1 message to the doors of fluvial never got through",
    ]


def test_a_hook_whose_token_the_door_refuses_fails_the_demo(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """VTEX tries it with a ping before any story is told."""
    monkeypatch.setattr(world, "secret", lambda _store: "another-one")

    assert run_demo([HOOKED], Screen(live=False)) == 1

    assert "failed: PUT /vtex/hook: 409 " in capsys.readouterr().out
