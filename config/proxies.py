"""Proxies that are believed when they say for whom they ask, and over what: their addresses or networks."""

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def read_proxies(text: str) -> tuple[Network, ...]:
    """Return the networks that a list names, with commas between them; raises `ValueError`, a sentence."""
    return tuple(_network(part.strip()) for part in text.split(",")) if text.strip() else ()


def _network(text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError:
        msg = f"{text!r} is no address and no network; name proxies like 127.0.0.1 or 10.0.0.0/8, with commas between"
        raise ValueError(msg) from None
    if network.prefixlen == 0:
        msg = f"{text!r} is everybody; whoever is believed can pass for any address: name your proxies alone"
        raise ValueError(msg)
    return network
