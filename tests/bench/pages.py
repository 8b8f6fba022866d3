"""How long the pages of a store of many orders take, at a web process that runs as it does in production.

`python -m tests.bench.pages serve [--orders N] [--setting NAME=VALUE ...]` fills the store `acme`, starts a web process
with these settings, says its address, and ends with its standard input.
`python -m tests.bench.pages time ADDRESS PATH... [--cookie TEXT]` asks it for each path, one request after the other,
and says within how many milliseconds half of the answers came, and 95 of 100; with 1 if one of them took longer than
the bar.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles

import httpx

from tests.bench.stage import stage
from tests.bench.stock import stock

_STORE = "acme"
_ORDERS = 100_000
_TIMES = 40
_BAR_MS = 150.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="fill a store and serve its pages")
    serving.add_argument("--orders", type=int, default=_ORDERS, metavar="N")
    serving.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="without COLETA_")
    timing = commands.add_parser("time", help="ask for pages")
    timing.add_argument("address")
    timing.add_argument("paths", nargs="+", metavar="PATH")
    timing.add_argument("--cookie", default="", metavar="TEXT", help="of a session, as a browser sends it")
    timing.add_argument("--times", type=int, default=_TIMES, metavar="N")
    options = parser.parse_args(arguments)
    if options.command == "serve":
        serve(options.orders, dict(each.split("=", 1) for each in options.setting))
        return 0
    took = {path: times_ms(options.address, path, options.cookie, options.times) for path in options.paths}
    for path, (half, most) in took.items():
        print(f"{half:7.1f} ms {most:7.1f} ms  {path}")
    return 1 if any(most > _BAR_MS for _, most in took.values()) else 0


def serve(orders: int, settings: dict[str, str]) -> None:
    """Fill a store, and serve its pages until the standard input ends."""
    with (
        tempfile.TemporaryDirectory(prefix="pages-") as folder,
        stage(Path(folder) / "pages", (_STORE,), settings, doors=True) as service,
    ):
        stock(service.ledger(_STORE), service.service.redis, service.service.policy(_STORE), orders)
        service.start_web()
        print(f"{orders:,} orders of {_STORE} at {service.web}, Redis at {service.redis.url}", flush=True)
        sys.stdin.read()


def times_ms(address: str, path: str, cookie: str, times: int) -> tuple[float, float]:
    """Return within how many milliseconds half of the answers came, and 95 of 100; raises where one is no page."""
    headers = {"Cookie": cookie} if cookie else {}
    seconds = []
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        for number in range(times + 1):
            answer = client.get(path)
            if answer.status_code != HTTPStatus.OK:
                raise SystemExit(f"{path}: answered with {answer.status_code}")
            if number:  # the first one warms up
                seconds.append(answer.elapsed.total_seconds() * 1000)
    cuts = quantiles(seconds, n=20)
    return cuts[9], cuts[-1]


if __name__ == "__main__":
    sys.exit(main())
