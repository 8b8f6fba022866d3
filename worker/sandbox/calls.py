"""The four calls of SkyHub that the sandbox answers."""

from typing import Literal

CallName = Literal["collectables", "confirm", "order", "orders"]
