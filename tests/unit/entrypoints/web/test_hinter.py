"""Hints are sent beside the doors, never before an answer."""

import threading
import time

from structlog.testing import capture_logs

from worker.entrypoints.web.hinter import Hinter


def test_a_store_is_hinted_at_once_however_often_it_is_told() -> None:
    """While a hint is on its way, more of the same become one."""
    sent: list[str] = []
    goes_on = threading.Event()

    begun = threading.Event()

    def send(store: str) -> None:
        sent.append(store)
        begun.set()
        assert goes_on.wait(10)

    hinter = Hinter(send)
    hinter.hint({"first": None})
    assert begun.wait(10)
    for _ in range(100):
        hinter.hint({"acme": None, "other": None})
    goes_on.set()
    hinter.close(10)

    assert (sent[0], sorted(sent[1:])) == ("first", ["acme", "other"])


def test_telling_never_waits() -> None:
    """Not for a broker that hangs; the end waits as long as it is told."""
    hangs = threading.Event()

    def send(_: str) -> None:
        hangs.wait(10)

    hinter = Hinter(send)
    began = time.monotonic()
    for number in range(1000):
        hinter.hint({str(number): None})
    assert time.monotonic() - began < 1
    hinter.close(0.1)
    assert time.monotonic() - began < 2
    hangs.set()


def test_a_hint_that_fails_stops_no_other() -> None:
    """It is logged; the sweep makes it good."""
    sent: list[str] = []

    def send(store: str) -> None:
        if store == "bad":
            raise RuntimeError("broker")
        sent.append(store)

    with capture_logs() as logs:
        hinter = Hinter(send)
        hinter.hint({"bad": None})
        hinter.hint({"good": None})
        hinter.close(10)

    assert sent == ["good"]
    assert [(line["event"], line["store"]) for line in logs] == [("hints.failed", "bad")]


def test_what_hints_nothing_starts_nothing() -> None:
    """A process that gets no events has no thread for them."""
    before = threading.active_count()
    hinter = Hinter(lambda _: None)
    hinter.hint({})
    hinter.close(1)

    assert threading.active_count() == before
