"""strace on a process that waits to begin: counts its system calls, or kills it as one of them is entered."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SYSCALLS = ("connect", "sendto", "sendmsg", "recvfrom", "recvmsg")
MAIN, HTTP, OTHERS = "MainThread", "http", "others"
_LINE = re.compile(r"(?:(\d+) +)?(\w+)\(")
# Neither takes long; a process that hangs is not to hang the suite.
_ATTACH_SECONDS = 20.0
_TRACE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """Where to kill: as this thread enters this system call for the `when`-th time. Without `when` it only counts.

    `OTHERS` are the threads that the task starts by itself; the first of all threads that comes so far is struck.
    """

    thread: str = MAIN
    syscall: str = ""
    when: int = 0


def required() -> None:
    """Skip the test where the machine has no strace, but fail where CI must have it."""
    if shutil.which("strace") is None:
        reason = "strace is not on PATH (Debian's package strace)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def traced(strike: Strike, threads: Mapping[str, int], go: Callable[[], None]) -> dict[str, dict[str, int]]:
    """Trace a process that begins with `go` to its end; return how often each of its threads made each call."""
    # strace counts a thread at a time: one that is to be struck is followed alone.
    alone = bool(strike.when) and strike.thread != OTHERS
    followed = [threads[strike.thread]] if alone else list(threads.values())
    with tempfile.NamedTemporaryFile(prefix="strace-", suffix=".txt") as file:
        command = ["strace", "-qq", "-o", file.name, "-e", f"trace={strike.syscall or ','.join(SYSCALLS)}"]
        if strike.when:
            command += ["-e", f"inject={strike.syscall}:signal=KILL:when={strike.when}"]
        if not alone:
            command.append("-f")
        tracer = subprocess.Popen([*command, "-p", str(followed[0])], stdout=subprocess.DEVNULL)
        for thread in followed:
            _await_tracer(thread, tracer)
        go()
        tracer.wait(_TRACE_SECONDS)  # it ends with the process that it traces
        return _counted(Path(file.name).read_text(errors="replace"), threads)


def strikes(counts: Sequence[Mapping[str, Mapping[str, int]]]) -> list[Strike]:
    """Return every place where strace can strike, as far as each of the counted runs came."""

    def least(thread: str, syscall: str) -> int:
        return min(count.get(thread, {}).get(syscall, 0) for count in counts)

    found = []
    for thread in {name for count in counts for name in count}:
        for syscall in SYSCALLS:
            # Of the threads that start later, only a call that no other comes to is surely theirs.
            first = 1 if thread != OTHERS else max(count.get(MAIN, {}).get(syscall, 0) for count in counts) + 1
            whens = range(first, least(thread, syscall) + 1)
            found += [Strike(thread=thread, syscall=syscall, when=when) for when in whens]
    return sorted(found, key=lambda strike: (strike.thread, strike.syscall, strike.when))


def _counted(text: str, threads: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Count the lines of each thread; of those that were started later, the busiest stands for all."""
    names = {number: name for name, number in threads.items()}
    by_thread: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for line in text.splitlines():
        found = _LINE.match(line)
        if found is not None and "resumed>" not in line:
            by_thread[int(found[1] or threads[MAIN])][found[2]] += 1
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, count in by_thread.items():
        counts[names.get(number, OTHERS)] |= count  # the larger of both
    return {name: dict(count) for name, count in counts.items()}


def _await_tracer(thread: int, tracer: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _ATTACH_SECONDS
    status = Path(f"/proc/{thread}/status")
    while f"TracerPid:\t{tracer.pid}\n" not in status.read_text():
        if tracer.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"strace does not attach to {thread}")
        time.sleep(0.002)
