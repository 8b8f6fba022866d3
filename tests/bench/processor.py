"""How much processor time each process took while something was measured: which of them was the limit."""

import os
from pathlib import Path

from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService

_TICKS = os.sysconf("SC_CLK_TCK")
# Of /proc/<pid>/stat, counted behind the command's closing bracket: time in user mode and in the kernel.
_USER, _KERNEL = 11, 12


class ProcessorTime:
    """Watches those of a service's processes that are named."""

    def __init__(self, service: RunningService, *names: str) -> None:
        self._parts = {part.name: part for part in service.parts if part.name in names}
        self.start()

    def start(self) -> None:
        """Count from now on."""
        self._before = self._ticks()

    def used(self) -> dict[str, float]:
        """Return by name how many seconds of a core each took since the start."""
        return {name: (ticks - self._before[name]) / _TICKS for name, ticks in self._ticks().items()}

    def _ticks(self) -> dict[str, int]:
        return {name: _ticks_of(part) for name, part in self._parts.items()}


def _ticks_of(part: Part) -> int:
    fields = Path(f"/proc/{part.process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[_USER]) + int(fields[_KERNEL])
