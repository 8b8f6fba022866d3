"""A Redis server dies while a command waits for its yes: what it does not have is done, and the rest is named."""

import json
import os
import pty
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from config.settings import load_settings
from config.stores import load_stores
from tests.fixtures.coleta import begin
from tests.fixtures.command_line import CommandLine, an_event, command_line
from tests.fixtures.redis_clusters import cluster_url, node_of, running_cluster
from tests.fixtures.redis_servers import Server, Servers, redis_servers
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import build
from worker.domain.order import Status
from worker.ports import Unreadable

__all__ = ["command_line", "redis_servers"]

_NODES = 3


@pytest.fixture
def on_cluster(
    command_line: CommandLine, redis_servers: Servers, tmp_path: Path
) -> Iterator[tuple[CommandLine, list[Server]]]:
    """Give the command on a cluster, and its nodes: `brava` has another one than `acme` and what is of no store."""
    assert node_of("acme", _NODES) == node_of(NO_STORE, _NODES) != node_of("brava", _NODES)
    with ExitStack() as stack:
        nodes = stack.enter_context(running_cluster("valkey", tmp_path / "nodes"))
        url = cluster_url([node.port for node in nodes])
        environ = {
            **command_line.environ,
            "COLETA_REDIS_URL": url,
            "COLETA_BROKER_URL": f"redis://127.0.0.1:{redis_servers.get('valkey').port}/1",
            "COLETA_ALLOW_UNSAFE_REDIS": "1",
        }
        service = build(load_settings(environ), load_stores(tmp_path / "stores.toml", environ))
        stack.enter_context(closing(service.redis))
        yield CommandLine(command_line.folder, environ, service, url), nodes


class _Asking:
    """A command that has asked its question."""

    def __init__(self, on: CommandLine, *arguments: str) -> None:
        self._typed, its = pty.openpty()
        self._told, told = os.pipe()
        self._complained, complained = os.pipe()
        self._wait = begin(arguments, on.folder, on.environ, [its, told, complained])
        for stream in (its, told, complained):
            os.close(stream)
        asked = b""
        while not asked.endswith(b"[y/N] "):
            asked += os.read(self._complained, 1) or pytest.fail(asked.decode())

    def answered(self) -> tuple[int, str, str]:
        """Say yes; returns the exit code, what it printed, and what it complained of since."""
        os.write(self._typed, b"y\n")
        texts = []
        for stream in (self._told, self._complained):
            with os.fdopen(stream) as text:
                texts.append(text.read())
        os.close(self._typed)
        return self._wait(), texts[0], texts[1]


def test_a_node_dies_and_what_other_nodes_have_is_done(on_cluster: tuple[CommandLine, list[Server]]) -> None:
    """Orders are retried and events resent; those of the dead node are counted, with what to do then.

    What is of no known store goes to the inboxes that are reached; the others stay kept.
    """
    on, nodes = on_cluster
    on.fail("Shoptime-3", "Shoptime-4", store="brava")
    on.fail("BWW-Submarino-1", store="acme")
    astray = [an_event("Shoptime-5", store="brava"), an_event("BWW-Submarino-6", store="acme")]
    for store, event in ((NO_STORE, astray[0]), (NO_STORE, astray[1]), ("brava", astray[0]), ("acme", astray[1])):
        on.service.fleet.ledger(store).reject([Unreadable(json.dumps(event), "it was wrong then")])
    retrying = _Asking(on, "failed", "retry", "--all", "--json", "--reason", "SkyHub was mended")
    resending = _Asking(on, "rejected", "resend", "--all")
    dies = nodes[node_of("brava", _NODES)].process
    dies.kill()
    dies.wait()

    code, told, _ = retrying.answered()
    missed = [{"store": "brava", "left": 2, "reason": "its Redis server does not answer"}]
    counts = {"retried": 1, "held": 0, "left": 2, "dry_run": False, "refused": [], "missed": missed}
    assert (code, json.loads(told)) == (1, counts)
    assert on.order("BWW-Submarino-1").status is Status.DUE

    code, told, complained = resending.answered()
    assert (code, told) == (1, "resent 2, refused 1 (said above), not reached 1 (said above)\n")
    assert "the inbox of store brava cannot be reached now; resend it later (it stays kept)\n" in complained
    assert complained.endswith(
        "store brava: 1 not reached: its Redis server does not answer\n"
        "once that is mended, give the command again: what was done stays as it is\n"
    )
    assert on.waiting_events("acme") == 2
    listed = on.run("rejected", "list", "--json")
    assert listed.stderr == "left out, for their Redis server does not answer: brava\n"
    assert (listed.returncode, [each["store"] for each in json.loads(listed.stdout)]) == (1, [None])
