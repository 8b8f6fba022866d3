"""What a process tells of itself: its log, and where an address is set, its errors to Sentry and spans to a collector.

The packages for both are imported only then (extras `sentry` and `otel`; `config.reports` refuses the start without).
"""

import logging
from collections.abc import Callable

from worker.entrypoints import process
from worker.entrypoints.tracing import spans

_handlers: list[logging.Handler] = []
_stops: list[Callable[[], None]] = []


def start(name: str) -> None:
    """Set up what this process, a worker, beat or web, tells of itself; before its first work, once."""
    settings = process.settings()
    if settings.sentry_dsn is not None:
        from worker.entrypoints import sentry  # noqa: PLC0415 - an extra

        _handlers.append(sentry.start(settings.sentry_dsn.get_secret_value(), name))
    if settings.otlp_endpoint is not None:
        from worker.entrypoints.tracing import otel  # noqa: PLC0415 - an extra

        tracer = otel.OtelTracer(settings.otlp_endpoint, name)
        spans.use(tracer)
        _handlers.append(otel.OrdersNoted())
        _stops.append(tracer.stop)
    set_up_logging()


def set_up_logging() -> None:
    """Let every line be written as the settings say, and reported."""
    process.set_up_logging()
    for handler in _handlers:
        logging.getLogger().addHandler(handler)


def stop() -> None:
    """Send what waits, within a second or not at all."""
    while _stops:
        _stops.pop()()
