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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

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
    "hypothesis",
    "schemathesis.pytest.plugin",
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


def judge(guard: Guard, folder: Path) -> Verdict:
    """Take the guard out of a copy in `folder` and run its test there."""
    text = (ROOT / guard.file).read_text()
    if text.count(guard.remove) != 1:
        return Verdict(guard, f"{guard.file} holds the text to remove {text.count(guard.remove)} times, not once")
    without = text.replace(guard.remove, guard.put)
    if guard.file.endswith(".py") and (broken := _broken(without)):
        return Verdict(guard, f"what is left is no Python, so any test would notice: {broken}")
    copy(folder)
    (folder / guard.file).write_text(without)
    code, output = run(folder, [guard.test])
    if code == FAILED:
        return Verdict(guard)
    why = "its test passes without it" if code == PASSED else f"its test did not run:\n{output[-2000:]}"
    return Verdict(guard, why)


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


def run(folder: Path, tests: list[str]) -> tuple[int | None, str]:
    """Run tests in a copy; returns pytest's exit code (negative where it had to be killed) and what it printed."""
    output = folder / "output.txt"
    process = FORKS.Process(target=_pytest_in, args=(folder, output, tests))
    process.start()
    process.join(SECONDS_A_TEST)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode, output.read_text() if output.exists() else ""


def _pytest_in(folder: Path, output: Path, tests: list[str]) -> None:
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
    os._exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *unwritten, *tests]))


def main() -> int:
    """Judge the guards that were asked for; returns the exit code."""
    words = sys.argv[1:] or [""]
    guards = [guard for guard in read() if any(word in guard.name for word in words)]
    if not guards:
        print("no guard has any of these words in its name")
        return 1
    with tempfile.TemporaryDirectory(prefix="guards-") as temporary:
        base = Path(temporary)
        copy(base / "unchanged")
        code, output = run(base / "unchanged", sorted({guard.test for guard in guards}))
        if code != PASSED:
            print(f"the guards' tests must pass before anything is taken out:\n{output[-4000:]}")
            return 1
        with ThreadPoolExecutor(AT_ONCE) as pool:
            verdicts = list(pool.map(judge, guards, (base / str(number) for number in range(len(guards)))))
    for verdict in verdicts:
        print(f"{'UNGUARDED' if verdict.why else 'guarded  '}  {verdict.guard.promise:<13} {verdict.guard.name}")
        if verdict.why:
            print(f"           {verdict.why}")
    held = sum(not verdict.why for verdict in verdicts)
    print(f"{held} of {len(verdicts)} guards are guarded")
    return 0 if held == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
