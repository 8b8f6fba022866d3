from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.unit.usecases.world import POLICY, event, order_id
from worker.adapters.redis_ledger import Limits
from worker.adapters.redis_ledger.codec import encode_event
from worker.domain.events import Addressed, Event
from worker.domain.order import Status
from worker.ports import InboxEntry, InboxFullError, Ledger, Unreadable
from worker.usecases.record_invoices import drain_inbox
from worker.usecases.resend_rejected import (
    Forgotten,
    NotKept,
    ResendRejected,
    Resent,
    StillRejected,
)

NOBODY = "_"


class _DeadInbox(MemoryLedger):
    def append(self, events: Sequence[Event]) -> None:
        raise ConnectionError(events)


@pytest.fixture
def fleet() -> MemoryFleet:
    """Give two stores without any event."""
    return MemoryFleet()


def _read(body: str, store: str) -> Addressed | Unreadable:
    """Read bodies such as `acme:1` or `:1`: the store, if it names one, and the order."""
    named, colon, code = body.partition(":")
    if not colon:
        return Unreadable(body, "no event")
    return Addressed(named or store, event(code))


def _job(fleet: MemoryFleet, store: str = NOBODY, *, dry_run: bool = False) -> ResendRejected:
    return ResendRejected(fleet=fleet, store=store, served={"acme", "brava"}, read=_read, dry_run=dry_run)


def _keep(fleet: MemoryFleet, *bodies: str, store: str = NOBODY) -> list[str]:
    """Keep bodies as rejected; returns their ids."""
    ledger = fleet.ledger(store)
    ledger.reject([Unreadable(body, "it was wrong then") for body in bodies])
    return [each.rejected_id for each in ledger.rejected(len(bodies))][::-1]


def _kept(fleet: MemoryFleet, store: str = NOBODY) -> list[str]:
    return [each.body for each in fleet.ledger(store).rejected(1000)][::-1]


def _inbox(ledger: Ledger) -> list[InboxEntry]:
    return ledger.exchange((), (), 1000)[1]


def _orders(fleet: MemoryFleet, store: str = "acme") -> list[str]:
    return [entry.event.order_id for entry in _inbox(fleet.ledger(store)) if not isinstance(entry.event, Unreadable)]


def _refuse(fleet: MemoryFleet, ids: Iterable[str], store: str = NOBODY) -> list[str]:
    answers = list(_job(fleet, store).resend(ids))
    assert all(isinstance(answer, StillRejected) for answer in answers)
    return [answer.reason for answer in answers if isinstance(answer, StillRejected)]


def test_an_event_that_can_be_read_now_goes_into_its_stores_inbox(fleet: MemoryFleet) -> None:
    """Each into that of the store it names, in the order it was kept; then it is kept no more."""
    ids = _keep(fleet, "acme:1", "brava:2", "acme:3")

    answers = list(_job(fleet).resend(ids))

    assert sorted(answers, key=lambda answer: answer.rejected_id) == [
        Resent(ids[0], "acme", order_id("1")),
        Resent(ids[1], "brava", order_id("2")),
        Resent(ids[2], "acme", order_id("3")),
    ]
    assert _orders(fleet) == [order_id("1"), order_id("3")]
    assert _orders(fleet, "brava") == [order_id("2")]
    assert _kept(fleet) == []


def test_an_event_that_names_no_store_belongs_to_the_one_that_kept_it(fleet: MemoryFleet) -> None:
    """As when it came through that store's door."""
    ids = _keep(fleet, ":1", store="brava")

    assert list(_job(fleet, "brava").resend(ids)) == [Resent(ids[0], "brava", order_id("1"))]


def test_an_event_whose_recording_failed_is_taken_as_it_is(fleet: MemoryFleet) -> None:
    """It was an event of ours already: it needs no reading, and goes back where it came from."""
    ids = _keep(fleet, encode_event(event("1")), store="acme")

    assert list(_job(fleet, "acme").resend(ids)) == [Resent(ids[0], "acme", order_id("1"))]
    assert _orders(fleet) == [order_id("1")]


def test_what_still_cannot_be_read_stays_kept_with_its_reason(fleet: MemoryFleet) -> None:
    """It keeps none of the others from going."""
    ids = _keep(fleet, "rubbish", "acme:1")

    answers = list(_job(fleet).resend(ids))

    assert StillRejected(ids[0], "no event") in answers
    assert Resent(ids[1], "acme", order_id("1")) in answers
    assert _kept(fleet) == ["rubbish"]


@pytest.mark.parametrize(("body", "store"), [("nobody:1", NOBODY), (":1", NOBODY), (":1", "gone")])
def test_an_event_of_a_store_that_is_not_served_stays_kept(fleet: MemoryFleet, body: str, store: str) -> None:
    """Whether nobody ever configured the store or it was taken out: its sentence says what to do."""
    ids = _keep(fleet, body, store=store)

    (reason,) = _refuse(fleet, ids, store)

    assert "is not in the stores file; put it in, or discard this event" in reason
    assert _kept(fleet, store) == [body]


