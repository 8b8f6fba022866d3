"""From where a request comes, and over what: what proxies say counts only if they are named in the settings."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

from config.proxies import Network

_Address = IPv4Address | IPv6Address
# One household or server has so much of IPv6 to itself: its addresses are one.
_IPV6_PREFIX = 64


def client_address(request: Request, proxies: Sequence[Network]) -> str:
    """Return the address of who asks, an IPv6 one as its network; "" where the server does not know it.

    The proxies that are believed each wrote down, at the end of `X-Forwarded-For`, who asked them. What stands left of
    the first that is no such proxy, anybody may have written.
    """
    seen = _read(request.client.host) if request.client is not None else None
    for said in _forwarded(request):
        before = _read(said)
        if seen is None or before is None or not _believed(seen, proxies):
            break
        seen = before
    if isinstance(seen, IPv6Address):
        return str(ip_network((seen, _IPV6_PREFIX), strict=False))
    return str(seen or "")


def came_by_https(request: Request, proxies: Sequence[Network]) -> bool:
    """Whether the browser asked over HTTPS: as the server sees it, or a proxy that is believed says."""
    if request.url.scheme == "https":
        return True
    peer = _read(request.client.host) if request.client is not None else None
    said = ",".join(request.headers.getlist("x-forwarded-proto")).rpartition(",")[2].strip().lower()
    return said == "https" and peer is not None and _believed(peer, proxies)


def _forwarded(request: Request) -> Iterator[str]:
    """Yield what the proxies wrote, the nearest one's first."""
    yield from reversed(",".join(request.headers.getlist("x-forwarded-for")).split(","))


def _believed(address: _Address, proxies: Sequence[Network]) -> bool:
    return any(address in network for network in proxies)


def _read(text: str) -> _Address | None:
    """Read an address, with a port or without: some proxies write one."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
