"""Jobs for a nursery, from the side that wants them done."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

from tests.faults.crash_nursery import Ended, Job
from tests.fixtures.running_parts import GRACE_SECONDS


class Nursery:
    """A process that forks one for each job."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        folder.mkdir()
        self._log = (folder / "nursery.log").open("ab")
        stores = folder / "stores.toml"
        stores.write_text("")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crash_nursery"],
            cwd=folder,
            env={**environ, "COLETA_STORES_FILE": str(stores)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def run(self, job: Job) -> Ended:
        """Have a job done; returns when its process is gone."""
        wishes, answers = _pipes(self._process)
        print(json.dumps(asdict(job)), file=wishes, flush=True)
        answer = answers.readline()
        if not answer:
            raise AssertionError(f"a nursery ended:\n{Path(self._log.name).read_text()[-3000:]}")
        return Ended(**json.loads(answer))

    def close(self) -> None:
        """End it."""
        for pipe in _pipes(self._process):
            pipe.close()
        self._process.wait(GRACE_SECONDS)
        self._log.close()


def _pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("a nursery has pipes")
    return process.stdin, process.stdout
