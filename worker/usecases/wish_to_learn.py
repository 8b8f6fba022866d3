"""Somebody wishes that an order is learned: from SkyHub, or from the OMS that knows more of it."""

from worker.domain.events import Announcer, OrderAnnounced
from worker.domain.policy import Policy
from worker.domain.wishes import is_skyhubs_to_tell, learn_now
from worker.ports import Change, Drain, Ledger, Stored
from worker.usecases.record_invoices import record_now


def wish_to_learn(ledger: Ledger, policy: Policy, known: Stored | None, name: str) -> Drain:
    """Let an order be learned, one that is not known be opened under `name`; returns the drain that learns it."""
    if known is not None and is_skyhubs_to_tell(known.order, policy):
        wishing = learn_now(known.order)
        if wishing is not known.order:  # whoever changes it meanwhile has it evaluated anyway
            ledger.save([Change(order=wishing, version=known.version)])
        return Drain.LEARN
    name = known.order.order_id if known is not None else name
    record_now(ledger, policy, OrderAnnounced(order_id=name, occurred_at=ledger.now(), by=Announcer.CALLER), "")
    return Drain.REREAD if policy.oms else Drain.LEARN
