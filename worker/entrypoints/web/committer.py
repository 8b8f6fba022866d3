"""Group commit: requests that come while a write is under way share the next one (design, "The flow")."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from worker.entrypoints.web.inbox_writer import Delivery

# Within 5 s VTEX wants its answer (contracts/vtex-oms.md); this is the part of it that Redis may take.
PATIENCE_SECONDS = 4.0
# What may wait at once, over all requests; an event takes a kilobyte or two of memory.
MOST_WAITING = 50_000
# One write: a hundredth of a second in Redis.
MOST_A_WRITE = 5_000


class NotSavedError(Exception):
    """What came is not safe, and may be sent again: the message says why."""


@dataclass(slots=True, eq=False)
class _Waiting:
    delivery: Delivery
    answer: "asyncio.Future[str]"


class Committer:
    """Saves deliveries through `write`, which runs in one thread, one call at a time.

    `write` returns for each delivery why it is not saved, "" if it is, and never raises. `saved` is told the saved
    ones that brought events; it must return at once. For one event loop; nothing runs while nothing waits.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Delivery]], list[str]],
        saved: Callable[[Sequence[Delivery]], None],
        *,
        patience: float = PATIENCE_SECONDS,
        most_waiting: int = MOST_WAITING,
        most_a_write: int = MOST_A_WRITE,
    ) -> None:
        self._write = write
        self._saved = saved
        self._patience = patience
        self._most_waiting = most_waiting
        self._most_a_write = most_a_write
        self._waiting: dict[_Waiting, None] = {}
        self._held = 0
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "inbox")

    async def save(self, delivery: Delivery) -> None:
        """Return once the delivery is saved; raises `NotSavedError` when it is refused, or not saved in time."""
        if self._held + delivery.count > self._most_waiting:
            raise NotSavedError("too much waits to be saved")
        waiting = _Waiting(delivery, asyncio.get_running_loop().create_future())
        self._waiting[waiting] = None
        self._held += delivery.count
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._commit())
        try:
            async with asyncio.timeout(self._patience):
                reason = await waiting.answer
        except TimeoutError:
            raise NotSavedError("Redis does not answer in time") from None
        finally:
            if waiting in self._waiting:  # no write has taken it, and none shall: nobody waits for it any more
                self._forget(waiting)
        if reason:
            raise NotSavedError(reason)

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = self._next_batch()
            deliveries = [waiting.delivery for waiting in batch]
            try:
                answers = await loop.run_in_executor(self._thread, self._write, deliveries)
            finally:
                self._held -= sum(delivery.count for delivery in deliveries)
            self._saved([each for each, reason in zip(deliveries, answers, strict=True) if each.events and not reason])
            for waiting, reason in zip(batch, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(reason)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        count = 0
        for waiting in self._waiting:
            count += waiting.delivery.count
            if batch and count > self._most_a_write:
                break
            batch.append(waiting)
        for waiting in batch:
            del self._waiting[waiting]
        return batch

    def _forget(self, waiting: _Waiting) -> None:
        del self._waiting[waiting]
        self._held -= waiting.delivery.count
