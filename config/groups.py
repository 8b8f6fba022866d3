"""Addresses that name several servers at once, with `;` between them: Sentinels, or nodes of a Redis Cluster.

Each may have a user, a password and a database, the same in all; options stand once, at the end of any of them.
"""

from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

SENTINEL_SCHEMES = ("sentinel", "sentinels")  # the second with TLS, to the Sentinels and to the servers
CLUSTER_SCHEMES = ("redis+cluster", "rediss+cluster")

_GROUP = "master_name"
# What the Sentinels themselves ask for; user and password of the address are the servers'.
_CREDENTIALS = {"sentinel_username": "username", "sentinel_password": "password"}


def is_sentinel(url: str) -> bool:
    """Return whether Sentinels are asked where the server is."""
    return urlsplit(url).scheme in SENTINEL_SCHEMES


def is_cluster(url: str) -> bool:
    """Return whether it names nodes of a Redis Cluster."""
    return urlsplit(url).scheme in CLUSTER_SCHEMES


def options(url: str) -> dict[str, str]:
    """Return the options of all its addresses."""
    return dict(_options(url))


def sentinel_group(url: str) -> str:
    """Return the name under which the Sentinels watch the server, empty where none is named."""
    return options(url).get(_GROUP, "")


def sentinel_credentials(url: str) -> dict[str, str]:
    """Return what the Sentinels themselves ask for, by redis-py's names."""
    return {_CREDENTIALS[name]: value for name, value in _options(url) if name in _CREDENTIALS}


def problem(url: str) -> str | None:
    """Return what is wrong with several addresses together, without a password; None where they are sound."""
    addresses = _addresses(url)
    sentinel = addresses[0].scheme in SENTINEL_SCHEMES
    if len({(each.scheme, _login(each), each.path.strip("/")) for each in addresses}) > 1:
        return "its addresses must all begin alike, with the same user and password, and end with the same database"
    if not sentinel and addresses[0].path.strip("/") not in {"", "0"}:
        return "a Redis Cluster has one database; leave the number out"
    known = {_GROUP, *_CREDENTIALS} if sentinel else set()
    names = [name for name, _ in _options(url)]
    unknown = [name for name in names if not name.startswith("ssl_") and name not in known]
    if unknown:
        return f"its option {unknown[0]} is not taken; leave it out"
    if len(names) > len(set(names)):
        return "it has an option twice; name each once, at the end of one address"
    if sentinel and not sentinel_group(url):
        return "Sentinel needs a group; end it with ?master_name=NAME, as `sentinel monitor NAME` has it"
    return None


def with_database(url: str, number: int) -> str:
    """Return the same address with another database."""
    return ";".join(urlunsplit(each._replace(path=f"/{number}")) for each in _addresses(url))


def same_group(one: str, other: str) -> bool:
    """Return whether two addresses by Sentinel lead to the same server: one Sentinel is in both."""
    in_both = {_place(each) for each in _addresses(one)} & {_place(each) for each in _addresses(other)}
    return bool(in_both) and sentinel_group(one) == sentinel_group(other)


def _addresses(url: str) -> list[SplitResult]:
    return [urlsplit(address) for address in url.split(";")]


def _options(url: str) -> list[tuple[str, str]]:
    return [pair for each in _addresses(url) for pair in parse_qsl(each.query, keep_blank_values=True)]


def _login(address: SplitResult) -> str:
    return address.netloc.rpartition("@")[0]


def _place(address: SplitResult) -> tuple[str | None, int]:
    return address.hostname, address.port or 26379
