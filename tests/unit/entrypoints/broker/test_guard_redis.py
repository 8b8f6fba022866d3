import pytest
from kombu import Connection
from kombu import transport as kombu_transport
from kombu.transport import get_transport_cls

from worker.entrypoints.broker import guard_redis
from worker.entrypoints.broker.redis_transport import Channel, SentinelChannel, SentinelTransport, Transport


@pytest.fixture(autouse=True)
def _as_in_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kombu have looked nothing up yet, and forget in the end what it was told."""
    monkeypatch.setattr(kombu_transport, "_transport_cache", {})
    for scheme in ("redis", "rediss", "sentinel"):
        monkeypatch.setitem(kombu_transport.TRANSPORT_ALIASES, scheme, kombu_transport.TRANSPORT_ALIASES[scheme])


@pytest.mark.parametrize(
    ("address", "transport"),
    [
        ("redis://host:1/0", Transport),
        ("rediss://host:1/0", Transport),
        ("sentinel://one:1/0;sentinel://other:1/0", SentinelTransport),
    ],
)
def test_every_redis_address_leads_to_our_transport(address: str, transport: type) -> None:
    """Also after a connection has moved on to the next server."""
    guard_redis()
    connection = Connection(address, ssl={"ssl_cert_reqs": "required"})
    first = get_transport_cls(connection.transport_cls)
    connection.maybe_switch_next()

    assert first is transport
    assert get_transport_cls(connection.transport_cls) is transport
    assert get_transport_cls("amqp").__module__.startswith("kombu.")


def test_behind_sentinel_a_channel_still_asks_it() -> None:
    """It is a channel of ours, and one of kombu's that finds its server through Sentinel."""
    assert issubclass(SentinelChannel, Channel)
    assert SentinelChannel._get_pool.__qualname__.startswith("SentinelChannel")
    assert SentinelTransport.default_port == 26379
