"""The traces of processes in Redis (`ports.processes`): a hash each, which expires, and an index of them."""

from collections.abc import Mapping

from redis.client import Pipeline

from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.scripts import Client, Scripts, sendable
from worker.ports.processes import Kind, Trace

# Long enough to see in the evening what died over lunch, and soon forgotten where names change with every start.
_KEPT_MS = 3_600_000
_MOMENT, _NUMBER = "at:", "n:"
_KINDS = frozenset(Kind)


class RedisProcesses:
    """Two round trips a note, all of it safe to repeat; raises redis-py's errors."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._index = Keys(NO_STORE)("processes")

    def note(self, trace: Trace, ages: Mapping[str, float | None]) -> None:
        """See `Processes.note`."""
        now = self._now()
        moments = {name: "" if age is None else now - round(age * 1000) for name, age in ages.items()}
        held: dict[str, str | int] = {
            "host": trace.host,
            "pid": trace.pid,
            "version": trace.version,
            "seen_at": now,
            **{f"{_MOMENT}{name}": moment for name, moment in moments.items()},
            **{f"{_NUMBER}{name}": number for name, number in trace.numbers.items()},
        }

        def fill(pipe: "Pipeline") -> None:
            key = self._key(trace.kind, trace.name)
            pipe.hset(key, mapping={name: sendable(str(value)) for name, value in held.items()})
            pipe.pexpire(key, _KEPT_MS)
            pipe.zadd(self._index, {_member(trace): now})
            pipe.zremrangebyscore(self._index, "-inf", now - _KEPT_MS)
            pipe.pexpire(self._index, _KEPT_MS)

        self._scripts.pipeline(fill)

    def leave(self, trace: Trace) -> None:
        """See `Processes.leave`."""

        def fill(pipe: "Pipeline") -> None:
            pipe.delete(self._key(trace.kind, trace.name))
            pipe.zrem(self._index, _member(trace))

        self._scripts.pipeline(fill)

    def seen(self) -> tuple[list[Trace], int]:
        """See `Processes.seen`."""
        known = [str(member).partition(" ") for member in self._client.zrange(self._index, 0, -1)]
        named = sorted((Kind(kind), name) for kind, _, name in known if kind in _KINDS)

        def fill(pipe: "Pipeline") -> None:
            for kind, name in named:
                pipe.hgetall(self._key(kind, name))

        held = self._scripts.pipeline(fill) if named else []
        traces = [_trace(kind, name, each) for (kind, name), each in zip(named, held, strict=True) if each]
        return traces, self._now()

    def _now(self) -> int:
        seconds, micros = self._client.time()
        return int(seconds) * 1000 + int(micros) // 1000

    def _key(self, kind: Kind, name: str) -> str:
        return Keys(NO_STORE)(f"process:{kind}:{name}")


def _member(trace: Trace) -> str:
    return f"{trace.kind} {trace.name}"


def _trace(kind: Kind, name: str, held: Mapping[str, str]) -> Trace:
    return Trace(
        kind=kind,
        name=name,
        host=held.get("host", ""),
        pid=int(held.get("pid", 0)),
        version=held.get("version", ""),
        seen_at=int(held.get("seen_at", 0)),
        moments=_numbers(held, _MOMENT),
        numbers=_numbers(held, _NUMBER),
    )


def _numbers(held: Mapping[str, str], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): int(value) for name, value in held.items() if name.startswith(prefix) and value}
