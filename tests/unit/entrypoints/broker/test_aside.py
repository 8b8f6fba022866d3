import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from fakeredis import FakeStrictRedis

from worker.entrypoints.broker.aside import ASIDE, TURN, Aside, put_aside, reject_aside
from worker.ports import Unreadable


class Kept(list[Unreadable]):
    """What was kept as rejected, of no store; the state takes what Redis could."""

    def __init__(self) -> None:
        super().__init__()
        self.service: Any = SimpleNamespace(reject=lambda _store, kept: self.keep(kept))

    def keep(self, unreadable: Sequence[Unreadable]) -> None:
        """Keep it."""
        for each in unreadable:
            each.body.encode(), each.reason.encode()
        self.extend(unreadable)


@pytest.mark.parametrize(
    "row",
    [b"\xff\xfe", b"no JSON", b'["only", "two"]', b"[1, 2, 3]", b'{"a": 1}', b"null", b"[" * 100_000],
    ids=lambda row: repr(row[:20]),
)
def test_a_row_that_cannot_be_read_is_kept_and_holds_nothing_up(row: bytes) -> None:
    """Else it would fail every sweep, and everything behind it would stay aside."""
    client, kept = FakeStrictRedis(), Kept()
    client.lpush(ASIDE, row)
    put_aside(client, [Aside("queue inbox", "nothing", "sound")])

    reject_aside(client, kept.service)

    assert [each.reason for each in kept] == [
        "list coleta.aside held something of others: it cannot be read",
        "queue inbox held nothing",
    ]
    assert kept[0].body.startswith(row[:2].decode(errors="backslashreplace"))
    assert not client.exists(ASIDE, TURN)


def test_half_a_character_is_kept_as_its_escape() -> None:
    """Redis takes no half of a surrogate pair, and the sweep would fail at it for ever."""
    client, kept = FakeStrictRedis(), Kept()
    put_aside(client, [Aside("queue inbox", "nothing \udc01", "order \udc00 7")])

    reject_aside(client, kept.service)

    assert [(each.body, each.reason) for each in kept] == [("order \\udc00 7", "queue inbox held nothing \\udc01")]


def test_a_large_one_is_cut() -> None:
    """A list of the broker's holds no more of it than `rejected` would."""
    (found, held, text) = json.loads(Aside("queue inbox", "nothing", "x" * 100_000).as_row())

    assert (found, held, len(text)) == ("queue inbox", "nothing", 64 * 1024)
