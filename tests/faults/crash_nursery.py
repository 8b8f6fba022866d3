"""`python -m tests.faults.crash_nursery`: forks a process a task from one that has everything imported.

The parent has neither threads nor connections: what is forked from it is as fresh as a new Python, within milliseconds.
A job a line comes in as JSON, a line for each says what became of its process.
"""

import asyncio
import ctypes
import json
import os
import sys
import threading
import traceback
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import httpx
import kombu.transport.redis  # imported at the first call otherwise

from tests.faults.crash_io import Points
from tests.faults.crash_trace import MAIN, Strike, traced
from worker import bootstrap
from worker.adapters.http import HttpClient
from worker.celery import app
from worker.entrypoints import process
from worker.entrypoints.web.app import create_app
from worker.entrypoints.web.server import opened_doors

LOADED_FIRST = (kombu.transport.redis,)
_ANY_TRACER = 0x59616D61  # PR_SET_PTRACER, and who may trace: anybody of this user
_FAILED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A call of a task, or of a door with a request's path and body, in a process of its own.

    `die_at` and `mark` are those of `Points`; with a `strike` it dies from outside instead.
    """

    call: str
    arguments: list[Any]
    named: dict[str, Any] = field(default_factory=dict)
    stores: str
    environ: dict[str, str]
    die_at: int = 0
    mark: str = ""
    strike: Strike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended: the signal that killed it (0: none), its exit code, and the points that it passed.

    `calls` counts system calls by thread and name, where they were to be counted.
    """

    signal: int
    code: int
    points: int = 0
    calls: dict[str, dict[str, int]] = field(default_factory=dict)


def main() -> None:
    """Work off the jobs on standard input until it ends."""
    stores = Path(os.environ["COLETA_STORES_FILE"])
    app.finalize()
    app.amqp.queues  # noqa: B018 - reads Celery's settings, which are those of every job
    for line in sys.stdin:
        given = json.loads(line)
        strike = given.pop("strike")
        job = Job(**given, strike=Strike(**strike) if strike else None)
        stores.write_text(job.stores)
        sys.stdout.write(f"{json.dumps(asdict(_run(job)))}\n")
        sys.stdout.flush()


def _run(job: Job) -> Ended:
    """Fork, let the child do the job, and wait for its end."""
    told, tell = os.pipe()
    waits, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        os.close(go)
        _be_child(job, tell, waits)
    os.close(tell)
    os.close(waits)
    with os.fdopen(told) as reader, os.fdopen(go, "w") as starter:
        threads = json.loads(reader.readline() or "{}")
        calls: dict[str, dict[str, int]] = {}
        if job.strike is None:
            _let_go(starter)
        else:
            calls = traced(job.strike, threads, partial(_let_go, starter))
        last = reader.read()
    _, status = os.waitpid(pid, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
    return Ended(signal=killed, code=code, points=int(last or 0), calls=calls)


def _let_go(starter: IO[str]) -> None:
    starter.write("go\n")
    starter.flush()


def _be_child(job: Job, tell: int, waits: int) -> None:
    """Do the job; never returns."""
    code = _FAILED
    try:
        os.dup2(2, 1)  # standard output is the parent's
        os.environ.update(job.environ)
        client = HttpClient()
        process.build = partial(bootstrap.build, http=client)  # type: ignore[attr-defined]
        process.set_up_logging()
        if job.strike is not None:
            ctypes.CDLL(None).prctl(_ANY_TRACER, ctypes.c_ulong(-1))
            client.start()
        points = Points(job.die_at, job.mark)
        names = {thread.name: thread.native_id for thread in threading.enumerate()}
        names[MAIN] = os.getpid()  # Python still says the parent's
        os.write(tell, f"{json.dumps(names)}\n".encode())
        os.read(waits, 3)
        if job.strike is None:
            points.install()
        if job.call == "door":
            asyncio.run(_knock(*job.arguments))
        else:
            app.tasks[job.call](*job.arguments, **job.named)
        points.reach()
        os.write(tell, str(points.count).encode())
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, this process ends here
        traceback.print_exc()
    finally:
        os._exit(code)


async def _knock(path: str, token: str, body: object) -> None:
    """Hand a request in at a door as the web process does, but for the caller's own connection."""
    with opened_doors(process.service, app) as doors:
        transport = httpx.ASGITransport(create_app(doors))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as caller:
            answer = await caller.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
            answer.raise_for_status()


if __name__ == "__main__":
    main()
