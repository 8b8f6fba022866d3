"""`coleta probe KIND`: does this machine's process of a kind make progress? For containers and supervisors.

The answer is no only where starting the process again would help. While Redis or the broker is away nothing moves,
and a process that is started again waits as the old one did; a restart would only drop what is under way, and would
come again and again. So what cannot be known is a yes, and it is said why. For some seconds after Redis came back,
until each process has spoken again, the answer can be no: act on the third no in a row, as health checks do.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from config.settings import Settings, SettingsError, load_settings
from worker.adapters.redis_clients import brief_client
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.entrypoints.embedded import running_url
from worker.entrypoints.listening import own_url
from worker.entrypoints.sandbox_home import running_sandbox
from worker.ports.processes import Kind, Processes, Trace
from worker.usecases.liveness import seconds, stuck, waits_for_broker

_HTTP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the process may go on, and why."""

    well: bool
    said: str


def probe(kind: Kind, name: str = "") -> Verdict:
    """Look at this machine's process of a kind, or only at the one of this name."""
    try:
        settings = _settings()
    except SettingsError as error:
        return Verdict(well=True, said=f"not known, the settings cannot be used (a restart would end there): {error}")
    if kind is Kind.WEB:
        return ask_web(own_url(settings))
    if settings.redis_url is None:
        return Verdict(well=False, said=f"no {kind} runs here: no Redis server is named, and no embedded one runs")
    with brief_client(settings.redis_url) as client:
        try:
            return judge(kind, name, RedisProcesses(client))
        except RedisError as error:
            return Verdict(well=True, said=f"not known, Redis does not answer (a restart would not help): {error}")


def judge(
    kind: Kind,
    name: str,
    processes: Processes,
    *,
    host: str = socket.gethostname(),
    lives: Callable[[int], bool] | None = None,
) -> Verdict:
    """Judge this machine's processes of a kind by their traces; raises redis-py's errors."""
    traces, now = processes.seen()
    is_there = lives or _lives
    here = [t for t in traces if t.kind is kind and t.host == host and name in ("", t.name) and is_there(t.pid)]
    which = name or kind
    if not here:
        return Verdict(well=False, said=f"no {which} runs here, or it has not said anything yet")
    said = [(trace, stuck(trace, now)) for trace in here]
    held = [f"{trace.name} {reason}" for trace, reason in said if reason is not None]
    return Verdict(well=not held, said="; ".join(held or [_progress(trace, now) for trace in here]))


def ask_web(url: str) -> Verdict:
    """Ask the web process whether its loop turns; any answer but a success says no."""
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=_HTTP_SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return Verdict(well=False, said=f"{url}/healthz does not answer: {str(error) or type(error).__name__}")
    finally:
        connection.close()
    return Verdict(well=status == 200, said=f"{url}/healthz answers {status}")  # noqa: PLR2004 - HTTP's OK


def _settings() -> Settings:
    """Return the settings of the process that is looked at, also of one that `coleta up` runs."""
    loaded = load_settings()
    if loaded.redis_url is not None:
        return loaded
    url = running_url(loaded)
    return loaded.with_redis_url(url) if url is not None else running_sandbox(loaded) or loaded


def _lives(pid: int) -> bool:
    """Whether there is such a process here: the trace of one that was killed stays for a while."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _progress(trace: Trace, now: int) -> str:
    if waits_for_broker(trace, now):
        return f"{trace.name} waits for its broker, which was away {seconds(now - trace.moments['broker_away'])} ago"
    done = {Kind.WORKER: "ended", Kind.BEAT: "sent", Kind.WEB: "saved"}[trace.kind]
    words = {"ended": "ended a task or was idle", "sent": "sent a message", "saved": "saved something"}[done]
    at = trace.moments.get(done)
    last = f", {words} {seconds(now - at)} ago" if at is not None else ""
    return f"{trace.name} makes progress: it was seen {seconds(now - trace.seen_at)} ago{last}"
