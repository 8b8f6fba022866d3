"""The simulated services as the demo uses them: the orders they get to know, and the messages that nobody took."""

from collections.abc import Iterable
from dataclasses import replace

from worker.entrypoints.demo.stores import simulated
from worker.entrypoints.demo.stories import Story
from worker.sandbox.control import SandboxControl


def sell(control: SandboxControl, stories: Iterable[Story]) -> None:
    """Let the simulated services know the orders, and what goes wrong with them."""
    for story in stories:
        store = simulated(story.store)
        if not store.vtex:
            control.register_orders(store.user_email, [replace(story.sale.at_skyhub(), requested=story.in_panel)])
        else:
            picking = store.name if store.pick_and_pack else None
            control.register_sales([story.sale], skyhub=store.user_email, vtex=store.name, pick_and_pack=picking)
        if story.fault is not None:
            control.fault(replace(story.fault, code=story.code))


def not_taken(control: SandboxControl, stores: Iterable[str]) -> dict[str, int]:
    """Return how many messages to the doors were not taken, by store; events that nobody took out of the feed count."""
    reports = {store: control.report(store) for store in stores if simulated(store).vtex}
    return {
        store: report.under_way
        + report.feed_waiting
        + sum(door.get("dropped", 0) for door in report.deliveries.values())
        for store, report in reports.items()
    }
