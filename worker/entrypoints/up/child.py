"""`python -m worker.entrypoints.up.child MODULE ARGUMENT…`: runs a module as a program that ends when `up` is gone.

Standard input is a pipe whose write end only `up` holds: its end says that `up` was killed and can stop nobody.
"""

import os
import runpy
import signal
import sys
import threading
import time
from contextlib import suppress

# Longer than what is under way takes as a rule. A call to SkyHub that is cut short is what claims and settling are for,
# while the next `up` waits for this process.
_GRACE_SECONDS = 5.0


def main() -> None:
    """Run the module that the command line names, with the arguments that follow it."""
    module, *arguments = sys.argv[1:]
    threading.Thread(target=_end_with_up, name="end-with-up", daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_up() -> None:
    """Do to this process what `up` would have done: SIGTERM, a grace, SIGKILL."""
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
