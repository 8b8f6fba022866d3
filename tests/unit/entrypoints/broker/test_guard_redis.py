import pytest
from kombu import Connection
from kombu import transport as kombu_transport
from kombu.transport import get_transport_cls
from redis.sentinel import Sentinel

from worker.entrypoints.broker import guard_redis
from worker.entrypoints.broker.redis_transport import SentinelTransport, Transport


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


def test_behind_sentinel_a_channel_asks_it_for_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of the group; the address is Sentinel's own, and no broker."""
    asked: list[str] = []

    def discover(_: Sentinel, group: str) -> None:
        asked.append(group)
        raise LookupError

    monkeypatch.setattr(Sentinel, "discover_master", discover)
    guard_redis()
    with Connection("sentinel://host:1/0", transport_options={"master_name": "main"}) as connection:
        with pytest.raises(LookupError):
            connection.channel()
        assert isinstance(connection.transport, Transport)
    assert set(asked) == {"main"}
