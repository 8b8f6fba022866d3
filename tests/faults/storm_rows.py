"""What a storm's rows say."""

from collections.abc import Iterator
from dataclasses import dataclass
from signal import SIGTERM

from tests.faults.outcome import Broken, Row, judged
from tests.faults.storm_hunt import Hunt
from tests.faults.storm_plans import LAG_SECONDS, Lane, Plan
from tests.fixtures.running_parts import GRACE_SECONDS
from worker.sandbox.report import Report


@dataclass(frozen=True, slots=True)
class Lost:
    """What the broker lost: messages, and the invoices that came in no other one."""

    messages: int = 0
    invoices: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What was seen: seconds from the last strike until all was settled, losses, SkyHub's own faults."""

    recovery: float
    lost: Lost
    troubles: int


def row(plan: Plan, lane: Lane, hunt: Hunt, report: Report, told: Told) -> Row:
    """Say what the storm did to the orders that came through one door."""
    return Row(
        part=plan.part,
        failure=f"{plan.strikes} {plan.signal.name}s, {lane.means}",
        how=(
            f"2 workers, beat and web; about every {plan.pace:g} s a random one gets {plan.signal.name} and is started"
            f" again; {len(lane.work.events):,} events of {len(lane.stores)} stores handed in meanwhile"
        ),
        orders=len(lane.work.sales),
        landed=hunt.landed.total(),
        requesting=sum(store in lane.stores for store, _ in hunt.requesting),
        broken=judged(report, lane.work.finished, incomplete=lane.work.incomplete) + _broken_by(plan, told),
        recovery=told.recovery,
        note="; ".join(_said(plan, lane, hunt, told)) + ".",
    )


def _broken_by(plan: Plan, told: Told) -> Broken:
    """Return what counts as lost though it was sent again: a message that RabbitMQ had confirmed."""
    return Broken(lost=told.lost.invoices) if plan.broker is not None else Broken()


def _said(plan: Plan, lane: Lane, hunt: Hunt, told: Told) -> Iterator[str]:
    yield "struck: " + ", ".join(f"{count} {kind}" for kind, count in sorted(hunt.landed.items()))
    yield f"{told.troubles} faults of SkyHub's own met a call meanwhile, its lists lag by {LAG_SECONDS:g} s"
    work = lane.work
    correios = sum(sale.carrier == "correios" for sale in work.sales)
    yield f"{len(work.incomplete)} orders never got one of their invoices, {correios} ship by Correios"
    if plan.signal is SIGTERM:
        yield f"longest stop {max(hunt.stops):.1f} s, none over {GRACE_SECONDS:g} s"
    if lane.door_name == "http":
        yield f"{lane.door.again} posts had no answer 202 and were sent again"
    else:
        yield (
            f"{told.lost.messages} of {len(work.events):,} messages were lost on the broker's way to a worker, and with"
            f" them {told.lost.invoices} invoices that no other message brought: their producer sent these again, and"
            " the columns say what came of it"
        )
    if lane.door_name == "celery" and plan.broker is None:
        yield "what a struck worker had in hand came back at once, not after the 5 min of the visibility timeout"
    proof = " and for the proof that messages are lost" if told.lost.messages else ""
    yield f"recovery includes the time for what had piled up{proof}"
    if hunt.unasked:
        yield f"{len(hunt.unasked)} processes ended unasked"
