"""The simulated Pick and Pack: accounts, tokens, orders, and the webhook that tells of their statuses."""

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import httpx

from worker.sandbox.deliveries import Deliveries, Message, with_query
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, PickAndPackKeys, PickingChange, WebhookConfig
from worker.sandbox.refusals import UnknownError, require_new

TokenState = Literal["unknown", "expired", "good"]


@dataclass
class PickingAccount:
    """An account with its orders and its tokens, each with the time of its issue."""

    keys: PickAndPackKeys
    orders: dict[str, NewPickingOrder] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    webhook: WebhookConfig | None = None


class PickAndPack:
    """Every change of a status goes through here, so that the webhook learns of it."""

    def __init__(self, clock: Callable[[], float], deliveries: Deliveries) -> None:
        self._clock = clock
        self._deliveries = deliveries
        self.reset()

    def reset(self) -> None:
        """Forget all accounts."""
        self.accounts: dict[str, PickingAccount] = {}

    def register_account(self, keys: PickAndPackKeys) -> int:
        """Add an account, or give a known one a new key; return how many there are."""
        self.accounts.setdefault(keys.account, PickingAccount(keys)).keys = keys
        return len(self.accounts)

    def account(self, name: str) -> PickingAccount:
        """Return a registered account.

        Raises `UnknownError`.
        """
        if name not in self.accounts:
            raise UnknownError(f"no Pick and Pack account {name}")
        return self.accounts[name]

    def register(self, name: str, new_orders: Sequence[NewPickingOrder]) -> None:
        """Add orders, all or none; nobody is told.

        Raises `ConflictError` and `UnknownError`.
        """
        self.require_new(name, [new.order_id for new in new_orders])
        self.accounts[name].orders.update({new.order_id: new for new in new_orders})

    def require_new(self, name: str, order_ids: Sequence[str]) -> None:
        """Raise `ConflictError` if one of these orders is known, or comes twice."""
        require_new(self.account(name).orders, order_ids)

    def change(self, name: str, order_ids: Sequence[str], change: PickingChange) -> None:
        """Change orders, all or none.

        Raises `UnknownError`.
        """
        account = self.account(name)
        for order_id in order_ids:
            if order_id not in account.orders:
                raise UnknownError(f"no order {order_id} in Pick and Pack account {name}")
        for order_id in order_ids:
            before = account.orders[order_id]
            account.orders[order_id] = after = replace(
                before,
                status=before.status if change.status is None else change.status,
                picked=before.picked if change.picked is None else change.picked,
                picked_items=change.picked_items or before.picked_items,
                shipping=change.shipping or before.shipping,
            )
            if account.webhook and change.status is not None and change.notify:
                self._deliveries.send(webhook_call(account.keys.account, account.webhook, before, after))

    def configure_webhook(self, name: str, webhook: WebhookConfig | None) -> None:
        """Say where an account's statuses are sent; none: nowhere."""
        self.account(name).webhook = webhook

    def issue_token(self, account: PickingAccount) -> str:
        """Return a new token; it looks like a JWT, but its parts are not meant to be read."""
        now = self._clock()
        header = _part({"alg": "HS256", "typ": "JWT"})
        # The announcement's own token is malformed too: no padding, and times of nobody's clock.
        claims = _part({"hostname": account.keys.account, "iat": round(now)})
        token = f"{header}.{claims}.{secrets.token_urlsafe(32)}"
        account.tokens[token] = now
        return token

    def expire_tokens(self, name: str) -> int:
        """Let all tokens of an account expire now; return how many it has."""
        account = self.account(name)
        account.tokens = dict.fromkeys(account.tokens, float("-inf"))
        return len(account.tokens)

    def find_token(self, token: str, life_seconds: float) -> tuple[PickingAccount | None, TokenState]:
        """Return whose token it is, and what it is worth now."""
        for account in self.accounts.values():
            if (issued_at := account.tokens.get(token)) is not None:
                return account, "good" if self._clock() < issued_at + life_seconds else "expired"
        return None, "unknown"


def webhook_call(account: str, webhook: WebhookConfig, before: NewPickingOrder, after: NewPickingOrder) -> Message:
    """Return the call that tells of a status, with one field more than the announcement names."""
    return Message(
        door="webhook",
        account=account,
        url=with_query(webhook.url, webhook.query),
        body={
            "orderId": after.order_id,
            "oldStatus": before.status,
            "newStatus": after.status,
            "hostname": account,
            "source": "sandbox",
        },
        headers=dict(webhook.headers),
        accepts=is_success,
    )


def is_success(answer: httpx.Response) -> bool:
    """Accept any 2xx: what the webhook's answer should be is not documented."""
    return answer.is_success


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
