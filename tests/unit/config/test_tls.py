"""Checking certificates cannot be turned off, not even by a word that means something else somewhere."""

import ssl
from pathlib import Path

import pytest

from config import tls
from config.celeryconfig import celery_settings
from config.settings import SettingsError, load_settings
from tests.fixtures.certificates import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give an authority and a certificate of it."""
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


def _refused(name: str, url: str) -> str:
    with pytest.raises(SettingsError) as error:
        celery_settings(load_settings({"COLETA_REDIS_URL": "redis://redis/0", f"COLETA_{name}": url}))
    (problem,) = error.value.problems
    assert problem.startswith(f"COLETA_{name} is ")
    assert "hunter2" not in problem
    return problem


@pytest.mark.parametrize("name", ["REDIS_URL", "BROKER_URL"])
@pytest.mark.parametrize(
    "options",
    [
        "ssl_cert_reqs=none",
        "ssl_cert_reqs=optional",
        "ssl_cert_reqs=CERT_NONE",
        "ssl_cert_reqs=",
        "ssl%5Fcert%5Freqs=none",
        "ssl_cert_reqs=none&ssl_cert_reqs=required",
        "ssl_cert_reqs=required&ssl_cert_reqs=required",
        "ssl_check_hostname=false",
        "ssl_check_hostname=0",
        "ssl_check_hostname=no",
        "ssl_check_hostname=",
        "ssl_ciphers=ALL:@SECLEVEL=0",
        "ssl_min_version=0",
        "ssl_exclude_verify_flags=VERIFY_X509_STRICT",
        "SSL_CERT_REQS=none",
        "ssl=false",
        "verify=verify_none",
    ],
)
def test_nothing_in_an_address_turns_the_check_off(name: str, options: str) -> None:
    """Whatever would, and whatever nobody here knows: the sentence says what to do instead."""
    problem = _refused(name, f"rediss://:hunter2@redis/1?{options}")

    assert "leave" in problem


@pytest.mark.parametrize("options", ["ssl=false", "verify=verify_none", "ssl_cert_reqs=none", "ssl_ca_path=/hunter2"])
def test_nothing_in_rabbitmqs_address_turns_the_check_off(options: str) -> None:
    """The options that RabbitMQ's own clients know are no more taken than Redis's."""
    assert "?ssl_ca_certs=" in _refused("BROKER_URL", f"amqps://user:hunter2@rabbit?{options}")


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("redis://redis/1?ssl_ca_certs=/ca.pem", "begin it with rediss://"),
        ("amqp://rabbit?ssl_ca_certs=/ca.pem", "begin it with amqps://"),
        ("sentinel://one/1?master_name=main&ssl_ca_certs=/ca.pem", "begin it with sentinels://"),
        ("redis://one/1;rediss://two/1", "all begin alike"),
        ("rediss://one/1;redis://two/1", "all begin alike"),
        ("amqp://one;amqps://two", "all begin alike"),
        ("rediss://one/1;rediss://two/1?ssl_cert_reqs=required", "the same ssl_ options"),
        ("amqps://one;amqps://two", "behind one name"),
        ("amqps://rabbit?transport=memory", "its option transport is not taken"),
    ],
)
def test_a_broker_that_would_be_spoken_to_in_the_clear_is_refused(url: str, mend: str) -> None:
    """Options of TLS where there is none, and addresses of which one has none: somebody thinks there is."""
    assert mend in _refused("BROKER_URL", url)


def test_addresses_of_one_rabbitmq_on_two_ports_are_one_name() -> None:
    """The name is what the certificate must bear."""
    assert tls.differences(["amqps://rabbit:5671", "amqps://rabbit:5672"]) is None


def test_what_holds_anyhow_may_be_said() -> None:
    """Addresses that ask for the check were right before, and stay so."""
    url = "rediss://redis/0?ssl_cert_reqs=required&ssl_check_hostname=true"

    assert load_settings({"COLETA_REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
def test_an_authority_and_a_certificate_of_ones_own_are_named_in_the_address(authority: Authority, scheme: str) -> None:
    """The same three names for Redis and for RabbitMQ; the library gets them as its own."""
    files = {"ca_certs": authority.own.file, "certfile": authority.server.file, "keyfile": authority.server.key}
    url = f"{scheme}://host:7000/1?" + "&".join(f"ssl_{name}={path}" for name, path in files.items())
    settings = celery_settings(load_settings({"COLETA_BROKER_URL": url}))

    prefix = "ssl_" if scheme == "rediss" else ""
    always = (
        {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
        if scheme == "rediss"
        else {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "host"}
    )
    assert settings["broker_use_ssl"] == {f"{prefix}{name}": str(path) for name, path in files.items()} | always
    assert settings["broker_url"] == f"{scheme}://host:7000/1"


def test_files_that_cannot_be_used_are_refused_at_the_start(authority: Authority, tmp_path: Path) -> None:
    """Each connection would fail, and say less."""
    for missing in (tmp_path / "missing.pem", tmp_path, authority.own.key):
        assert "ssl_ca_certs must name a file" in _refused("REDIS_URL", f"rediss://redis/0?ssl_ca_certs={missing}")
    own = f"rediss://redis/0?ssl_certfile={authority.server.file}&ssl_keyfile={authority.own.key}"
    assert "must name a certificate and its key" in _refused("REDIS_URL", own)


def test_options_that_have_nothing_to_do_with_tls_stay(authority: Authority) -> None:
    """They are the library's own."""
    url = f"amqps://rabbit//?ssl_ca_certs={authority.own.file}&heartbeat=10"

    assert tls.without_options(url) == "amqps://rabbit//?heartbeat=10"
    assert tls.without_options("amqp://rabbit//?heartbeat=10") == "amqp://rabbit//?heartbeat=10"
    assert tls.broker_options("redis://redis/1") is None
