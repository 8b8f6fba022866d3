from collections.abc import Iterator

import pytest

from tests.fixtures.running_parts import until
from tests.fixtures.running_sandbox import running
from worker.entrypoints.demo import outside
from worker.entrypoints.demo.deeds import AtVtex, all_ways_lost, canceled_at_vtex, invoiced_at_vtex, tracked_at_vtex
from worker.entrypoints.demo.stories import Story
from worker.entrypoints.demo.world import open_accounts
from worker.sandbox import create_app
from worker.sandbox.control import SandboxControl
from worker.sandbox.vtex.bodies import ConnectorConfig

_NOBODY = "http://127.0.0.1:9"  # the discard port: nobody listens there
_PLAIN = Story(title="plain", code="Submarino-1", steps=())
_PUSHED = Story(title="pushed", code="Submarino-2", store="fluvial", steps=(), items={"88": 2})
_FED = Story(title="fed", code="Submarino-3", store="horizonte", steps=())
_PACKED = Story(title="packed", code="Submarino-4", store="jangada", steps=())
_STORIES = (_PLAIN, _PUSHED, _FED, _PACKED)
_STORES = [story.store for story in _STORIES]


@pytest.fixture(scope="module")
def served() -> Iterator[SandboxControl]:
    """Serve the simulated services."""
    with running(create_app()) as url, SandboxControl(url) as control:
        yield control


@pytest.fixture
def control(served: SandboxControl) -> SandboxControl:
    """Return the control of simulated services that know the stories and tell nobody."""
    served.reset()
    for store in _STORES:
        open_accounts(served, store)
    outside.sell(served, _STORIES)
    return served


def _do(control: SandboxControl, deed: AtVtex, story: Story = _PUSHED) -> None:
    deed.act(control.vtex, story.store, story.vtex_id)


def test_every_order_is_known_where_its_store_has_an_account(control: SandboxControl) -> None:
    """SkyHub knows all of them; an order of VTEX's is there, and in Pick and Pack, under one id."""
    assert control.report().orders == len(_STORIES)
    _do(control, invoiced_at_vtex("1", {"345117": 1}), _FED)
    control.pick_and_pack.set_status("jangada", _PACKED.vtex_id, "PACKING")


def test_an_order_of_vtex_is_complete_by_its_invoices_there(control: SandboxControl) -> None:
    """Of each invoice once, however often it is pushed; the judge then calls it lost unless it is requested."""
    _do(control, invoiced_at_vtex("1", {"88": 1}))
    _do(control, tracked_at_vtex("1", "Correios"))
    assert control.report().lost == ()

    _do(control, invoiced_at_vtex("2", {"88": 1}))
    assert control.report().lost == (_PUSHED.code,)


def test_an_order_that_is_canceled_at_vtex_wants_no_pickup(control: SandboxControl) -> None:
    """Its last invoice does not change that."""
    _do(control, canceled_at_vtex("sold out"))
    _do(control, invoiced_at_vtex("1", {"88": 2}))

    assert control.report().lost == ()


def test_messages_that_no_door_took_are_counted_by_store(control: SandboxControl) -> None:
    """Those that are still sent again, and events that nobody took out of the feed; only where VTEX tells."""
    control.vtex.configure_connector("fluvial", ConnectorConfig(endpoint=_NOBODY))
    assert outside.not_taken(control, _STORES) == {"fluvial": 0, "horizonte": 1, "jangada": 0}  # it was ordered

    _do(control, invoiced_at_vtex("1", {"88": 1}))
    _do(control, invoiced_at_vtex("1", {"345117": 1}), _FED)

    assert outside.not_taken(control, _STORES) == {"fluvial": 1, "horizonte": 2, "jangada": 0}


def test_messages_that_were_given_up_are_counted(control: SandboxControl) -> None:
    """They are not under way any more."""
    control.door("connector", attempts=1)
    control.vtex.configure_connector("fluvial", ConnectorConfig(endpoint=_NOBODY))
    _do(control, invoiced_at_vtex("1", {"88": 1}))

    until(lambda: control.report("fluvial").under_way == 0, "the end of the only attempt")
    assert outside.not_taken(control, ["fluvial"]) == {"fluvial": 1}


def test_with_all_ways_lost_nobody_is_told(control: SandboxControl) -> None:
    """Neither of what waits in the feed, nor of anything that happens from then on."""
    control.vtex.configure_feed("fluvial")
    control.vtex.configure_connector("fluvial", ConnectorConfig(endpoint=_NOBODY))
    _do(control, all_ways_lost())
    _do(control, invoiced_at_vtex("1", {"88": 1}))

    assert outside.not_taken(control, ["fluvial"]) == {"fluvial": 0}
    assert control.report("fluvial").deliveries == {}
