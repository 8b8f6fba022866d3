from dataclasses import replace
from pathlib import Path

import pytest

from config.stores import Stores, load_stores
from worker.entrypoints.demo.deeds import AtPickAndPack, AtVtex
from worker.entrypoints.demo.script import STORIES
from worker.entrypoints.demo.stores import AT_VTEX, secrets, simulated, stores_file

_URL = "http://127.0.0.1:9"
_NAMES = sorted({story.store for story in STORIES})


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    """Read the demo's stores file as its processes do."""
    path = tmp_path / "stores.toml"
    path.write_text(stores_file(_NAMES, _URL))
    return load_stores(path, secrets(_NAMES))


def test_the_demos_stores_file_is_one_that_nobody_is_warned_about(stores: Stores) -> None:
    """It is what a reader of the logs may copy: no secret is written out, and every store has doors of its own."""
    assert sorted(stores) == _NAMES
    assert stores.warnings == ()
    tokens = {store.ingress.token for store in stores.values() if store.ingress}
    assert len(tokens) == len(_NAMES)


def test_only_who_has_a_webhook_has_pick_and_pack() -> None:
    """What nobody tells of would have to be asked for, and the story would show another way."""
    for store in map(simulated, _NAMES):
        assert store.pick_and_pack is ("webhook" in store.tells)
        assert store.vtex is bool(store.tells)


def test_the_simulated_services_can_tell_the_stores_apart(stores: Stores) -> None:
    """VTEX knows an account by its keys, Pick and Pack by its API key."""
    keys = [(store.vtex.app_key, store.vtex.app_token) for store in stores.values() if store.vtex]
    picking = [store.pick_and_pack.api_key for store in stores.values() if store.pick_and_pack]

    assert len(set(keys)) == len(keys) == len(AT_VTEX)
    assert len(set(picking)) == len(picking) > 0


def test_what_happens_at_vtex_is_told_by_vtex_alone() -> None:
    """A story whose order is complete by its invoices there must not say so itself: the OMS's word is the judge's."""
    for story in STORIES:
        there = [step for step in story.steps if isinstance(step.deed, AtVtex | AtPickAndPack)]
        assert bool(there) is simulated(story.store).vtex, story.title
        if there:
            assert not any(step.completes for step in story.steps), story.title


def test_every_way_to_hear_of_an_invoice_has_a_story_in_a_store_that_has_no_other() -> None:
    """Or another way might have told what the story shows."""
    alone = {next(iter(store.tells)) for store in AT_VTEX if len(store.tells) == 1}

    assert alone == {"connector", "hook", "feed", "webhook"}
    assert {store.name for store in AT_VTEX} <= {story.store for story in STORIES}


def test_an_order_is_the_same_for_all_who_know_it() -> None:
    """SkyHub's lines and VTEX's are those that the story's invoices are about."""
    story = replace(STORIES[0], store="ipanema", items={"345117": 2, "88": 1}, packing="PICKING")

    assert [(item.product_id, item.qty) for item in story.sale.at_skyhub().items] == [("345117", 2), ("88", 1)]
    assert [(line.sku, line.quantity) for line in story.sale.lines] == [("345117", 2), ("88", 1)]
    assert story.sale.order_id == story.vtex_id == story.order_id
    assert story.sale.fulfillment_status == "PICKING"
