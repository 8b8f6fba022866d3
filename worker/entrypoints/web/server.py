"""Serves the application over HTTP until the process is told to stop."""

import signal
import socket

import structlog
import uvicorn

from worker.entrypoints import process
from worker.entrypoints.listening import http_url, listen
from worker.entrypoints.web.app import create_app

log = structlog.get_logger()

# What an answer under way gets after SIGTERM.
_STOP_SECONDS = 5
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve() -> None:
    """Serve at WEB_HOST and WEB_PORT; ends the process with a sentence if it cannot."""
    process.set_up_logging()
    settings = process.settings()
    process.service()
    process.warn_about_settings()
    accepting = _listening(settings.web_host, settings.web_port)
    server = _Server(
        uvicorn.Config(
            create_app(process.service),
            lifespan="off",
            ws="none",
            log_config=None,  # config/logging.py is the one that sets logging up
            log_level="warning",  # its lines on each start and stop
            access_log=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        ),
        http_url(settings.web_host, settings.web_port),
    )
    with accepting:
        server.run(sockets=[accepting])


class _Server(uvicorn.Server):
    """Says where it listens, and ends with exit code 0 when it is told to stop."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url
        # uvicorn puts its own handlers in place later, and gives the signal to these at its end.
        for number in _SIGNALS:
            signal.signal(number, self._stop)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then say where."""
        await super().startup(sockets)
        log.info("web.started", url=self._url)

    def _stop(self, _number: int, _frame: object) -> None:
        self.should_exit = True


def _listening(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        process.leave(cannot_listen(host, port, error))


def cannot_listen(host: str, port: int, error: OSError) -> str:
    """Return the sentence on an address where nobody can listen."""
    mend = "end what listens there, or name another one in COLETA_WEB_PORT and COLETA_WEB_HOST"
    return f"{http_url(host, port)} cannot be listened on ({error.strerror or error}): {mend}"
