"""SkyHub's list, read for somebody who waits at a page."""

from collections.abc import Iterator
from threading import Event

import pytest

from tests.fakes.fake_skyhub import During, FakeSkyHub
from tests.fixtures.running_parts import until
from worker.entrypoints.web.pages.open_lists import OpenLists
from worker.ports import PermanentError, TransientError


@pytest.fixture
def go_on() -> Iterator[Event]:
    """Give what lets a SkyHub answer that is silent; every test ends with its answer."""
    event = Event()
    try:
        yield event
    finally:
        event.set()


def _skyhub(*codes: str) -> FakeSkyHub:
    skyhub = FakeSkyHub(lambda: 0)
    skyhub.label(*codes)
    return skyhub


def _silent(go_on: Event) -> FakeSkyHub:
    skyhub = _skyhub("1")
    skyhub.during[During.PAGE].append(go_on.wait)
    return skyhub


def test_the_whole_list_is_read() -> None:
    """Page by page; what SkyHub says instead is passed on."""
    codes = [str(number) for number in range(50)]
    assert OpenLists().read(_skyhub(*codes)) == set(codes)

    refusing = _skyhub()
    refusing.faults[""] = PermanentError("SkyHub answers 401")
    with pytest.raises(PermanentError, match="SkyHub answers 401"):
        OpenLists().read(refusing)


def test_nobody_waits_for_a_silent_skyhub(go_on: Event) -> None:
    """They are told so; the reading ends before its next page, when SkyHub answers after all."""
    skyhub, lists = _silent(go_on), OpenLists(seconds=0.01, most=1)

    with pytest.raises(TransientError, match=r"it was not read within 0\.01 s"):
        lists.read(skyhub)

    go_on.set()
    until(lambda: _reads(lists), "the reading ends")
    assert skyhub.read == ["false:1"]


def test_silent_readings_do_not_pile_up(go_on: Event) -> None:
    """So many at once: who comes too many is told at once, and there is room again when one has ended."""
    lists = OpenLists(seconds=0.01, most=1)
    with pytest.raises(TransientError, match="it was not read"):
        lists.read(_silent(go_on))

    with pytest.raises(TransientError, match="it is being read for others"):
        lists.read(_skyhub("2"))

    go_on.set()
    until(lambda: _reads(lists), "there is room again")


def _reads(lists: OpenLists) -> bool:
    try:
        return lists.read(_skyhub("2")) == {"2"}
    except TransientError:
        return False
