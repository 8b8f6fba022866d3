"""Worker processes that run strictly one at a time, left standing or killed at any port call: the same each time.

A use case is a plain call, so each process has a thread of its own; whoever lets it go on waits until it stands still.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Thread


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a process is left standing: after so many port calls whose names begin so, where `fault` strikes."""

    call: str = ""
    times: int = 1
    fault: int = 0


class KilledError(BaseException):
    """The process is dead: nothing it does reaches anybody, not even what it does on its way out."""


class Hand:
    """A thread that runs one job after another, each while its caller waits."""

    def __init__(self) -> None:
        self.job: Callable[[], object] = str
        self._go, self._back = Lock(), Lock()
        self._go.acquire()
        self._back.acquire()
        Thread(target=self._work, daemon=True).start()

    def go_on(self) -> None:
        """Let it run until it stands still or its job is over."""
        self._go.release()
        self._back.acquire()

    def stand_still(self) -> None:
        """Give the turn back, from inside the job."""
        self._back.release()
        self._go.acquire()

    def _work(self) -> None:
        while True:
            self._go.acquire()
            self.job()
            self._back.release()


_FREE: list[Hand] = []


class Process:
    """One process: it runs a job until the port call at which it is left standing, where a fault may strike.

    `doing` names the job it is in, `tell` hears of each port call. `claims` and `answers` are what it holds in memory,
    for the judge alone.
    """

    def __init__(self, name: str, tell: Callable[[str, str], object]) -> None:
        self.name = name
        self.doing = ""
        self.claims: dict[str, str] = {}
        self.answers: dict[str, object] = {}
        self.killed = False
        self._tell = tell
        self._stop: Stop | None = None
        self._left = 0
        self._hand: Hand | None = None
        self._error: Exception | None = None

    @property
    def busy(self) -> bool:
        """Whether it stands in the middle of a job."""
        return bool(self.doing)

    def run(self, doing: str, job: Callable[[], object], stop: Stop | None = None) -> None:
        """Begin a job and run it up to a stop, or to its end."""
        self.doing, self.killed = doing, False
        if stop is None:  # nobody will want to stand between its calls: no thread is needed
            self._stop = None
            self._finish(job)
            self._raise()
            return
        self._hand = _FREE.pop() if _FREE else Hand()
        self._hand.job = lambda: self._finish(job)
        self.go_on(stop)

    def go_on(self, stop: Stop | None = None) -> None:
        """Let it go on from where it stands."""
        hand = self._hand
        assert hand is not None
        self._stop, self._left = stop, stop.times if stop is not None else 0
        hand.go_on()
        if not self.busy:
            _FREE.append(hand)
            self._hand = None
        self._raise()

    def kill(self) -> None:
        """Kill it where it stands."""
        self.killed = True
        if self.busy:
            self.go_on()

    def reach(self, what: str) -> int:
        """Come to a port call, from inside the job: stand still if the turn is over; return the fault that strikes."""
        if self._stop is not None and self._left == 0 and not self.killed and self._hand is not None:
            self._hand.stand_still()
        if self.killed:
            raise KilledError
        self._tell(self.name, what)
        stop = self._stop
        if stop is None or not what.startswith(stop.call):
            return 0
        self._left -= 1
        return stop.fault if self._left == 0 else 0

    def _finish(self, job: Callable[[], object]) -> None:
        try:
            job()
        except KilledError:
            self._tell(self.name, "dies")
        except Exception as error:  # noqa: BLE001 - of the thread; whoever lets the process go on raises it
            self._error = error
        self.claims, self.answers, self.doing = {}, {}, ""

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
