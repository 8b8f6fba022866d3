"""Serves the application over HTTP until the process is told to stop."""

import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog
import uvicorn
from celery import Celery

from worker import wiring
from worker.adapters.redis_clients import brief_client, connect_briefly
from worker.bootstrap import Service
from worker.entrypoints import observing, process, tasks
from worker.entrypoints.hints import hint
from worker.entrypoints.listening import cannot_listen, http_url, listen
from worker.entrypoints.web.app import create_app
from worker.entrypoints.web.committer import Committer
from worker.entrypoints.web.door import Doors
from worker.entrypoints.web.hinter import Hinter
from worker.entrypoints.web.inbox_writer import Delivery, InboxWriter
from worker.entrypoints.web.login import Gate
from worker.entrypoints.web.pages.acting import actions
from worker.entrypoints.web.pages.briefly import briefly
from worker.entrypoints.web.pages.errors import explain_errors
from worker.entrypoints.web.pages.open_lists import OpenLists
from worker.entrypoints.web.pages.rendering import Renderer
from worker.entrypoints.web.pages.routes import pages
from worker.entrypoints.web.pages.visits import Site
from worker.entrypoints.web.protocol import Protocol
from worker.entrypoints.web.pulse import WebPulse
from worker.entrypoints.web.taken import TakenLog, traces_of
from worker.ports import Drain

log = structlog.get_logger()

# What an answer under way gets after SIGTERM: no save takes longer.
_STOP_SECONDS = 5
# What the last hints get then.
_HINT_SECONDS = 1.0
# And the last counts.
_COUNT_SECONDS = 1.0
# Above the minute after which proxies give an idle connection up: it must not close just as they send a POST.
_KEEP_ALIVE_SECONDS = 75
_MOST_HEAD_BYTES = 16 * 1024
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve() -> None:
    """Serve at WEB_HOST and WEB_PORT; ends the process with a sentence if it cannot."""
    observing.start("web")
    settings = process.settings()
    process.service()
    process.warn_about_settings()
    accepting = _listening(settings.web_host, settings.web_port)
    redis, waiting = brief_client(settings.redis_url), connect_briefly(settings.redis_url)
    gate = Gate(redis, process.service)
    pulse = WebPulse(settings.web_port, gate.is_closed)
    with accepting, redis, waiting, opened_doors(process.service, tasks.app, pulse.saved) as doors:
        site = Site(
            service=briefly(process.service, waiting),
            app=tasks.app,
            gate=gate,
            renderer=Renderer(),
            lists=OpenLists(),
        )
        app = create_app(doors, settings.allowed_hosts, [pages(site), actions(site)])
        explain_errors(app, site.renderer)
        config = uvicorn.Config(
            app,
            http=Protocol,
            h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
            lifespan="off",
            ws="none",
            log_config=None,  # config/logging.py is the one that sets logging up
            log_level="error",  # its lines on each start and stop, and on each request that is no HTTP
            access_log=False,  # it would hold the tokens in queries
            server_header=False,
            proxy_headers=False,  # whoever asks from this machine would be believed; COLETA_TRUSTED_PROXIES decides
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        _Server(config, http_url(settings.web_host, settings.web_port), pulse).run(sockets=[accepting])
    pulse.end()
    observing.stop()


@contextmanager
def opened_doors(
    service: Callable[[], Service], app: Celery, note_saved: Callable[[], None] = lambda: None
) -> Iterator[Doors]:
    """Give the doors of a process, with a Redis client and threads of their own; nothing connects before it is used."""
    settings = service().settings
    redis, asked = connect_briefly(settings.redis_url), brief_client(settings.redis_url)
    tally = service().tally
    tally.start()
    hinter = Hinter(lambda store: hint(app, service().fleet.ledger(store), Drain.INBOX))
    taken = TakenLog()

    def saved(deliveries: Sequence[Delivery]) -> None:
        note_saved()
        taken.note(deliveries)
        hinter.hint(traces_of(deliveries))

    try:
        committer = Committer(InboxWriter(wiring.fleet(settings, redis)).write, saved)
        yield Doors(service=service, committer=committer, tally=tally, meters=wiring.meters(asked))
    finally:
        taken.close()
        hinter.close(_HINT_SECONDS)
        tally.close(_COUNT_SECONDS)
        redis.close()
        asked.close()


class _Server(uvicorn.Server):
    """Says where it listens, and ends with exit code 0 when it is told to stop."""

    def __init__(self, config: uvicorn.Config, url: str, pulse: WebPulse) -> None:
        super().__init__(config)
        self._url = url
        self._pulse = pulse
        # uvicorn puts its own handlers in place later, and gives the signal to these at its end.
        for number in _SIGNALS:
            signal.signal(number, self._stop)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then say where."""
        await super().startup(sockets)
        self._pulse.begin()
        log.info("web.started", url=self._url)

    def _stop(self, _number: int, _frame: object) -> None:
        self.should_exit = True


def _listening(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        process.leave(cannot_listen(host, port, error))
