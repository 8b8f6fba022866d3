"""What the simulated services send by themselves: one machine for the hook, the connector and the webhook.

The law of a message: it is lost (its door is switched off), or sent until it is accepted, or dropped after the last
attempt. Every attempt but the last that fails is retried after a pause that grows.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from worker.sandbox.answers import Sleep
from worker.sandbox.forms import form

Door = Literal["hook", "connector", "webhook"]
DOORS: tuple[Door, ...] = ("hook", "connector", "webhook")
Outcome = Literal["sent", "accepted", "retried", "dropped", "lost", "waiting"]

AT_ONCE = 20
"""Calls of one door that are under way at the same time; the others wait their turn."""

IDLE_SECONDS = 2.0
"""A connection is kept so long without a call: less than any server keeps it, so that none is met closed."""


@form
class DoorRules:
    """How a door's messages are sent; can be changed while they are under way."""

    lost: bool = False
    """Nothing is sent: what happens from now on is lost, and so is what waits for another attempt."""
    twice: bool = False
    """Each message is sent twice, apart."""
    held_back_seconds: float = 0.0
    """Every other message waits so long before it is sent, so that the next ones overtake it."""
    timeout_seconds: float = 5.0
    """An answer that takes longer is a failure; VTEX gives a hook 5 s."""
    attempts: int = 10
    first_delay_seconds: float = 0.5
    delay_growth: float = 2.0
    """Each pause is so many times the one before."""
    longest_delay_seconds: float = 60.0

    def __post_init__(self) -> None:
        """Refuse what could never send."""
        if self.attempts < 1 or self.timeout_seconds <= 0 or self.delay_growth < 1:
            raise ValueError("attempts and delay_growth start at 1, and the timeout is more than 0")
        if min(self.held_back_seconds, self.first_delay_seconds, self.longest_delay_seconds) < 0:
            raise ValueError("a delay cannot be negative")

    def delay(self, attempt: int) -> float:
        """Return the pause in seconds after the failed attempt of this number, from 1."""
        return float(min(self.first_delay_seconds * self.delay_growth ** (attempt - 1), self.longest_delay_seconds))


def is_200(answer: httpx.Response) -> bool:
    """Accept 200 and nothing else."""
    return answer.status_code == httpx.codes.OK


def with_query(url: str, query: Mapping[str, str], path: str = "") -> str:
    """Return a URL with `path` behind its own and `query` added to its own."""
    parts = urlsplit(url)
    whole = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *query.items()])
    return urlunsplit((parts.scheme, parts.netloc, (parts.path.rstrip("/") if path else parts.path) + path, whole, ""))


@dataclass(frozen=True, kw_only=True)
class Message:
    """A POST that one account's service owes to a URL."""

    door: Door
    account: str
    url: str
    body: dict[str, object]
    headers: dict[str, str] = field(default_factory=dict)
    accepts: Callable[[httpx.Response], bool] = is_200


@dataclass(frozen=True)
class Attempt:
    """What one attempt came to: its answer is a status, "timeout", "unreachable" or "misread"."""

    accepted: bool
    answer: str


@dataclass
class Books:
    """What became of the messages, by account and door."""

    outcomes: Counter[tuple[str, Door, Outcome]] = field(default_factory=Counter)
    answers: Counter[tuple[str, Door, str]] = field(default_factory=Counter)
    """By the answer of an attempt; "misread" is a 200 whose body is not the answer that the call needs."""
    made: Counter[Door] = field(default_factory=Counter)

    def count(self, message: Message, outcome: Outcome) -> None:
        """Count an outcome of a message."""
        self.outcomes[message.account, message.door, outcome] += 1


class Deliveries:
    """Sends messages from tasks of its own on the running event loop."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._http: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.reset()

    def reset(self) -> None:
        """Forget what is under way, the counts and the rules."""
        for task in self._tasks:
            task.cancel()
        self.books = Books()
        self.rules: dict[Door, DoorRules] = {door: DoorRules() for door in DOORS}
        self._gates = {door: asyncio.Semaphore(AT_ONCE) for door in DOORS}

    async def close(self) -> None:
        """Stop sending and close the connections."""
        tasks = list(self._tasks)
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http:
            await self._http.aclose()

    def send(self, message: Message) -> None:
        """Send a message as the rules of its door say; needs a running event loop."""
        books, rules = self.books, self.rules[message.door]
        for _ in range(2 if rules.twice else 1):
            if rules.lost:
                books.count(message, "lost")
                continue
            books.made[message.door] += 1
            books.outcomes[message.account, message.door, "waiting"] += 1
            held_back = rules.held_back_seconds if books.made[message.door] % 2 else 0.0
            task = asyncio.get_running_loop().create_task(self._deliver(message, books, held_back))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def attempt(self, message: Message, timeout_seconds: float) -> Attempt:
        """Send a message once."""
        self._http = self._http or httpx.AsyncClient(
            trust_env=False, limits=httpx.Limits(max_connections=None, keepalive_expiry=IDLE_SECONDS)
        )
        try:
            async with asyncio.timeout(timeout_seconds):
                answer = await self._http.post(
                    message.url, json=message.body, headers=message.headers, timeout=timeout_seconds
                )
        except (TimeoutError, httpx.TimeoutException):
            return Attempt(accepted=False, answer="timeout")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):  # ValueError: a header that is not ASCII.
            return Attempt(accepted=False, answer="unreachable")
        accepted = message.accepts(answer)
        misread = is_200(answer) and not accepted
        return Attempt(accepted, "misread" if misread else str(answer.status_code))

    async def _deliver(self, message: Message, books: Books, held_back: float) -> None:
        if held_back:
            await self._sleep(held_back)
        books.count(message, await self._try(message, books))
        books.outcomes[message.account, message.door, "waiting"] -= 1

    async def _try(self, message: Message, books: Books) -> Outcome:
        for attempt in count(1):
            async with self._gates[message.door]:
                if self.rules[message.door].lost:
                    break
                books.count(message, "sent")
                made = await self.attempt(message, self.rules[message.door].timeout_seconds)
            books.answers[message.account, message.door, made.answer] += 1
            if made.accepted:
                return "accepted"
            rules = self.rules[message.door]
            if attempt >= rules.attempts:
                return "dropped"
            books.count(message, "retried")
            await self._sleep(rules.delay(attempt))
        return "lost"
