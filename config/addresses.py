"""Whether an address can be the state's or the broker's: its form, its options, its TLS, and several together."""

from config import groups, tls, urls

_NOT_ON_A_CLUSTER = (
    "messages cannot be on a Redis Cluster (its transport needs several keys at once);"
    " name a server of its own, one behind Sentinel, or RabbitMQ"
)


def state_problem(url: str) -> str | None:
    """Return why the state cannot be there, in words that never repeat a password; None where it can."""
    if urls.scheme(url) not in (*groups.SENTINEL_SCHEMES, *groups.CLUSTER_SCHEMES):
        return _one(url, urls.STATE_SCHEMES) or urls.options_problem(url)
    return _each(url, urls.STATE_SCHEMES) or groups.problem(url)


def broker_problem(url: str) -> str | None:
    """Return why messages cannot go there, in words that never repeat a password; None where they can."""
    if groups.is_cluster(url):
        return _NOT_ON_A_CLUSTER
    return (
        _each(url, urls.BROKER_SCHEMES)
        or tls.differences(url.split(";"))
        or (groups.problem(url) if groups.is_sentinel(url) else None)
    )


def _each(url: str, schemes: tuple[str, ...]) -> str | None:
    return next(filter(None, (_one(address, schemes) for address in url.split(";"))), None)


def _one(address: str, schemes: tuple[str, ...]) -> str | None:
    return urls.problem(address, schemes) or tls.problem(address)