def test_an_id_that_is_not_kept_any_more_is_no_error(fleet: MemoryFleet) -> None:
    """Somebody else has just resent or discarded it: nothing is put anywhere again."""
    ids = _keep(fleet, "acme:1")
    list(_job(fleet).resend(ids))

    assert list(_job(fleet).resend(ids)) == [NotKept(ids[0])]
    assert list(_job(fleet).discard(ids)) == [NotKept(ids[0])]
    assert _orders(fleet) == [order_id("1")]


def test_resending_again_after_a_death_between_the_two_steps_is_harmless(fleet: MemoryFleet) -> None:
    """The event is in the inbox and still kept: it goes in again, and its order is what it was."""
    ids = _keep(fleet, "acme:1")
    ledger = fleet.ledger("acme")
    ledger.append([event("1")])  # and here it died, before the event was forgotten

    assert list(_job(fleet).resend(ids)) == [Resent(ids[0], "acme", order_id("1"))]

    assert _orders(fleet) == [order_id("1")] * 2
    drain_inbox(ledger, POLICY, batch=1, renew_seconds=0, stop=lambda: False)
    order = ledger.load([order_id("1")])[0][order_id("1")].order
    assert (order.status, len(order.invoices)) == (Status.DUE, 1)
    assert sum(entry.event == "invoice.recorded" for entry in order.history) == 1
    assert _kept(fleet) == []


def test_what_is_forgotten_was_in_the_inbox_before(fleet: MemoryFleet) -> None:
    """Who dies while the event is handed in loses nothing: it is still kept."""
    ids = _keep(fleet, "acme:1")
    fleet.ledgers["acme"] = _DeadInbox("acme", fleet.clock, fleet.limits, fleet.lock, fleet.server)

    with pytest.raises(ConnectionError):
        list(_job(fleet).resend(ids))

    assert _kept(fleet) == ["acme:1"]


def test_an_inbox_that_is_away_keeps_no_other_waiting(fleet: MemoryFleet) -> None:
    """What is of no store goes to each inbox that is reached; the others stay kept, and are told of one by one."""
    ids = _keep(fleet, "acme:1", "brava:2")
    fleet.ledgers["acme"] = _DeadInbox("acme", fleet.clock, fleet.limits, fleet.lock, fleet.server)

    away, resent = replace(_job(fleet), away=(ConnectionError,)).resend(ids)

    assert away == StillRejected(ids[0], "the inbox of store acme cannot be reached now; resend it later")
    assert isinstance(resent, Resent)
    assert _kept(fleet) == ["acme:1"]


def test_a_full_inbox_takes_what_fits_and_the_rest_stays_kept() -> None:
    """What went in is forgotten and answered before the inbox is said to be full."""
    fleet = MemoryFleet(limits=Limits(inbox_limit=5))
    ids = _keep(fleet, *(f"acme:{number}" for number in range(8)))
    resent: list[str] = []

    def resend() -> None:
        for answer in _job(fleet).resend(ids):
            assert isinstance(answer, Resent)
            resent.append(answer.rejected_id)

    with pytest.raises(InboxFullError):
        resend()

    assert resent == ids[:5]
    assert _kept(fleet) == [f"acme:{number}" for number in range(5, 8)]
    assert len(_orders(fleet)) == 5


def test_discarding_forgets(fleet: MemoryFleet) -> None:
    """Only what is named, whatever it says."""
    ids = _keep(fleet, "rubbish", "acme:1", "more rubbish")

    assert list(_job(fleet).discard(ids[:1])) == [Forgotten(ids[0])]
    assert _kept(fleet) == ["acme:1", "more rubbish"]


def test_a_dry_run_changes_nothing_and_tells_the_same(fleet: MemoryFleet) -> None:
    """Neither inbox nor what is kept."""
    ids = _keep(fleet, "rubbish", "acme:1")
    dry = _job(fleet, dry_run=True)

    assert list(dry.resend(ids)) == [StillRejected(ids[0], "no event"), Resent(ids[1], "acme", order_id("1"))]
    assert list(dry.discard(ids)) == [Forgotten(ids[0]), Forgotten(ids[1])]

    assert _kept(fleet) == ["rubbish", "acme:1"]
    assert _orders(fleet) == []


def test_many_are_taken_a_chunk_at_a_time(fleet: MemoryFleet) -> None:
    """Ids that end end the work, and what was begun has its answer."""
    ids = _keep(fleet, *(f"acme:{number}" for number in range(250)))
    pulled: list[str] = []

    def some() -> Iterable[str]:
        for each in ids[:150]:
            pulled.append(each)
            yield each

    answers = _job(fleet).resend(some())
    next(answers)

    assert len(pulled) == 100
    assert len(list(answers)) == 149
    assert len(_kept(fleet)) == 100


def test_what_came_through_one_stores_doors_never_reaches_another_store(fleet: MemoryFleet) -> None:
    """Its token opens no other store's doors, not even by an operator's hand."""
    ids = _keep(fleet, "brava:1", store="acme")

    (reason,) = _refuse(fleet, ids, "acme")

    assert "it names store 'brava'; hand it in there" in reason
    assert (_kept(fleet, "acme"), _orders(fleet, "brava")) == (["brava:1"], [])
