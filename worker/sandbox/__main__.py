"""`python -m worker.sandbox`: serves the simulated outside world until it is told to stop."""

import argparse

from worker.sandbox.server import run


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m worker.sandbox",
        description="The simulated SkyHub, VTEX OMS (under /vtex) and Pick and Pack (under /pick-and-pack).",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800, help="0: any free port; the first line printed names it")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="every call waits this long")
    options = parser.parse_args()
    run(options.host, options.port, latency_ms=options.latency_ms)


if __name__ == "__main__":
    main()
