"""Confirm the batches of a round, two at a time.

Each batch has its own claim, directly before its own confirmation, its own look at the leases, its own settling. Once
one ends in a way that ends the round no other is claimed; the one that is under way is awaited, and settled by its own
outcome.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from worker.domain.confirmation import Outcome
from worker.domain.pickups import Confirm
from worker.domain.policy import Policy
from worker.ports import Lease, Pause
from worker.usecases.confirm_batch import Claimed, ConfirmBatch
from worker.usecases.two_at_a_time import Threads, TwoAtATime, gravest


def confirm_batches(  # noqa: PLR0913 - what one round has decided and found
    confirming: ConfirmBatch,
    batches: Sequence[Sequence[Confirm]],
    versions: Mapping[str, int],
    lease: Lease,
    policy: Policy,
    *,
    before: Pause,
    before_call: Callable[[], object],
    threads: Threads,
) -> Iterator[int]:
    """Yield how many orders SkyHub took of each batch that was sent; `before` is the pause as the round found it.

    `before_call` is called before each claim and may end the round by an exception. Raises, when all is settled, the
    gravest of what `before_call` and `ConfirmBatch` raised.
    """
    waiting, under_way, errors = deque(batches), deque[Claimed](), list[BaseException]()

    def begin(batch: Sequence[Confirm]) -> None:
        before_call()
        claimed = confirming.claim(batch, versions, lease, policy)
        if claimed.orders:
            under_way.append(claimed)
            calls.begin(partial(confirming.send, claimed, lease), aside=len(batches) > 1)

    def end() -> int:
        claimed = under_way.popleft()
        return confirming.settle(claimed, calls.take(), policy, before)

    with TwoAtATime[Outcome](threads) as calls:
        while under_way or (waiting and not errors):
            try:
                if waiting and not errors and calls.free:
                    begin(waiting.popleft())
                    continue
                took = end()
            except Exception as error:  # noqa: BLE001 - whatever it was: what is beside it must be settled first
                errors.append(error)
            else:
                yield took
    if errors:
        raise gravest(errors)
