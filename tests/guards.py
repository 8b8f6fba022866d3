"""`python -m tests.guards [WORD...]`: takes each guard of the promises out of a copy and requires its test to fail.

The guards are listed in guards.toml: `remove` must stand exactly once in `file` and is replaced by `put`; then `test`
must fail, as it must pass on the unchanged copy. A guard whose removal no test notices is not guarded at all. With
words only the guards in whose name one of them stands.
"""

import multiprocessing
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import SimpleQueue

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "guards.toml"
COPIED = ("worker", "config", "tests", "pyproject.toml")
AT_ONCE = 2
SECONDS_A_TEST = 180
PASSED, FAILED = 0, 1  # pytest's exit codes; every other one means that the test did not run
# What every run imports of others: imported once, in the process that all runs are forked from. Half of a run was that.
IMPORTED_ONCE = (
    "pytest",
    "anyio.pytest_plugin",
    "hypothesis",
    "fakeredis",
    "celery",
    "fastapi",
    "typer",
    "httpx",
)
OURS = ("tests", "worker", "config")
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(list(IMPORTED_ONCE))


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard of one of the promises, how to take it out, and the test that notices."""

    name: str
    promise: str
    file: str
    remove: str
    put: str
    test: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a guard is guarded; `why` says what went wrong."""

    guard: Guard
    why: str = ""


def read() -> list[Guard]:
    """Return the listed guards."""
    return [Guard(**row) for row in tomllib.loads(LIST.read_text())["guard"]]


class Copies:
    """Copies of the project in which guards are taken out, one after the other; what is compiled there stays."""

    def __init__(self, base: Path) -> None:
        self._free: SimpleQueue[Path] = SimpleQueue()
        self._written = count(1)
        for number in range(AT_ONCE):
            copy(base / str(number))
            self._free.put(base / str(number))

    def unchanged(self, tests: Sequence[str]) -> tuple[int | None, str]:
        """Run tests where nothing is taken out; returns what `run` does."""
        folder = self._free.get()
        try:
            return run(folder, tests)
        finally:
            self._free.put(folder)

    def judge(self, guard: Guard) -> Verdict:
        """Take the guard out of a copy and run its test there."""
        text = (ROOT / guard.file).read_text()
        if text.count(guard.remove) != 1:
            return Verdict(guard, f"{guard.file} holds the text to remove {text.count(guard.remove)} times, not once")
        without = text.replace(guard.remove, guard.put)
        if guard.file.endswith(".py") and (broken := _broken(without)):
            return Verdict(guard, f"what is left is no Python, so any test would notice: {broken}")
        folder = self._free.get()
        try:
            self._write(folder / guard.file, without)
            code, output = run(folder, [guard.test])
        finally:
            self._write(folder / guard.file, text)
            self._free.put(folder)
        if code == FAILED:
            return Verdict(guard)
        why = "its test passes without it" if code == PASSED else f"its test did not run:\n{output[-2000:]}"
        return Verdict(guard, why)

    def _write(self, file: Path, text: str) -> None:
        """Write it with a date that no version of it had: what Python compiled of another one is not taken for it."""
        file.write_text(text)
        date = next(self._written)
        os.utime(file, (date, date))


def _broken(source: str) -> str:
    try:
        compile(source, "", "exec")
    except SyntaxError as error:
        return str(error)
    return ""


def copy(folder: Path) -> None:
    """Copy what the tests need."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(source, folder / name)


def run(folder: Path, tests: Sequence[str]) -> tuple[int | None, str]:
    """Run tests in a copy; returns pytest's exit code (negative where it had to be killed) and what it printed."""
    output = folder / "output.txt"
    process = FORKS.Process(target=_pytest_in, args=(folder, output, tests))
    process.start()
    process.join(SECONDS_A_TEST)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode, output.read_text() if output.exists() else ""


def _pytest_in(folder: Path, output: Path, tests: Sequence[str]) -> None:
    """Run in a fork: forget our own modules, which it knows from here, and take those of the copy."""
    for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
        del sys.modules[name]
    os.chdir(folder)
    sys.path[0] = str(folder)
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    # What was imported before pytest began is not rewritten; no assertion of ours stands there.
    unwritten = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    # Plugins that no guard's test needs, and whose start is a good part of a short test.
    without = [option for name in ("cacheprovider", "schemathesis", "xdist") for option in ("-p", f"no:{name}")]
    os._exit(pytest.main(["-q", "-x", *without, *unwritten, *tests]))


def _portions(tests: Sequence[str]) -> list[Sequence[str]]:
    """Return the tests in as many portions as run at once; neighbours share their files and what those prepare."""
    size = -(-len(tests) // AT_ONCE)
    return [tests[start : start + size] for start in range(0, len(tests), size)]


def main() -> int:
    """Judge the guards that were asked for; returns the exit code."""
    words = sys.argv[1:] or [""]
    guards = [guard for guard in read() if any(word in guard.name for word in words)]
    if not guards:
        print("no guard has any of these words in its name")
        return 1
    with tempfile.TemporaryDirectory(prefix="guards-") as temporary, ThreadPoolExecutor(AT_ONCE) as pool:
        copies = Copies(Path(temporary))
        for code, output in pool.map(copies.unchanged, _portions(sorted({guard.test for guard in guards}))):
            if code != PASSED:
                print(f"the guards' tests must pass before anything is taken out:\n{output[-4000:]}")
                return 1
        verdicts = list(pool.map(copies.judge, guards))
    for verdict in verdicts:
        print(f"{'UNGUARDED' if verdict.why else 'guarded  '}  {verdict.guard.promise:<13} {verdict.guard.name}")
        if verdict.why:
            print(f"           {verdict.why}")
    held = sum(not verdict.why for verdict in verdicts)
    print(f"{held} of {len(verdicts)} guards are guarded")
    return 0 if held == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
