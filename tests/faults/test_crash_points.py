"""Each task on an order's path dies where it talks to somebody; what it left is healed by workers that know nothing."""

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.crash_io import RECEIVING, SENDING, Points
from tests.faults.crash_points import inside, outside
from tests.faults.crash_trace import HTTP, MAIN, OTHERS, Strike, strikes
from tests.faults.outcome import Row, Run

SEED = 5
# Two dozen processes and a worker, on a machine that may be busy.
PATIENCE_SECONDS = 400


def broken(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that break a promise, or whose crashes did not all land."""
    return [row for row in rows if not row.kept or row.landed != row.runs]


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_SECONDS)
def test_a_task_that_kills_itself_at_an_io_call(tmp_path: Path) -> None:
    """Each task, at points spread over all it has: no promise breaks, and orders were on their way."""
    rows = inside(Run(folder=tmp_path, seed=SEED, short=True))
    assert broken(rows) == []
    assert len(rows) == 10
    assert sum(row.requesting or 0 for row in rows) > 0


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_SECONDS)
def test_a_task_that_is_killed_from_outside_at_a_system_call(tmp_path: Path) -> None:
    """As the task that kills itself; what it calls is counted by the system, not by Python."""
    rows = outside(Run(folder=tmp_path, seed=SEED, short=True))
    assert broken(rows) == []
    assert len(rows) == 2


def test_a_point_lies_before_each_call_and_an_answer_in_pieces_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """How an answer is cut differs from run to run; what a point is must not. A loop that wakes itself up is none."""
    for name in (*SENDING, *RECEIVING):
        monkeypatch.setattr(socket.socket, name, getattr(socket.socket, name))
    points = Points(0)
    points.install()
    mine, its_own = socket.socketpair()
    with mine, its_own, socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        its_own.send(b"wake up")
        client.connect(server.getsockname())
        served, _ = server.accept()
        with served:
            client.sendall(b"ask")
            assert served.recv(8) == b"ask"
            served.sendall(b"answer")
            assert [client.recv(3), client.recv(3)] == [b"ans", b"wer"]
    assert points.count == len(["connect", "send", "receive", "send", "receive"])


def test_every_system_call_of_every_thread_is_a_place_to_strike() -> None:
    """As many as the shorter run had; of threads that start later, what no other thread makes so often."""
    short = {MAIN: {"sendto": 2, "connect": 1}, HTTP: {"sendto": 1}, OTHERS: {"sendto": 3}}
    longer = {MAIN: {"sendto": 2, "connect": 2}, HTTP: {"sendto": 1}, OTHERS: {"sendto": 4}}
    assert strikes([short, longer]) == [
        Strike(thread=MAIN, syscall="connect", when=1),
        Strike(thread=MAIN, syscall="sendto", when=1),
        Strike(thread=MAIN, syscall="sendto", when=2),
        Strike(thread=HTTP, syscall="sendto", when=1),
        Strike(thread=OTHERS, syscall="sendto", when=3),
    ]
