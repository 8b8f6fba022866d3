"""`python -m worker.entrypoints.up.seller`: sells until it is told to stop, on the sandbox's stores."""

import argparse
import time
from datetime import UTC, datetime
from random import Random

from worker.adapters.redis_clients import brief_client
from worker.bootstrap import build
from worker.entrypoints import process
from worker.entrypoints.listening import own_url
from worker.entrypoints.tasks import app
from worker.entrypoints.up.sandbox_stores import SANDBOX_STORES
from worker.entrypoints.up.seller.handing_in import native_doors
from worker.entrypoints.up.seller.selling import Selling, numbers_since
from worker.entrypoints.up.seller.world import opened_world
from worker.entrypoints.up.stop import Stop


def main() -> None:
    """Read the command line and sell."""
    parser = argparse.ArgumentParser(prog="python -m worker.entrypoints.up.seller", description=__doc__)
    parser.add_argument("--orders-per-minute", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=None, help="the same orders for the same seed; their codes differ")
    options = parser.parse_args()
    process.set_up_logging()
    known = process.service()
    web_url = own_url(known.settings)
    stores = {store: known.store(store.name) for store in SANDBOX_STORES}
    stop = Stop()
    with brief_client(known.settings.redis_url) as client, opened_world(stores, web_url) as world:
        # A client that gives up soon: told to stop, it must not wait for a server that is away.
        service = build(known.settings, known.stores, redis=client)
        with native_doors(service, app, web_url) as hand_in, stop.by_signals():
            selling = Selling(
                service,
                world,
                hand_in,
                draw=Random(options.seed),  # noqa: S311 - orders need no secrecy
                orders_per_minute=options.orders_per_minute,
                numbers=numbers_since(datetime.now(UTC)),
            )
            while not stop.asked():
                selling.go_on(time.monotonic())
                stop.pause()


if __name__ == "__main__":
    main()
