"""Addresses of Sentinels and of a cluster: what they name, and which are refused."""

import ssl
from typing import Any

import pytest

from config import groups, urls
from config.celeryconfig import celery_settings
from config.settings import SettingsError, load_settings
from config.urls import same_database

_TWO = "sentinel://u:hunter2@one:26379/0;sentinel://u:hunter2@two:26379/0?master_name=main"
_CLUSTER = "redis+cluster://u:hunter2@one:7000;redis+cluster://u:hunter2@two:7000"


def _refused(**variables: str) -> str:
    with pytest.raises(SettingsError) as error:
        load_settings({f"COLETA_{name}": value for name, value in variables.items()})
    (problem,) = error.value.problems
    assert "hunter2" not in problem
    return problem


def _celery(url: str) -> dict[str, Any]:
    return celery_settings(load_settings({"COLETA_REDIS_URL": url}))


def test_messages_go_to_the_next_database_of_the_same_group() -> None:
    """One address is enough, as for a single server."""
    settings = load_settings({"COLETA_REDIS_URL": _TWO})

    assert settings.broker_url == _TWO.replace("/0", "/1")


@pytest.mark.parametrize("name", ["REDIS_URL", "BROKER_URL"])
@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("sentinel://:hunter2@one/0", "end it with ?master_name=NAME"),
        ("sentinel://:hunter2@one/0;sentinel://two/0?master_name=main", "the same user and password"),
        ("sentinel://one/0;sentinel://two/1?master_name=main", "the same database"),
        ("sentinel://one/0;redis://two/0?master_name=main", "must all begin alike"),
        ("sentinel://one/0;?master_name=main", "it must begin with"),
        ("sentinel://one/zero?master_name=main", "is not a number"),
        ("sentinel://one/0?master_name=main&socket_timeout=1", "its option socket_timeout is not taken"),
        ("sentinel://one/0?master_name=main;sentinel://two/0?master_name=other", "an option twice"),
        ("sentinel://one/0?master_name=main&ssl_cert_reqs=none", "begin it with sentinels://"),
        ("sentinels://one/0?master_name=main&ssl_cert_reqs=none", "are always checked"),
        ("sentinels://one/0?master_name=main&ssl_ca_certs=/missing.pem", "must name a file with certificates"),
        ("sentinel:///0?master_name=main", "it must name a host and a port"),
    ],
)
def test_an_address_by_sentinel_that_cannot_work_is_refused(name: str, url: str, mend: str) -> None:
    """For state and messages alike."""
    assert mend in _refused(**{"REDIS_URL": "redis://redis/0", name: url})


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("redis+cluster://:hunter2@one:7000/1", "a Redis Cluster has one database"),
        ("redis+cluster://one;rediss+cluster://two", "must all begin alike"),
        ("redis+cluster://one?master_name=main", "its option master_name is not taken"),
        ("redis+cluster://one?ssl_ca_certs=/ca.pem", "begin it with rediss+cluster://"),
    ],
)
def test_an_address_of_a_cluster_that_cannot_work_is_refused(url: str, mend: str) -> None:
    """It knows no databases, no group, and no TLS without saying so."""
    assert mend in _refused(REDIS_URL=url, BROKER_URL="amqp://rabbit")


def test_a_cluster_cannot_carry_messages() -> None:
    """Neither named as the broker, nor where no broker is named."""
    assert "messages cannot be on a Redis Cluster" in _refused(REDIS_URL="redis://redis/0", BROKER_URL=_CLUSTER)
    assert "set COLETA_BROKER_URL to a server of its own" in _refused(REDIS_URL=_CLUSTER)
    assert load_settings({"COLETA_REDIS_URL": _CLUSTER, "COLETA_BROKER_URL": "redis://one/0"}).redis_url == _CLUSTER


def test_state_and_messages_of_one_group_need_two_databases() -> None:
    """Whichever Sentinels are named; another group is another server, and so is one that no Sentinel watches."""
    assert "must not share a database" in _refused(REDIS_URL=_TWO, BROKER_URL="sentinel://two?master_name=main")
    assert not same_database(_TWO, "sentinel://two:26379/0?master_name=other")
    assert not same_database(_TWO, "sentinel://three:26379/0?master_name=main")
    assert not same_database(_TWO, "redis://one:26379/0")


def test_celery_is_told_how_to_ask_the_sentinels() -> None:
    """Their own user and password, the servers' in the address, TLS to both."""
    url = "sentinels://u:p@one/1;sentinels://u:p@two/1?master_name=main&sentinel_username=s&sentinel_password=q"
    settings = celery_settings(load_settings({"COLETA_BROKER_URL": url}))
    options: Any = settings["broker_transport_options"]

    assert settings["broker_url"] == "sentinel://u:p@one/1;sentinel://u:p@two/1"
    assert settings["broker_use_ssl"] == {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    assert options["master_name"] == "main"
    told = {name: options["sentinel_kwargs"][name] for name in ("username", "password", "ssl", "ssl_check_hostname")}
    assert told == {"username": "s", "password": "q", "ssl": True, "ssl_check_hostname": True}
    assert "ssl" not in _celery(_TWO)["broker_transport_options"]["sentinel_kwargs"]


def test_no_password_is_shown() -> None:
    """Not the servers', and not the Sentinels'."""
    shown = urls.redis_named(f"{_TWO}&sentinel_password=hunter3")

    assert "hunter" not in shown
    assert groups.sentinel_group(_TWO) == "main"
