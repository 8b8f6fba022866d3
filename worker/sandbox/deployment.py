"""A store whose accounts are in the simulated world: its tables in a stores file, its accounts there, who tells of it.

Where VTEX and Pick and Pack stand under the sandbox's address is written here and nowhere else.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from worker.sandbox.control import SandboxControl
from worker.sandbox.pick_and_pack.bodies import WebhookConfig
from worker.sandbox.vtex.bodies import AFFILIATE, ConnectorConfig, HookConfig

Teller = Literal["connector", "hook", "feed", "webhook"]
SecretKind = Literal[
    "skyhub.api_key",
    "skyhub.accountmanager_key",
    "vtex.app_key",
    "vtex.app_token",
    "pick_and_pack.api_key",
    "ingress.token",
]
"""A secret by its place in the store's tables: table and key."""
_SECRETS: Mapping[str, tuple[SecretKind, ...]] = {
    "skyhub": ("skyhub.api_key", "skyhub.accountmanager_key"),
    "vtex": ("vtex.app_key", "vtex.app_token"),
    "pick_and_pack": ("pick_and_pack.api_key",),
    "ingress": ("ingress.token",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedStore:
    """A store with an account at SkyHub, and with those at VTEX and Pick and Pack that are named; each of its name.

    `doors`: it takes events over HTTP. `tells`: who tells the service of its orders, Pick and Pack by the webhook, VTEX
    by the other three. `require_packed` as in the stores file.
    """

    name: str
    doors: bool = False
    vtex: bool = False
    pick_and_pack: bool = False
    require_packed: bool = False
    tells: frozenset[Teller] = frozenset()

    @property
    def user_email(self) -> str:
        """Its user at SkyHub."""
        return f"ops@{self.name}.example"

    @property
    def secret_kinds(self) -> tuple[SecretKind, ...]:
        """The secrets that its tables name."""
        return tuple(kind for table in self._open_tables("") for kind in _SECRETS[table])

    def tables(self, base_url: str, reference: Callable[[SecretKind], str]) -> str:
        """Return its tables in a stores file, whose calls all go to the sandbox at `base_url`.

        `reference` says where a secret is found: `env:NAME` or `file:PATH`.
        """
        lines = []
        for table, keys in self._open_tables(base_url).items():
            secrets = {kind.partition(".")[2]: reference(kind) for kind in _SECRETS[table]}
            lines.append(f"[stores.{self.name}.{table}]")
            # What JSON writes of a text or a truth value is TOML, too.
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in (keys | secrets).items()]
        return "\n".join([*lines, ""])

    def open_accounts(self, control: SandboxControl, secret: Callable[[SecretKind], str]) -> None:
        """Register its accounts, with these secrets and with the feed if that tells; can be repeated."""
        control.register_account(self.user_email, secret("skyhub.api_key"), secret("skyhub.accountmanager_key"))
        if self.vtex:
            control.vtex.register_account(self.name, secret("vtex.app_key"), secret("vtex.app_token"))
            control.vtex.configure_feed(self.name, configured="feed" in self.tells)
        if self.pick_and_pack:
            control.pick_and_pack.register_account(self.name, secret("pick_and_pack.api_key"))

    def tell(self, control: SandboxControl, web_url: str, token: str) -> None:
        """Have those who tell call the doors at `web_url`, which must answer; what is in the feed is fetched.

        The token travels as their configuration allows: the connector's in the address, as in VTEX's own example.
        """
        bearer = {"Authorization": f"Bearer {token}"}
        if "connector" in self.tells:
            connector = ConnectorConfig(endpoint=f"{web_url}/vtex/{self.name}", query={"token": token})
            control.vtex.configure_connector(self.name, connector)
        if "hook" in self.tells:
            hook = HookConfig(url=f"{web_url}/vtex/{self.name}/hook", headers=bearer)
            control.vtex.configure_hook(self.name, hook)
        if "webhook" in self.tells:
            webhook = WebhookConfig(url=f"{web_url}/pick-and-pack/{self.name}/webhook", headers=bearer)
            control.pick_and_pack.configure_webhook(self.name, webhook)

    def _open_tables(self, base_url: str) -> dict[str, dict[str, str | bool]]:
        tables: dict[str, dict[str, str | bool]] = {"skyhub": {"base_url": base_url, "user_email": self.user_email}}
        if self.vtex:
            feed = "feed" in self.tells
            tables["vtex"] = {"base_url": f"{base_url}/vtex", "affiliate_id": AFFILIATE, "feed": feed}
        if self.pick_and_pack:
            address = f"{base_url}/pick-and-pack"
            tables["pick_and_pack"] = {
                "auth_url": f"{address}/auth",
                "base_url": address,
                "require_packed": self.require_packed,
            }
        if self.doors:
            tables["ingress"] = {}
        return tables
