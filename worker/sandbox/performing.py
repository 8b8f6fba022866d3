"""How a recognised call is carried out, whichever service it is for: latency, its effect between faults, its count."""

from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from worker.sandbox.answers import Answer, ResetResponse, dripping_response, fault_answer, response
from worker.sandbox.calls import CallName
from worker.sandbox.faults import Fault, When
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub.orders import Listing

Caller = TypeVar("Caller")


class BadCallError(Exception):
    """The call cannot be understood; carries the answer that says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True)
class Understood:
    """A call that was understood: the codes it touches at a time, and its effect with its answer.

    `bent` acts as a fault's `takes` or `rows` ask for; None: they would change nothing here.
    """

    codes: Callable[[float], AbstractSet[str]]
    act: Callable[[Settings, float], Answer]
    listing: Listing | None = None
    bent: Callable[[Fault, float], Callable[[Settings], Answer] | None] = lambda _fault, _now: None


async def served(
    sandbox: Sandbox,
    call: CallName,
    request: Request,
    admitted: tuple[str, Caller | Answer],
    read: Callable[[Request, Caller], Awaitable[Understood]],
) -> Response:
    """Answer a call, and count what it was answered.

    `admitted` is the account, "" for a caller who was not recognised, with who calls or the answer that refuses it.
    """
    account, caller = admitted
    if isinstance(caller, Answer):
        answered = response(caller)
    else:
        await request.body()  # A caller that leaves from here on has sent its whole call, and the call counts.
        answered = await _perform(sandbox, call, account, lambda: read(request, caller))
    outcome = "reset" if isinstance(answered, ResetResponse) else str(answered.status_code)
    sandbox.calls[account, call, outcome] += 1
    return answered


async def _perform(
    sandbox: Sandbox, call: CallName, account: str, read: Callable[[], Awaitable[Understood]]
) -> Response:
    """Wait as long as the settings say, read the call, and let it take effect unless a fault is in its place."""
    settings = sandbox.settings_of(account)
    if settings.latency_ms:
        await sandbox.sleep(settings.latency_ms / 1000)
    try:
        understood = await read()
    except BadCallError as error:
        return response(error.answer)

    def meets(fault: Fault) -> bool:
        now = sandbox.clock()
        asked = fault.listing in (None, understood.listing) and (
            fault.code is None or fault.code in understood.codes(now)
        )
        return asked and (not fault.bends_effect or understood.bent(fault, now) is not None)

    async def fault_at(when: When) -> Fault | None:
        fault = sandbox.faults.take(call, when, account, meets)
        if fault and fault.hang_seconds:
            await sandbox.sleep(fault.hang_seconds)
        return fault

    before = await fault_at("before")
    settings, now = sandbox.settings_of(account), sandbox.clock()
    bent = understood.bent(before, now) if before and before.bends_effect else None
    if before and before.replaces_answer and bent is None:
        return _faulty(sandbox, before, None)
    answer = understood.act(settings, now) if bent is None else bent(settings)
    fault = await fault_at("after") or before
    return _faulty(sandbox, fault, answer) if fault else response(answer)


def _faulty(sandbox: Sandbox, fault: Fault, answer: Answer | None) -> Response:
    sent = fault_answer(fault) or answer
    if sent is None or fault.reset:
        return ResetResponse()
    return dripping_response(sent, fault, sandbox.sleep) if fault.drip_seconds else response(sent)
