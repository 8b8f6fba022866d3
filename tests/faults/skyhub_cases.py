"""Every way in which SkyHub can fail, on each of its calls, and what must come of it: generated, not written out.

The law of the outcomes, while a fault lasts:

| answered to | what | the store or its orders |
|---|---|---|
| a list, an order | no or a broken answer, 409, 429, 5xx | rest: tried again, growing apart |
| a list | any other 4xx | pause, the reason says what to check; a read probes it |
| an order | 400, 404, 422 | wait: SkyHub does not know it; asked again |
| an order | any other 4xx | pause |
| a confirmation without effect | no or a broken answer, 409, 5xx | rest; the lists are asked before it is sent again |
| | refused connection, 429 | rest, nobody's attempt is burnt |
| | 401, 403, 404, 405, 406, 415 | pause, nobody's attempt is burnt |
| | 400, 422, `result: erro` | split, and refused alone: failed with SkyHub's words, for an operator to retry |
| a confirmation with effect | anything | requested, found in the lists, never sent again |

Once it is over every order is requested exactly once, the failed ones after an operator's retry.
"""

from collections.abc import Iterator
from typing import Any

from tests.faults.skyhub_case import Asked, Case, Ends, Times
from worker.sandbox.faults import Fault

_READS: tuple[Asked, ...] = ("open", "taken", "order", "orders")
STATUSES = (400, 401, 403, 404, 405, 406, 409, 415, 422, 429, 500, 502, 503, 504)
_REFUSALS = (400, 422)
_PASSING = (409, 429, 500, 502, 503, 504)
_ERRO = '{"result": "erro", "message": "Erro interno"}'
_POISON_ORDERS = 25
_FOREVER = 60.0
_OVER_A_PAGE = 45


def cases(times: Times) -> list[Case]:
    """Return all of them, those of one fault together."""
    return [*_matrix(times), *_lists(times)]


def chosen(times: Times) -> list[Case]:
    """Return one or two of each kind of outcome, for a short run."""
    wanted = {
        "503": ("open", "confirm", "order"),
        "401": ("open", "confirm"),
        "404": ("confirm", "order"),
        "422": ("confirm",),
        "429": ("confirm",),
        "connection reset": ("confirm", "taken"),
        "hang": ("confirm", "orders"),
        "JSON cut off": ("open",),
        "refused connection": ("confirm",),
        "refused, and taken in part": ("confirm",),
        "a page that shifts while it is read": ("open",),
        "lists that lag": ("confirm",),
    }
    status = {f"{status}" for status in STATUSES}
    return [
        case
        for case in cases(times)
        if case.call in wanted.get(case.fault, ()) and not (case.effect and case.fault in status - {"503"})
    ]


# ---- every answer, on every call


def _matrix(times: Times) -> Iterator[Case]:
    for fault, shape, word in _shapes(times):
        for call in _READS:
            yield _read(fault, call, shape, word)
        yield from _confirmations(fault, shape, word, times)
    yield Case(
        fault="refused, and taken in part", call="confirm", ends=Ends.PASSES, effect=True,
        faults=({"takes": 1, "status": 422, "body": _ERRO, "times": None},),
    )  # fmt: skip
    yield Case(
        fault="connection reset, and taken in part", call="confirm", ends=Ends.RESTS, word="connection", effect=True,
        faults=({"takes": 1, "reset": True, "times": None}, {"reset": True, "times": None}),
    )  # fmt: skip


