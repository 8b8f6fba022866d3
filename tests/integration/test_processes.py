"""Workers, beat and web say what they do, and the probes of containers go by it: real processes on a real server."""

from collections.abc import Iterator

import pytest

from tests.fixtures.running_service import RunningService, running
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.ports.processes import Kind, Trace


class Watched(RunningService):
    """A service whose processes are looked at."""

    def traces(self) -> dict[Kind, Trace]:
        """Return what the processes said, by kind: there is one of each."""
        traces, _ = RedisProcesses(self.service.redis).seen()
        return {trace.kind: trace for trace in traces}

    def probe(self, kind: Kind) -> tuple[int, str]:
        """Ask as a container's health check does; returns the exit code and the line."""
        done = self.coleta("probe", kind)
        return done.returncode, done.stdout + done.stderr

    def is_well(self, kind: Kind) -> bool:
        """Whether the probe says so."""
        return self.probe(kind)[0] == 0

    def last_spoke(self, kind: Kind, seconds_ago: int) -> None:
        """Let a process have spoken for the last time so long ago; one that lives speaks again."""
        trace = self.traces()[kind]
        self.service.redis.hset(
            f"coleta:{{_}}:process:{kind}:{trace.name}", "seen_at", trace.seen_at - seconds_ago * 1000
        )


@pytest.fixture
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Give a service with a process of each kind."""
    with running(Watched(tmp_path_factory.mktemp("watched"), doors=True)) as service:
        yield service


def test_probes_go_by_what_processes_say_of_themselves(watched: Watched) -> None:
    """Yes while they make progress and while Redis is away; no for one that is frozen, killed or was ended."""
    worker, beat, web = watched.start_worker(), watched.start_beat(), watched.start_web()
    watched.until(lambda: {*watched.traces()} == {*Kind}, "each has said something")
    for kind in Kind:
        code, said = watched.probe(kind)
        assert (code, "makes progress" in said or "answers 200" in said) == (0, True), said

    worker.pause()
    watched.last_spoke(Kind.WORKER, 75)
    code, said = watched.probe(Kind.WORKER)
    assert (code, "it is dead, or frozen" in said) == (1, True), said
    worker.resume()
    watched.until(lambda: watched.is_well(Kind.WORKER), "who goes on speaks again")
    assert "did:sweep" in watched.traces()[Kind.WORKER].moments

    worker.kill()
    assert beat.stop() == 0
    assert web.stop() == 0
    assert [watched.probe(kind)[0] for kind in Kind] == [1, 1, 1]
    assert {*watched.traces()} == {Kind.WORKER}, "who is killed cannot say good-bye"

    watched.redis.kill()
    code, said = watched.probe(Kind.WORKER)
    assert (code, "a restart would not help" in said) == (0, True), said
    watched.redis.start()
