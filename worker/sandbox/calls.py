"""The calls that the sandbox answers: SkyHub's four, then the OMS's, then Pick and Pack's."""

from typing import Literal

SkyHubCall = Literal["collectables", "confirm", "order", "orders"]
CallName = Literal[SkyHubCall, "oms_order", "feed", "feed_config", "feed_commit", "pnp_token", "pnp_status"]
