"""The proxies that are believed when they say for whom they ask."""

import pytest

from config.settings import SettingsError, load_settings


def test_proxies_are_addresses_or_networks_with_commas_between() -> None:
    """Of both kinds of addresses; nobody is believed by default."""
    named = load_settings({"COLETA_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,fd00::/8"})

    assert list(map(str, named.proxies)) == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]
    assert load_settings({}).proxies == ()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("proxy.example", "'proxy.example' is no address and no network; name proxies like 127.0.0.1"),
        ("10.0.0.1/8", "is no address and no network"),
        ("127.0.0.1,", "'' is no address"),
        ("0.0.0.0/0", "'0.0.0.0/0' is everybody; whoever is believed can pass for any address"),
        ("::/0", "is everybody"),
    ],
)
def test_what_is_no_proxy_stops_the_start(wrong: str, why: str) -> None:
    """With a sentence that says how to mend it."""
    with pytest.raises(SettingsError, match=r"^COLETA_TRUSTED_PROXIES is ") as error:
        load_settings({"COLETA_TRUSTED_PROXIES": wrong})
    assert why in str(error.value)
    assert "leave it unset" not in str(error.value)
