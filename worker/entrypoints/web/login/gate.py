"""Who is let in to the pages, and for how long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from redis import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from config.scrub import scrub_text
from worker.adapters.redis_ledger.visits import RedisVisits
from worker.bootstrap import Service
from worker.entrypoints.web.body import try_later
from worker.entrypoints.web.login import cookies
from worker.entrypoints.web.login.address import came_by_https, client_address
from worker.entrypoints.web.login.limits import WINDOW_MS, counters
from worker.entrypoints.web.login.passwords import EVERY_STORE, passwords, scope_of
from worker.entrypoints.web.login.tokens import SESSION_SECONDS, Browser, Session, Tokens
from worker.entrypoints.web.login.visitor import Visitor, is_refresh
from worker.entrypoints.web.refusals import SparingLog
from worker.telemetry import Log

log = structlog.get_logger()

# A session is written anew in Redis only once so much of it is gone, or a tenth: not with every click.
_PROLONG_MS = 60_000


@dataclass(frozen=True, slots=True)
class Entered:
    """The password opened pages: what the browser is to keep."""

    session: str
    browser: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The password opens nothing."""


@dataclass(frozen=True, slots=True)
class Limited:
    """None was compared: there were too many tries. The next may be made in so many seconds."""

    seconds: int


class Gate:
    """One a process; `redis` answers or fails within a second, `service` gives settings and stores as they are now.

    Where Redis does not answer, every method that asks it raises `HTTPException` with 503: nobody is let in unseen.
    `now` returns epoch seconds.
    """

    def __init__(self, redis: Redis, service: Callable[[], Service], now: Callable[[], float] = time.time) -> None:
        self._visits = RedisVisits(redis)
        self._service = service
        self._now = now
        settings = service().settings
        self._proxies = settings.proxies
        self._idle_ms = round(settings.session_minutes * 60_000)
        self._worn_ms = min(_PROLONG_MS, self._idle_ms // 10)
        self._lines = SparingLog()

    def visitor(self, request: Request) -> Visitor | None:
        """Return who looks at the pages, by the session that the browser shows; None: nobody that is known.

        Being looked at keeps a session alive; what a page fetches by itself, to refresh, does not.
        """
        with self._redis_needed():
            session = self._session(request)
            left = self._visits.left(session.id) if session is not None else 0
            if session is None or not left:
                return None
            if not is_refresh(request) and left < self._idle_ms - self._worn_ms:
                self._visits.prolong(session.id, self._idle_ms)
        store = None if session.scope == EVERY_STORE else session.scope
        return Visitor(name=session.name, store=store, csrf=session.csrf)

    def is_closed(self) -> bool:
        """Whether no password opens any page."""
        return not passwords(self._service())

    def enter(self, request: Request, password: str, name: str) -> Entered | Wrong | Limited:
        """Let a person in whose password opens pages, and end the session that the browser shows; raises 503."""
        address = client_address(request, self._proxies)
        with self._redis_needed():
            tokens = self._tokens(make_key=True)
            browser = tokens.browser(cookies.read_browser(request, secure=self._is_secure(request)))
            counted = counters(address, browser)
            wait_ms = self._visits.take(counted, WINDOW_MS)
            if wait_ms:
                self._lines.warning(Log.VISITOR_REFUSED, "limit", address=address, reason="too many tries")
                return Limited(-(-wait_ms // 1000))
            scope = scope_of(password, tokens.passwords)
            if scope is None:
                log.warning(Log.VISITOR_REFUSED, address=address, reason="wrong password")
                return Wrong()
            self._visits.give_back(counted, WINDOW_MS)
            before = tokens.session(cookies.read_session(request, secure=self._is_secure(request)))
            if before is not None:  # its cookie gives way to the new one's: nobody could end it any more
                self._visits.end(before.id)
            session = Session(scope=scope, name=name, began=int(self._now()))
            self._visits.begin(session.id, min(self._idle_ms, SESSION_SECONDS * 1000))
        same = browser is not None and browser.scope == scope
        log.info(Log.VISITOR_ENTERED, address=address, known=same, **_of(scope))
        kept = Browser(scope, session.began, browser.id) if browser and same else Browser(scope, session.began)
        return Entered(tokens.write(session), tokens.write(kept))

    def leave(self, request: Request) -> None:
        """End the session that the browser shows, for whoever else may have it, too; raises 503."""
        with self._redis_needed():
            session = self._session(request)
            if session is not None:
                self._visits.end(session.id)
                log.info(Log.VISITOR_LEFT, **_of(session.scope))

    def hand_out(self, request: Request, response: Response, entered: Entered) -> None:
        """Let the browser keep what it got when its person entered."""
        secure = self._is_secure(request)
        cookies.set_session(response, entered.session, secure=secure)
        cookies.set_browser(response, entered.browser, secure=secure)

    def take_back(self, request: Request, response: Response) -> None:
        """Let the browser forget its session."""
        cookies.drop_session(response, secure=self._is_secure(request))

    def _session(self, request: Request) -> Session | None:
        shown = cookies.read_session(request, secure=self._is_secure(request))
        return self._tokens().session(shown) if shown else None

    def _tokens(self, *, make_key: bool = False) -> Tokens:
        key = self._visits.signing_key(make=make_key)
        # Without a key nobody has entered yet: nothing is read as signed.
        return Tokens(key or b"", passwords(self._service()) if key else {}, self._now())

    @contextmanager
    def _redis_needed(self) -> Iterator[None]:
        try:
            yield
        except RedisError as error:
            # Where the server is, and what it says, is nothing for a stranger.
            self._lines.warning(Log.VISITOR_REFUSED, "redis", reason=f"Redis does not answer: {scrub_text(str(error))}")
            raise try_later("Redis does not answer, so nobody is let in now; try again in a moment") from None

    def _is_secure(self, request: Request) -> bool:
        return came_by_https(request, self._proxies)


def _of(scope: str) -> dict[str, str]:
    return {"store": scope} if scope != EVERY_STORE else {}
