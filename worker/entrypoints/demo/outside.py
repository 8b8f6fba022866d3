"""The simulated services as the demo sets them up: accounts, who is told of what happens there, and the orders."""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from worker.entrypoints.demo.stores import VTEX_STORES, account, secret
from worker.entrypoints.demo.stories import Story
from worker.sandbox.control import SandboxControl
from worker.sandbox.pick_and_pack.bodies import WebhookConfig
from worker.sandbox.vtex.bodies import ConnectorConfig, HookConfig


def open_accounts(control: SandboxControl, stores: Iterable[str]) -> None:
    """Give each store its accounts, with the feeds: a service that finds none asks again only after a minute."""
    for store in stores:
        credentials, key = account(store), secret(store)
        control.register_account(credentials.user_email, credentials.api_key, credentials.accountmanager_key)
        vtex = VTEX_STORES.get(store)
        if vtex is not None:
            control.vtex.register_account(store, app_key=key, app_token=key)
            control.vtex.configure_feed(store, configured="feed" in vtex.tells_by)
            if vtex.has_pick_and_pack:
                control.pick_and_pack.register_account(store, api_key=key)


def tell_of_news(control: SandboxControl, stores: Iterable[str], web_url: str) -> None:
    """Let VTEX and Pick and Pack tell the doors at `web_url`, each by the ways that its store has.

    The token travels in a header or in the address, as their configuration allows.
    """
    for store in stores:
        vtex, token = VTEX_STORES.get(store), secret(store)
        bearer = {"Authorization": f"Bearer {token}"}
        for way in sorted(vtex.tells_by) if vtex is not None else ():
            match way:
                case "connector":
                    connector = ConnectorConfig(endpoint=f"{web_url}/vtex/{store}", query={"token": token})
                    control.vtex.configure_connector(store, connector)
                case "hook":
                    hook = HookConfig(url=f"{web_url}/vtex/{store}/hook", headers=bearer)
                    control.vtex.configure_hook(store, hook)
                case "feed":
                    pass  # the service fetches it
                case "webhook":
                    webhook = WebhookConfig(url=f"{web_url}/pick-and-pack/{store}/webhook", headers=bearer)
                    control.pick_and_pack.configure_webhook(store, webhook)
                case _:
                    assert_never(way)


def sell(control: SandboxControl, stories: Iterable[Story]) -> None:
    """Let the simulated services know the orders, and what goes wrong with them."""
    for story in stories:
        user, vtex = account(story.store).user_email, VTEX_STORES.get(story.store)
        if vtex is None:
            control.register_orders(user, [replace(story.sale.at_skyhub(), requested=story.in_panel)])
        else:
            picking = story.store if vtex.has_pick_and_pack else None
            control.register_sales([story.sale], skyhub=user, vtex=story.store, pick_and_pack=picking)
        if story.fault is not None:
            control.fault(replace(story.fault, code=story.code))


def not_taken(control: SandboxControl, stores: Iterable[str]) -> dict[str, int]:
    """Return how many messages to the doors were not taken, by store; events that nobody took out of the feed count."""
    reports = {store: control.report(store) for store in stores if store in VTEX_STORES}
    return {
        store: report.under_way
        + report.feed_waiting
        + sum(door.get("dropped", 0) for door in report.deliveries.values())
        for store, report in reports.items()
    }
