"""SkyHub's own trouble during a storm, so that there are requests of which nobody knows what became."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.fixtures.deployment import account
from tests.fixtures.running_service import RunningService
from worker.sandbox.faults import Fault

# A confirmation takes a moment, as SkyHub's do, or no strike would ever meet one.
_SLOW = Fault(call="confirm", hang_seconds=0.25, times=None)
# No effect, an effect whose answer does not come or breaks off, too much.
_TROUBLE = (
    Fault(call="confirm", status=503),
    Fault(call="confirm", status=429),
    Fault(call="confirm", when="after", hang_seconds=3.0),
    Fault(call="confirm", when="after", reset=True),
    Fault(call="confirm", when="after", status=504),
    Fault(call="collectables", status=503),
    Fault(call="orders", status=503),
)
_STRIKES_A_FAULT = 2


class Trouble:
    """Plans a fault every few strikes, in any store; `met` counts, in the end, those that met a call."""

    def __init__(self, service: RunningService, stores: Sequence[str], draw: Random) -> None:
        self.met = 0
        self._service = service
        self._stores = stores
        self._draw = draw
        self._strikes = 0
        self._slow = service.sandbox.fault(_SLOW)

    def pass_by(self) -> None:
        """Perhaps plan a fault: before each strike."""
        self._strikes += 1
        if self._strikes % _STRIKES_A_FAULT:
            return
        sandbox = self._service.sandbox
        sandbox.fault(replace(self._draw.choice(_TROUBLE), account=account(self._draw.choice(self._stores))))
        self.met += 1
        # The first fault that meets a call is done: the one that meets every call must be the last.
        sandbox.clear_faults(self._slow)
        self._slow = sandbox.fault(_SLOW)

    def end(self) -> None:
        """Forget what met no call, and let confirmations be fast again."""
        self._service.sandbox.clear_faults(self._slow)
        self.met -= self._service.faults()
        self._service.sandbox.clear_faults()