def _shapes(times: Times) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield each fault with what it does to a call, and the word that it is shown with."""
    yield "refused connection", {}, "the connection was refused"
    yield "connection reset", {"reset": True}, "connection"
    yield "hang", {"hang_seconds": _FOREVER, "status": 504}, "timed out"
    yield "slow drip", {"drip_seconds": times.drip, "status": 200, "body": '{"orders": []}'}, "timed out"
    for status in STATUSES:
        yield str(status), {"status": status, "body": '{"error": "Erro"}'}, f"answered {status}"
    page = {"status": 200, "body": "<html><h1>Manutencao</h1></html>", "content_type": "text/html"}
    yield "200 with an HTML body", page, "not JSON"
    yield "JSON cut off", {"status": 200, "body": '{"orders": [{"code": "28'}, "not JSON"
    yield "200 with an empty body", {"status": 200, "body": ""}, "not JSON"
    yield "2xx with `result: erro`", {"status": 201, "body": _ERRO}, "Erro interno"


def _read(fault: str, call: Asked, shape: dict[str, Any], word: str) -> Case:
    status = shape.get("status", 504)
    ends = Ends.RESTS
    if call == "order" and status in (*_REFUSALS, 404):
        ends, word = Ends.WAITS, "SkyHub does not know the order"
    elif status in STATUSES and status not in _PASSING:
        ends = Ends.PAUSED
    elif call == "order" and "erro" in fault:
        word = "Erro interno"
    first = (_half_lost(),) if call == "taken" else ()
    return Case(
        fault=fault, call=call, ends=ends, word=word, first=first, gate=not shape,
        faults=({**shape, **_where(call), "times": None},) if shape else (),
        direct=2 if call == "order" else 3,  # with one of another carrier: so few are asked for one by one
    )  # fmt: skip


def _confirmations(fault: str, shape: dict[str, Any], word: str, times: Times) -> Iterator[Case]:
    status = shape.get("status")
    if not shape:
        yield Case(fault=fault, call="confirm", ends=Ends.RESTS, word=word, gate=True)
        return
    lying = fault == "200 with an empty body" or "drip_seconds" in shape  # a clear success, once it has come
    if not lying:
        ends = Ends.RESTS
        if status in _REFUSALS or "erro" in fault:
            ends, word = Ends.FAILED, "Erro"
        elif status in STATUSES and status not in _PASSING:
            ends = Ends.PAUSED
        yield Case(fault=fault, call="confirm", ends=ends, word=word, faults=({**shape, "times": None},))
    after = {**shape, "when": "after"}
    if "drip_seconds" in shape:
        after = {"drip_seconds": times.drip}
    yield Case(fault=fault, call="confirm", ends=Ends.PASSES, effect=True, faults=({**after, "times": None},))
    if fault == "hang":
        late = {"hang_seconds": times.late, "times": None}
        yield Case(fault="hang, then a late effect", call="confirm", ends=Ends.PASSES, effect=True, faults=(late,))


def _where(call: Asked) -> dict[str, Any]:
    match call:
        case "open":
            return {"call": "collectables", "listing": "open"}
        case "taken":
            return {"call": "collectables", "listing": "requested"}
        case _:
            return {"call": call}


def _half_lost() -> dict[str, Any]:
    """Take one order of a batch, and say nothing: what the list of requested orders is read for."""
    return {"takes": 1, "reset": True}


# ---- lists that do not show what is


def _lists(times: Times) -> Iterator[Case]:
    lost = {"when": "after", "reset": True, "times": 2}
    yield Case(
        fault="lists that lag", call="confirm", ends=Ends.PASSES, effect=True, first=(lost,),
        settings={"lists_lag_seconds": times.lag},
    )  # fmt: skip
    for call in ("open", "taken"):
        first = (lost,) if call == "taken" else ()
        for fault, rows, direct in (
            ("duplicate rows", "doubled", 3),
            ("a page that shifts while it is read", "skipped", _OVER_A_PAGE),
            ("a row that comes back on the next page", "repeated", _OVER_A_PAGE),
        ):
            bent = {**_where(call), "rows": rows, "times": 3}
            yield Case(fault=fault, call=call, ends=Ends.PASSES, faults=(bent,), first=first, direct=direct)
        gone = {**_where(call), "status": 200, "body": '{"orders": []}', "times": None}
        yield Case(
            fault="a code in neither list", call=call, ends=Ends.HELD, faults=(gone,), first=first,
            word="not collectable yet",
        )  # fmt: skip
    both = {**_where("open"), "rows": "both", "times": None}
    yield Case(fault="a code in both lists", call="open", ends=Ends.PASSES, faults=(both,), first=(lost,))


# ---- one order that spoils each batch


def poisons() -> Iterator[Case]:
    """Yield the ways in which one order of a batch keeps SkyHub from taking it."""
    for fault, shape, word in (
        ("refused by name", {"status": 422, "body": '{"result": "erro", "message": "Pedido {code} sem contrato"}'},
         "sem contrato"),
        ("refused without a name", {"status": 422, "body": '{"result": "erro", "message": "Lote recusado"}'},
         "Lote recusado"),
        ("makes SkyHub answer 500", {"status": 500}, "answered 500"),
        ("makes SkyHub reset the connection", {"reset": True}, "connection"),
        ("makes SkyHub hang", {"hang_seconds": _FOREVER, "status": 504}, "timed out"),
    ):  # fmt: skip
        yield Case(
            fault=f"one of {_POISON_ORDERS} {fault}", call="confirm", ends=Ends.POISONED, word=word, poison=True,
            faults=({**shape, "times": None},), direct=_POISON_ORDERS,
        )  # fmt: skip


def planned(case: Case, account: str, code: str) -> tuple[list[Fault], list[Fault]]:
    """Return a case's faults for an account, those that strike before first; `code` is that of its first order."""

    def one(shape: dict[str, Any]) -> Fault:
        known = {"call": "confirm", **shape, "account": account}
        if case.poison:
            known |= {"code": code, "body": known.get("body", "").replace("{code}", code)}
        return Fault(**known)

    return [one(shape) for shape in case.first], [one(shape) for shape in case.faults]
