"""One log for all: structlog's events and the standard library's records, as JSON lines or for a console."""

import logging
from typing import TextIO

import structlog
from structlog.typing import Processor

from config.environment import takes_colour
from config.scrub import scrub
from config.settings import LogFormat

# Libraries whose own line for every call repeats what our events say, and Celery's for a message that came: its line
# for the task that has run says all of it.
_QUIET = ("httpx", "httpcore", "celery.worker.strategy")


def configure_logging(log_format: LogFormat, *, stream: TextIO) -> None:
    """Send everything from INFO up to `stream`, with the fields bound in structlog's contextvars, without secrets.

    May be called again; the last call holds.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # An exception becomes text before the scrubbing: no renderer gets to show local variables.
                structlog.processors.format_exc_info,
                scrub,
                _renderer(log_format, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(log_format: LogFormat, stream: TextIO) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=takes_colour(stream), exception_formatter=structlog.dev.plain_traceback)
